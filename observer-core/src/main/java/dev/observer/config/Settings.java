package dev.observer.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One value for each key that has one: builder over environment over file over default. A text that
 * cannot be parsed becomes a problem, and the default stands in so that the rest can be checked. A
 * blank text in the environment or the file counts as not set.
 */
final class Settings {

  private final Map<ConfigKey, Object> values = new EnumMap<>(ConfigKey.class);
  private final Map<ConfigKey, String> origins = new EnumMap<>(ConfigKey.class);
  private final Map<ConfigKey, ConfigProblem> unparsable = new EnumMap<>(ConfigKey.class);
  private final List<ConfigProblem> unknown = new ArrayList<>();

  /**
   * Merges the sources.
   *
   * @param built values, or texts to parse
   * @param file null: the one that the environment names, if it does
   */
  Settings(Map<ConfigKey, Object> built, Map<String, String> variables, @Nullable Path file) {
    String named = variables.getOrDefault(EnvironmentNames.FILE, "").strip();
    Path path = file != null || named.isEmpty() ? file : Path.of(named);
    ConfigFile content =
        path == null
            ? ConfigFile.NONE
            : ConfigFile.read(
                path, file != null ? "builder" : "environment variable " + EnvironmentNames.FILE);
    for (ConfigKey key : ConfigKey.values()) {
      String variable = EnvironmentNames.value(variables, key);
      String entry = content.entries().getOrDefault(key.property(), "").strip();
      Object value = built.get(key);
      if (value != null) {
        set(key, value, "builder");
      } else if (!variable.isEmpty()) {
        set(key, variable, "environment variable " + key.environmentVariable());
      } else if (path != null && !entry.isEmpty()) {
        set(key, entry, ConfigFile.origin(path));
      } else {
        setDefault(key, variables);
      }
    }
    unknown.addAll(EnvironmentNames.unknown(variables));
    unknown.addAll(content.problems());
  }

  private void set(ConfigKey key, Object given, String origin) {
    try {
      values.put(key, given instanceof String text ? key.type().parse(text) : given);
      origins.put(key, origin);
    } catch (RuntimeException e) {
      unparsable.put(
          key,
          new ConfigProblem(key.property(), key.shown(given), origin, ConfigCheck.allowed(key)));
      setDefault(key, Map.of());
    }
  }

  private void setDefault(ConfigKey key, Map<String, String> variables) {
    Detected byDefault =
        switch (key) {
          case ENVIRONMENT -> Detected.environment(variables);
          case INSTANCE -> Detected.instance(variables);
          case HTTP_TRUSTED_PROXIES, ALLOWED_ORIGINS, CAPTURE_IN_APP, CAPTURE_DENIED_KEYS ->
              new Detected("", "default");
          default -> {
            String text = key.defaultValue();
            yield text == null ? null : new Detected(text, "default");
          }
        };
    if (byDefault != null) {
      values.put(key, key.type().parse(byDefault.value()));
      origins.put(key, byDefault.origin());
    }
  }

  static String unknown(Optional<String> meant) {
    return meant
        .map(name -> "is not a setting of Observer; did you mean " + name + "?")
        .orElse("is not a setting of Observer");
  }

  /**
   * The configuration that these settings make.
   *
   * @throws ConfigException when any of them is wrong
   */
  ObserverConfig config() {
    ObserverConfig config = assemble();
    Map<ConfigKey, ConfigProblem> wrong =
        ConfigCheck.problems(config, key -> origins.getOrDefault(key, "not set"));
    wrong.putAll(unparsable);
    List<ConfigProblem> problems = new ArrayList<>(wrong.values());
    problems.addAll(unknown);
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return config;
  }

  private ObserverConfig assemble() {
    return new ObserverConfig(
        get(ConfigKey.SERVICE_NAME, String.class),
        get(ConfigKey.ENVIRONMENT, String.class),
        find(ConfigKey.RELEASE, String.class),
        get(ConfigKey.INSTANCE, String.class),
        new ObserverConfig.Http(
            get(ConfigKey.HTTP_HOST, String.class),
            get(ConfigKey.HTTP_PORT, Integer.class),
            get(ConfigKey.HTTP_BASE_PATH, String.class),
            list(ConfigKey.HTTP_TRUSTED_PROXIES, Network.class)),
        new ObserverConfig.Admin(
            get(ConfigKey.ADMIN_HOST, String.class), find(ConfigKey.ADMIN_PORT, Integer.class)),
        get(ConfigKey.DATA_DIR, Path.class),
        find(ConfigKey.WRITE_KEY, String.class),
        list(ConfigKey.ALLOWED_ORIGINS, String.class),
        find(ConfigKey.READ_TOKEN, String.class),
        new ObserverConfig.Limits(
            get(ConfigKey.LIMITS_BODY_BYTES, Long.class),
            get(ConfigKey.LIMITS_INFLATED_BYTES, Long.class),
            get(ConfigKey.LIMITS_ITEMS, Integer.class),
            get(ConfigKey.LIMITS_DEPTH, Integer.class),
            get(ConfigKey.LIMITS_STRING_BYTES, Long.class),
            new ObserverConfig.Limits.Replay(
                get(ConfigKey.LIMITS_REPLAY_BODY_BYTES, Long.class),
                get(ConfigKey.LIMITS_REPLAY_INFLATED_BYTES, Long.class),
                get(ConfigKey.LIMITS_REPLAY_DEPTH, Integer.class)),
            get(ConfigKey.LIMITS_REQUESTS_PER_SECOND, Integer.class),
            get(ConfigKey.LIMITS_BURST, Integer.class),
            get(ConfigKey.LIMITS_SERVICES, Integer.class)),
        new ObserverConfig.Spool(
            get(ConfigKey.SPOOL_EVENTS_BYTES, Long.class),
            get(ConfigKey.SPOOL_REPLAYS_BYTES, Long.class),
            get(ConfigKey.SPOOL_KEEP_DELIVERED, Duration.class),
            get(ConfigKey.SPOOL_KEEP_DELIVERED_BYTES, Long.class)),
        new ObserverConfig.Loki(
            find(ConfigKey.LOKI_URL, URI.class),
            find(ConfigKey.LOKI_TENANT, String.class),
            find(ConfigKey.LOKI_USERNAME, String.class),
            find(ConfigKey.LOKI_PASSWORD, String.class),
            find(ConfigKey.LOKI_TOKEN, String.class)),
        new ObserverConfig.Minio(
            find(ConfigKey.MINIO_ENDPOINT, URI.class),
            find(ConfigKey.MINIO_REGION, String.class),
            find(ConfigKey.MINIO_BUCKET, String.class),
            find(ConfigKey.MINIO_ACCESS_KEY, String.class),
            find(ConfigKey.MINIO_SECRET_KEY, String.class),
            get(ConfigKey.MINIO_LIFECYCLE, Boolean.class)),
        new ObserverConfig.Retention(
            get(ConfigKey.RETENTION_EVENTS, Duration.class),
            get(ConfigKey.RETENTION_REPLAYS, Duration.class),
            find(ConfigKey.RETENTION_EVENTS_BYTES, Long.class),
            find(ConfigKey.RETENTION_REPLAYS_BYTES, Long.class)),
        new ObserverConfig.Metrics(get(ConfigKey.METRICS_PUBLIC, Boolean.class)),
        new ObserverConfig.Capture(
            list(ConfigKey.CAPTURE_IN_APP, String.class),
            get(ConfigKey.CAPTURE_PROCEDURE_INPUT, Boolean.class),
            list(ConfigKey.CAPTURE_DENIED_KEYS, String.class)));
  }

  /** The value of a key that always has one. */
  private <T> T get(ConfigKey key, Class<T> type) {
    return type.cast(Objects.requireNonNull(values.get(key), key::key));
  }

  /** The value of a key, null when it has none. */
  private <T> @Nullable T find(ConfigKey key, Class<T> type) {
    return type.cast(values.get(key));
  }

  private <T> List<T> list(ConfigKey key, Class<T> type) {
    return ((List<?>) get(key, List.class)).stream().<T>map(type::cast).toList();
  }
}
