package dev.observer.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Collects settings for an {@link ObserverConfig}; what it leaves open comes from environment
 * variables, then from the file, then from the defaults. Each method is named like its key. Sizes
 * are bytes. Values are checked in {@link #build()}, all at once. Not thread-safe.
 */
public final class ObserverConfigBuilder {

  private final Map<ConfigKey, Object> values = new EnumMap<>(ConfigKey.class);
  private Map<String, String> variables = System.getenv();
  private @Nullable Path file;

  ObserverConfigBuilder() {}

  /** Sets {@link ConfigKey#SERVICE_NAME}. */
  public ObserverConfigBuilder serviceName(String value) {
    values.put(ConfigKey.SERVICE_NAME, value);
    return this;
  }

  /** Sets {@link ConfigKey#ENVIRONMENT}. */
  public ObserverConfigBuilder environment(String value) {
    values.put(ConfigKey.ENVIRONMENT, value);
    return this;
  }

  /** Sets {@link ConfigKey#RELEASE}. */
  public ObserverConfigBuilder release(String value) {
    values.put(ConfigKey.RELEASE, value);
    return this;
  }

  /** Sets {@link ConfigKey#INSTANCE}. */
  public ObserverConfigBuilder instance(String value) {
    values.put(ConfigKey.INSTANCE, value);
    return this;
  }

  /** Sets keys that start with {@code http.}. */
  public ObserverConfigBuilder http(Consumer<Http> settings) {
    settings.accept(new Http());
    return this;
  }

  /** Sets keys that start with {@code admin.}. */
  public ObserverConfigBuilder admin(Consumer<Admin> settings) {
    settings.accept(new Admin());
    return this;
  }

  /** Sets {@link ConfigKey#DATA_DIR}. */
  public ObserverConfigBuilder dataDir(Path value) {
    values.put(ConfigKey.DATA_DIR, value);
    return this;
  }

  /** Sets {@link ConfigKey#WRITE_KEY}. */
  public ObserverConfigBuilder writeKey(String value) {
    values.put(ConfigKey.WRITE_KEY, value);
    return this;
  }

  /** Sets {@link ConfigKey#ALLOWED_ORIGINS}. */
  public ObserverConfigBuilder allowedOrigins(String... items) {
    values.put(ConfigKey.ALLOWED_ORIGINS, String.join(",", items));
    return this;
  }

  /** Sets {@link ConfigKey#READ_TOKEN}. */
  public ObserverConfigBuilder readToken(String value) {
    values.put(ConfigKey.READ_TOKEN, value);
    return this;
  }

  /** Sets keys that start with {@code limits.}. */
  public ObserverConfigBuilder limits(Consumer<Limits> settings) {
    settings.accept(new Limits());
    return this;
  }

  /** Sets keys that start with {@code spool.}. */
  public ObserverConfigBuilder spool(Consumer<Spool> settings) {
    settings.accept(new Spool());
    return this;
  }

  /** Sets keys that start with {@code loki.}. */
  public ObserverConfigBuilder loki(Consumer<Loki> settings) {
    settings.accept(new Loki());
    return this;
  }

  /** Sets keys that start with {@code minio.}. */
  public ObserverConfigBuilder minio(Consumer<Minio> settings) {
    settings.accept(new Minio());
    return this;
  }

  /** Sets keys that start with {@code retention.}. */
  public ObserverConfigBuilder retention(Consumer<Retention> settings) {
    settings.accept(new Retention());
    return this;
  }

  /** Sets keys that start with {@code metrics.}. */
  public ObserverConfigBuilder metrics(Consumer<Metrics> settings) {
    settings.accept(new Metrics());
    return this;
  }

  /** Sets keys that start with {@code capture.}. */
  public ObserverConfigBuilder capture(Consumer<Capture> settings) {
    settings.accept(new Capture());
    return this;
  }

  /**
   * Names a properties file in UTF-8, with keys such as {@code observer.http.port}; it then must
   * exist. Without this call it is the file that the environment variable {@code OBSERVER_CONFIG}
   * names, if there is one.
   */
  public ObserverConfigBuilder file(Path path) {
    this.file = path;
    return this;
  }

  /** Replaces the environment variables of this process, which are read otherwise. */
  public ObserverConfigBuilder environmentVariables(Map<String, String> environmentVariables) {
    this.variables = Map.copyOf(environmentVariables);
    return this;
  }

  /**
   * Merges and checks all sources.
   *
   * @throws ConfigException when a setting is wrong; it lists all that are
   */
  public ObserverConfig build() {
    return new Settings(values, variables, file).config();
  }

  /** Where the server listens. */
  public final class Http {

    private Http() {}

    /** Sets {@link ConfigKey#HTTP_HOST}. */
    public Http host(String value) {
      values.put(ConfigKey.HTTP_HOST, value);
      return this;
    }

    /** Sets {@link ConfigKey#HTTP_PORT}. */
    public Http port(int value) {
      values.put(ConfigKey.HTTP_PORT, value);
      return this;
    }

    /** Sets {@link ConfigKey#HTTP_BASE_PATH}. */
    public Http basePath(String value) {
      values.put(ConfigKey.HTTP_BASE_PATH, value);
      return this;
    }

    /** Sets {@link ConfigKey#HTTP_TRUSTED_PROXIES}. */
    public Http trustedProxies(String... items) {
      values.put(ConfigKey.HTTP_TRUSTED_PROXIES, String.join(",", items));
      return this;
    }
  }

  /** Where reading and the console are, if not beside everything else. */
  public final class Admin {

    private Admin() {}

    /** Sets {@link ConfigKey#ADMIN_HOST}. */
    public Admin host(String value) {
      values.put(ConfigKey.ADMIN_HOST, value);
      return this;
    }

    /** Sets {@link ConfigKey#ADMIN_PORT}. */
    public Admin port(int value) {
      values.put(ConfigKey.ADMIN_PORT, value);
      return this;
    }
  }

  /** What one request of events or errors may hold, and how many an address may send. */
  public final class Limits {

    private Limits() {}

    /** Sets {@link ConfigKey#LIMITS_BODY_BYTES}. */
    public Limits bodyBytes(long value) {
      values.put(ConfigKey.LIMITS_BODY_BYTES, value);
      return this;
    }

    /** Sets {@link ConfigKey#LIMITS_INFLATED_BYTES}. */
    public Limits inflatedBytes(long value) {
      values.put(ConfigKey.LIMITS_INFLATED_BYTES, value);
      return this;
    }

    /** Sets {@link ConfigKey#LIMITS_ITEMS}. */
    public Limits items(int value) {
      values.put(ConfigKey.LIMITS_ITEMS, value);
      return this;
    }

    /** Sets {@link ConfigKey#LIMITS_DEPTH}. */
    public Limits depth(int value) {
      values.put(ConfigKey.LIMITS_DEPTH, value);
      return this;
    }

    /** Sets {@link ConfigKey#LIMITS_STRING_BYTES}. */
    public Limits stringBytes(long value) {
      values.put(ConfigKey.LIMITS_STRING_BYTES, value);
      return this;
    }

    /** Sets {@link ConfigKey#LIMITS_REQUESTS_PER_SECOND}. */
    public Limits requestsPerSecond(int value) {
      values.put(ConfigKey.LIMITS_REQUESTS_PER_SECOND, value);
      return this;
    }

    /** Sets {@link ConfigKey#LIMITS_BURST}. */
    public Limits burst(int value) {
      values.put(ConfigKey.LIMITS_BURST, value);
      return this;
    }

    /** Sets {@link ConfigKey#LIMITS_SERVICES}. */
    public Limits services(int value) {
      values.put(ConfigKey.LIMITS_SERVICES, value);
      return this;
    }

    /** Sets keys that start with {@code limits.replay.}. */
    public Limits replay(Consumer<ReplayLimits> settings) {
      settings.accept(new ReplayLimits());
      return this;
    }
  }

  /** What one replay batch may hold. */
  public final class ReplayLimits {

    private ReplayLimits() {}

    /** Sets {@link ConfigKey#LIMITS_REPLAY_BODY_BYTES}. */
    public ReplayLimits bodyBytes(long value) {
      values.put(ConfigKey.LIMITS_REPLAY_BODY_BYTES, value);
      return this;
    }

    /** Sets {@link ConfigKey#LIMITS_REPLAY_INFLATED_BYTES}. */
    public ReplayLimits inflatedBytes(long value) {
      values.put(ConfigKey.LIMITS_REPLAY_INFLATED_BYTES, value);
      return this;
    }

    /** Sets {@link ConfigKey#LIMITS_REPLAY_DEPTH}. */
    public ReplayLimits depth(int value) {
      values.put(ConfigKey.LIMITS_REPLAY_DEPTH, value);
      return this;
    }
  }

  /** How much may wait for delivery. */
  public final class Spool {

    private Spool() {}

    /** Sets {@link ConfigKey#SPOOL_EVENTS_BYTES}. */
    public Spool eventsBytes(long value) {
      values.put(ConfigKey.SPOOL_EVENTS_BYTES, value);
      return this;
    }

    /** Sets {@link ConfigKey#SPOOL_REPLAYS_BYTES}. */
    public Spool replaysBytes(long value) {
      values.put(ConfigKey.SPOOL_REPLAYS_BYTES, value);
      return this;
    }

    /** Sets {@link ConfigKey#SPOOL_KEEP_DELIVERED}. */
    public Spool keepDelivered(Duration value) {
      values.put(ConfigKey.SPOOL_KEEP_DELIVERED, value);
      return this;
    }

    /** Sets {@link ConfigKey#SPOOL_KEEP_DELIVERED_BYTES}. */
    public Spool keepDeliveredBytes(long value) {
      values.put(ConfigKey.SPOOL_KEEP_DELIVERED_BYTES, value);
      return this;
    }
  }

  /** Loki as the store of events. */
  public final class Loki {

    private Loki() {}

    /** Sets {@link ConfigKey#LOKI_URL}. */
    public Loki url(String value) {
      values.put(ConfigKey.LOKI_URL, value);
      return this;
    }

    /** Sets {@link ConfigKey#LOKI_TENANT}. */
    public Loki tenant(String value) {
      values.put(ConfigKey.LOKI_TENANT, value);
      return this;
    }

    /** Sets {@link ConfigKey#LOKI_USERNAME}. */
    public Loki username(String value) {
      values.put(ConfigKey.LOKI_USERNAME, value);
      return this;
    }

    /** Sets {@link ConfigKey#LOKI_PASSWORD}. */
    public Loki password(String value) {
      values.put(ConfigKey.LOKI_PASSWORD, value);
      return this;
    }

    /** Sets {@link ConfigKey#LOKI_TOKEN}. */
    public Loki token(String value) {
      values.put(ConfigKey.LOKI_TOKEN, value);
      return this;
    }
  }

  /** MinIO or another S3 as the store of replays. */
  public final class Minio {

    private Minio() {}

    /** Sets {@link ConfigKey#MINIO_ENDPOINT}. */
    public Minio endpoint(String value) {
      values.put(ConfigKey.MINIO_ENDPOINT, value);
      return this;
    }

    /** Sets {@link ConfigKey#MINIO_REGION}. */
    public Minio region(String value) {
      values.put(ConfigKey.MINIO_REGION, value);
      return this;
    }

    /** Sets {@link ConfigKey#MINIO_BUCKET}. */
    public Minio bucket(String value) {
      values.put(ConfigKey.MINIO_BUCKET, value);
      return this;
    }

    /** Sets {@link ConfigKey#MINIO_ACCESS_KEY}. */
    public Minio accessKey(String value) {
      values.put(ConfigKey.MINIO_ACCESS_KEY, value);
      return this;
    }

    /** Sets {@link ConfigKey#MINIO_SECRET_KEY}. */
    public Minio secretKey(String value) {
      values.put(ConfigKey.MINIO_SECRET_KEY, value);
      return this;
    }

    /** Sets {@link ConfigKey#MINIO_LIFECYCLE}. */
    public Minio lifecycle(boolean value) {
      values.put(ConfigKey.MINIO_LIFECYCLE, value);
      return this;
    }
  }

  /** How long records and replays are kept, and how many bytes of them. */
  public final class Retention {

    private Retention() {}

    /** Sets {@link ConfigKey#RETENTION_EVENTS}. */
    public Retention events(Duration value) {
      values.put(ConfigKey.RETENTION_EVENTS, value);
      return this;
    }

    /** Sets {@link ConfigKey#RETENTION_REPLAYS}. */
    public Retention replays(Duration value) {
      values.put(ConfigKey.RETENTION_REPLAYS, value);
      return this;
    }

    /** Sets {@link ConfigKey#RETENTION_EVENTS_BYTES}. */
    public Retention eventsBytes(long value) {
      values.put(ConfigKey.RETENTION_EVENTS_BYTES, value);
      return this;
    }

    /** Sets {@link ConfigKey#RETENTION_REPLAYS_BYTES}. */
    public Retention replaysBytes(long value) {
      values.put(ConfigKey.RETENTION_REPLAYS_BYTES, value);
      return this;
    }
  }

  /** Who may read {@code /metrics}. */
  public final class Metrics {

    private Metrics() {}

    /** Sets {@link ConfigKey#METRICS_PUBLIC}. */
    public Metrics isPublic(boolean value) {
      values.put(ConfigKey.METRICS_PUBLIC, value);
      return this;
    }
  }

  /** What the host's own errors and events are made of. */
  public final class Capture {

    private Capture() {}

    /** Sets {@link ConfigKey#CAPTURE_IN_APP}. */
    public Capture inApp(String... items) {
      values.put(ConfigKey.CAPTURE_IN_APP, String.join(",", items));
      return this;
    }

    /** Sets {@link ConfigKey#CAPTURE_PROCEDURE_INPUT}. */
    public Capture procedureInput(boolean value) {
      values.put(ConfigKey.CAPTURE_PROCEDURE_INPUT, value);
      return this;
    }

    /** Sets {@link ConfigKey#CAPTURE_DENIED_KEYS}. */
    public Capture deniedKeys(String... items) {
      values.put(ConfigKey.CAPTURE_DENIED_KEYS, String.join(",", items));
      return this;
    }
  }
}
