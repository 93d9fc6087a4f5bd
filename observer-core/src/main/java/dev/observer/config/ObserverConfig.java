package dev.observer.config;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Positive;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.hibernate.validator.constraints.Range;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be set about an Observer server. Immutable and thread-safe. What each
 * component means, and its default, is said once, at its {@link ConfigKey}; sizes are bytes. {@code
 * toString} never shows a secret.
 *
 * <p>{@link #builder()} and {@link #load()} only ever return a valid configuration; one made by
 * hand or changed is checked with {@link #requireValid()}.
 *
 * @param release null when not given
 * @param dataDir where spool, embedded store, replays and keys live
 * @param writeKey null: only pages of an allowed origin may write
 * @param allowedOrigins as browsers write them in {@code Origin}; empty: the same origin only
 * @param readToken null: made at first start and kept in {@code dataDir}
 */
@Coherent
public record ObserverConfig(
    @Pattern(regexp = Rules.NAME, message = Rules.NAME_WORDS) String serviceName,
    @Pattern(regexp = Rules.NAME, message = Rules.NAME_WORDS) String environment,
    @Nullable @Pattern(regexp = Rules.RELEASE, message = Rules.RELEASE_WORDS) String release,
    @Pattern(regexp = Rules.NAME, message = Rules.NAME_WORDS) String instance,
    @Valid Http http,
    @Valid Admin admin,
    Path dataDir,
    @Nullable @Pattern(regexp = Rules.WRITE_KEY, message = Rules.WRITE_KEY_WORDS) String writeKey,
    List<@Pattern(regexp = Rules.ORIGIN, message = Rules.ORIGINS_WORDS) String> allowedOrigins,
    @Nullable @Pattern(regexp = Rules.READ_TOKEN, message = Rules.READ_TOKEN_WORDS)
        String readToken,
    @Valid Limits limits,
    @Valid Spool spool,
    @Valid Loki loki,
    @Valid Minio minio,
    @Valid Retention retention,
    Metrics metrics,
    @Valid Capture capture) {

  public ObserverConfig {
    allowedOrigins = List.copyOf(allowedOrigins);
  }

  /** A builder with nothing set: environment, file and defaults apply to what it leaves open. */
  public static ObserverConfigBuilder builder() {
    return new ObserverConfigBuilder();
  }

  /**
   * The configuration of environment variables, of the file that {@code OBSERVER_CONFIG} names, and
   * of the defaults.
   *
   * @throws ConfigException when a setting is wrong; it lists all that are
   */
  public static ObserverConfig load() {
    return builder().build();
  }

  /**
   * This configuration, checked.
   *
   * @throws ConfigException when a setting is wrong; it lists all that are
   */
  public ObserverConfig requireValid() {
    Map<ConfigKey, ConfigProblem> problems = ConfigCheck.problems(this, key -> "given");
    if (!problems.isEmpty()) {
      throw new ConfigException(List.copyOf(problems.values()));
    }
    return this;
  }

  /** Every key with its value, secrets masked. */
  @Override
  public String toString() {
    StringJoiner text = new StringJoiner(", ", "ObserverConfig[", "]");
    for (ConfigKey key : ConfigKey.values()) {
      Object value = key.read(this);
      if (value != null) {
        text.add(key.key() + "=" + key.shown(value));
      }
    }
    return text.toString();
  }

  private static @Nullable String masked(@Nullable String secret) {
    return secret == null ? null : ConfigProblem.MASK;
  }

  /**
   * Where the server listens.
   *
   * @param port 0: any free one
   * @param basePath starts with a slash and does not end with one
   */
  public record Http(
      @Pattern(regexp = Rules.HOST, message = Rules.HOST_WORDS) String host,
      @Range(min = 0, max = Rules.PORT_MAX, message = Rules.PORT_WORDS) int port,
      @Pattern(regexp = Rules.BASE_PATH, message = Rules.BASE_PATH_WORDS) String basePath,
      List<Network> trustedProxies) {

    public Http {
      trustedProxies = List.copyOf(trustedProxies);
    }

    /** Whether what a peer says in forwarding headers is believed. */
    public boolean trusts(InetAddress peer) {
      return trustedProxies.stream().anyMatch(network -> network.contains(peer));
    }
  }

  /**
   * Where whatever reads or administers is served.
   *
   * @param port null: where everything else is; 0: any free one
   */
  public record Admin(
      @Pattern(regexp = Rules.HOST, message = Rules.HOST_WORDS) String host,
      @Nullable @Range(min = 0, max = Rules.PORT_MAX, message = Rules.PORT_WORDS) Integer port) {

    /** Whether it has a listener of its own. */
    public boolean isSeparate() {
      return port != null;
    }
  }

  /** What one request of events or errors may hold, and how many requests an address may send. */
  public record Limits(
      @Range(min = 1, max = Rules.BYTES_MAX, message = Rules.BYTES_WORDS) long bodyBytes,
      @Range(min = 1, max = Rules.BYTES_MAX, message = Rules.BYTES_WORDS) long inflatedBytes,
      @Range(min = 1, max = Rules.ITEMS_MAX, message = Rules.ITEMS_WORDS) int items,
      @Range(min = 1, max = Rules.DEPTH_MAX, message = Rules.DEPTH_WORDS) int depth,
      @Range(min = 1, max = Rules.BYTES_MAX, message = Rules.BYTES_WORDS) long stringBytes,
      @Valid Replay replay,
      @Range(min = 0, max = Rules.RATE_MAX, message = Rules.RATE_WORDS) int requestsPerSecond,
      @Range(min = 0, max = Rules.RATE_MAX, message = Rules.RATE_WORDS) int burst,
      @Range(min = 1, max = Rules.SERVICES_MAX, message = Rules.SERVICES_WORDS) int services) {

    /** What one replay batch may hold; items and strings inside have no limit of their own. */
    public record Replay(
        @Range(min = 1, max = Rules.BYTES_MAX, message = Rules.BYTES_WORDS) long bodyBytes,
        @Range(min = 1, max = Rules.BYTES_MAX, message = Rules.BYTES_WORDS) long inflatedBytes,
        @Range(min = 1, max = Rules.DEPTH_MAX, message = Rules.DEPTH_WORDS) int depth) {}
  }

  /**
   * How many bytes each lane of the spool may hold before it answers 503, and for how long, and how
   * many bytes of it, what Loki took is kept.
   *
   * @param keepDelivered zero: not at all
   */
  public record Spool(
      @Positive(message = Rules.QUOTA_WORDS) long eventsBytes,
      @Positive(message = Rules.QUOTA_WORDS) long replaysBytes,
      @DurationMin(message = Rules.KEEP_WORDS)
          @DurationMax(minutes = Rules.KEEP_MINUTES_MAX, message = Rules.KEEP_WORDS)
          Duration keepDelivered,
      @Positive(message = Rules.QUOTA_WORDS) long keepDeliveredBytes) {}

  /**
   * Loki as the store of events.
   *
   * @param url null: the embedded store
   */
  public record Loki(
      @Nullable @HttpUrl URI url,
      @Nullable @Pattern(regexp = Rules.TENANT, message = Rules.TENANT_WORDS) String tenant,
      @Nullable @Pattern(regexp = Rules.USERNAME, message = Rules.USERNAME_WORDS) String username,
      @Nullable @Pattern(regexp = Rules.SECRET, message = Rules.SECRET_WORDS) String password,
      @Nullable @Pattern(regexp = Rules.SECRET, message = Rules.SECRET_WORDS) String token) {

    @Override
    public String toString() {
      return "Loki[url=%s, tenant=%s, username=%s, password=%s, token=%s]"
          .formatted(url, tenant, username, masked(password), masked(token));
    }
  }

  /**
   * MinIO or another S3 as the store of replays.
   *
   * @param endpoint null: replays are files in the data directory
   * @param lifecycle whether the bucket is told to delete replays after their time
   */
  public record Minio(
      @Nullable @HttpUrl URI endpoint,
      @Nullable @Pattern(regexp = Rules.REGION, message = Rules.REGION_WORDS) String region,
      @Nullable @Pattern(regexp = Rules.BUCKET, message = Rules.BUCKET_WORDS) String bucket,
      @Nullable @Pattern(regexp = Rules.SECRET, message = Rules.SECRET_WORDS) String accessKey,
      @Nullable @Pattern(regexp = Rules.SECRET, message = Rules.SECRET_WORDS) String secretKey,
      boolean lifecycle) {

    @Override
    public String toString() {
      return "Minio[endpoint=%s, region=%s, bucket=%s, accessKey=%s, secretKey=%s, lifecycle=%s]"
          .formatted(endpoint, region, bucket, accessKey, masked(secretKey), lifecycle);
    }
  }

  /**
   * How long records and replays are kept, and how many bytes of them.
   *
   * @param eventsBytes null: by age only
   * @param replaysBytes null: by age only
   */
  public record Retention(
      @DurationMin(days = Rules.RETENTION_DAYS_MIN, message = Rules.RETENTION_WORDS)
          @DurationMax(days = Rules.RETENTION_DAYS_MAX, message = Rules.RETENTION_WORDS)
          Duration events,
      @DurationMin(days = Rules.RETENTION_DAYS_MIN, message = Rules.RETENTION_WORDS)
          @DurationMax(days = Rules.RETENTION_DAYS_MAX, message = Rules.RETENTION_WORDS)
          Duration replays,
      @Nullable @Min(value = Rules.KEPT_BYTES_MIN, message = Rules.KEPT_WORDS) Long eventsBytes,
      @Nullable @Min(value = Rules.KEPT_BYTES_MIN, message = Rules.KEPT_WORDS) Long replaysBytes) {}

  /**
   * Who may read {@code /metrics}.
   *
   * @param isPublic whether it needs no token
   */
  public record Metrics(boolean isPublic) {}

  /**
   * What the host's own errors and events are made of.
   *
   * @param inApp packages of the application; empty: every package but well-known libraries'
   * @param procedureInput whether the error of a procedure carries its input
   * @param deniedKeys names whose values are left out of it, beside those that always are
   */
  public record Capture(
      List<@Pattern(regexp = Rules.PACKAGE, message = Rules.PACKAGES_WORDS) String> inApp,
      boolean procedureInput,
      List<@Pattern(regexp = Rules.DENIED_KEY, message = Rules.DENIED_KEYS_WORDS) String>
          deniedKeys) {

    public Capture {
      inApp = List.copyOf(inApp);
      deniedKeys = List.copyOf(deniedKeys);
    }
  }
}
