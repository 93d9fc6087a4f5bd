package dev.observer.config;

import static dev.observer.config.ConfigKey.Default.none;
import static dev.observer.config.ConfigKey.Default.value;
import static dev.observer.config.ValueType.BOOLEAN;
import static dev.observer.config.ValueType.DURATION;
import static dev.observer.config.ValueType.INTEGER;
import static dev.observer.config.ValueType.NETWORKS;
import static dev.observer.config.ValueType.ORIGINS;
import static dev.observer.config.ValueType.PATH;
import static dev.observer.config.ValueType.SIZE;
import static dev.observer.config.ValueType.TEXT;
import static dev.observer.config.ValueType.URL;
import static dev.observer.config.ValueType.WORDS;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The table of everything that can be set. Parsing, errors, {@code --help} and the reference page
 * are all made from it.
 */
public enum ConfigKey {
  SERVICE_NAME(
      "service-name",
      TEXT,
      value("app"),
      Rules.NAME_WORDS,
      ObserverConfig::serviceName,
      "Name of the application. Records that name no service of their own carry it; it is a label"
          + " in Loki."),
  ENVIRONMENT(
      "environment",
      TEXT,
      none("detected, else development"),
      Rules.NAME_WORDS,
      ObserverConfig::environment,
      "Where it runs, such as production. Records that name no environment of their own carry it;"
          + " it is a label in Loki."),
  RELEASE(
      "release",
      TEXT,
      none("none"),
      Rules.RELEASE_WORDS,
      ObserverConfig::release,
      "Version of the application, such as 1.4.0 or a commit id."),
  INSTANCE(
      "instance",
      TEXT,
      none("host name"),
      Rules.NAME_WORDS,
      ObserverConfig::instance,
      "Name of this process among others of the same service; it must differ between processes that"
          + " write to one Loki."),
  HTTP_HOST(
      "http.host",
      TEXT,
      value("127.0.0.1"),
      Rules.HOST_WORDS,
      config -> config.http().host(),
      "Address to listen on. The default is reachable from this machine only."),
  HTTP_PORT(
      "http.port",
      INTEGER,
      value("8080"),
      Rules.PORT_WORDS,
      config -> config.http().port(),
      "Port to listen on; 0 takes any free one, which is printed when ready."),
  HTTP_BASE_PATH(
      "http.base-path",
      TEXT,
      value("/api/observer"),
      Rules.BASE_PATH_WORDS,
      config -> config.http().basePath(),
      "Path below which everything but /metrics lies."),
  HTTP_TRUSTED_PROXIES(
      "http.trusted-proxies",
      NETWORKS,
      none("none"),
      Rules.NETWORKS_WORDS,
      config -> config.http().trustedProxies(),
      "Proxies whose forwarding headers are believed: Forwarded, or X-Forwarded-For, -Proto and"
          + " -Host. They say which address the rate limit counts, and what the server's own origin"
          + " is."),
  ADMIN_HOST(
      "admin.host",
      TEXT,
      value("127.0.0.1"),
      Rules.HOST_WORDS,
      config -> config.admin().host(),
      "Address of the admin listener, when admin.port is set."),
  ADMIN_PORT(
      "admin.port",
      INTEGER,
      none("none: one listener for everything"),
      Rules.PORT_WORDS,
      config -> config.admin().port(),
      "Port of a listener of its own for whatever reads or administers: reading, console, /metrics,"
          + " detailed health; 0 takes any free one. When set, the other listener answers 404 for"
          + " these."),
  DATA_DIR(
      "data-dir",
      PATH,
      value("observer-data"),
      Rules.PATH_WORDS,
      ObserverConfig::dataDir,
      "Directory of everything that is kept: spool, embedded store, replays, keys. One process at a"
          + " time."),
  WRITE_KEY(
      "write-key",
      TEXT,
      none("none: allowed origins only"),
      Rules.WRITE_KEY_WORDS,
      ObserverConfig::writeKey,
      "Public key that clients send with what they write. It is not a secret: every page carries"
          + " it. Without one, a request without Origin is refused."),
  ALLOWED_ORIGINS(
      "allowed-origins",
      ORIGINS,
      none("same origin"),
      Rules.ORIGINS_WORDS,
      ObserverConfig::allowedOrigins,
      "Origins whose pages may write, besides the server's own."),
  READ_TOKEN(
      "read-token",
      TEXT,
      none("made at first start"),
      Rules.READ_TOKEN_WORDS,
      ObserverConfig::readToken,
      "Token for reading and for the console. The one made at first start is kept in"
          + " keys/read-token in the data directory."),
  LIMITS_BODY_BYTES(
      "limits.body-bytes",
      SIZE,
      value("1MiB"),
      Rules.BYTES_WORDS,
      config -> config.limits().bodyBytes(),
      "Largest request of events or errors, as sent."),
  LIMITS_INFLATED_BYTES(
      "limits.inflated-bytes",
      SIZE,
      value("10MiB"),
      Rules.BYTES_WORDS,
      config -> config.limits().inflatedBytes(),
      "Largest request of events or errors, inflated."),
  LIMITS_ITEMS(
      "limits.items",
      INTEGER,
      value("1000"),
      Rules.ITEMS_WORDS,
      config -> config.limits().items(),
      "Most events or errors in one request."),
  LIMITS_DEPTH(
      "limits.depth",
      INTEGER,
      value("32"),
      Rules.DEPTH_WORDS,
      config -> config.limits().depth(),
      "Deepest nesting of objects and arrays in a request of events or errors."),
  LIMITS_STRING_BYTES(
      "limits.string-bytes",
      SIZE,
      value("64KiB"),
      Rules.BYTES_WORDS,
      config -> config.limits().stringBytes(),
      "Longest string of an event or error, in UTF-8. A longer one refuses its item."),
  LIMITS_REPLAY_BODY_BYTES(
      "limits.replay.body-bytes",
      SIZE,
      value("10MiB"),
      Rules.BYTES_WORDS,
      config -> config.limits().replay().bodyBytes(),
      "Largest replay batch, as sent."),
  LIMITS_REPLAY_INFLATED_BYTES(
      "limits.replay.inflated-bytes",
      SIZE,
      value("64MiB"),
      Rules.BYTES_WORDS,
      config -> config.limits().replay().inflatedBytes(),
      "Largest replay batch, inflated."),
  LIMITS_REPLAY_DEPTH(
      "limits.replay.depth",
      INTEGER,
      value("1000"),
      Rules.DEPTH_WORDS,
      config -> config.limits().replay().depth(),
      "Deepest nesting of objects and arrays in a replay batch; a page's elements nest."),
  LIMITS_REQUESTS_PER_SECOND(
      "limits.requests-per-second",
      INTEGER,
      value("50"),
      Rules.RATE_WORDS,
      config -> config.limits().requestsPerSecond(),
      "Writing requests a second that one address may send for long; 0 turns the limit off."),
  LIMITS_BURST(
      "limits.burst",
      INTEGER,
      value("200"),
      Rules.RATE_WORDS,
      config -> config.limits().burst(),
      "Writing requests that one address may send at once after a pause."),
  LIMITS_SERVICES(
      "limits.services",
      INTEGER,
      value("100"),
      Rules.SERVICES_WORDS,
      config -> config.limits().services(),
      "Most different pairs of service name and environment; they become labels, which Loki and"
          + " Prometheus want few."),
  SPOOL_EVENTS_BYTES(
      "spool.events-bytes",
      SIZE,
      value("1GiB"),
      Rules.QUOTA_WORDS,
      config -> config.spool().eventsBytes(),
      "Most bytes of events and errors that wait for delivery. When full, requests are answered 503"
          + " and nothing of them is kept."),
  SPOOL_REPLAYS_BYTES(
      "spool.replays-bytes",
      SIZE,
      value("4GiB"),
      Rules.QUOTA_WORDS,
      config -> config.spool().replaysBytes(),
      "Most bytes of replay batches that wait for delivery. When full, replay batches are answered"
          + " 503; events and errors go on."),
  SPOOL_KEEP_DELIVERED(
      "spool.keep-delivered",
      DURATION,
      value("10m"),
      Rules.KEEP_WORDS,
      config -> config.spool().keepDelivered(),
      "With loki.url: how long events and errors stay in the spool after Loki took them. Then Loki is"
          + " asked whether it still has them, and given again what it lost, as a power cut of its"
          + " machine takes the last seconds; 0s: they are deleted at once and that is not healed."),
  SPOOL_KEEP_DELIVERED_BYTES(
      "spool.keep-delivered-bytes",
      SIZE,
      value("512MiB"),
      Rules.QUOTA_WORDS,
      config -> config.spool().keepDeliveredBytes(),
      "Most bytes of events and errors that stay in the spool after Loki took them, beside"
          + " spool.events-bytes. Beyond, the oldest go without being asked for."),
  LOKI_URL(
      "loki.url",
      URL,
      none("none: the embedded store alone"),
      Rules.URL_WORDS,
      config -> config.loki().url(),
      "Address of Loki, such as http://loki:3100. It gets errors, events and replay metadata; the"
          + " embedded store is read."),
  LOKI_TENANT(
      "loki.tenant",
      TEXT,
      none("none"),
      Rules.TENANT_WORDS,
      config -> config.loki().tenant(),
      "Tenant, sent as X-Scope-OrgID."),
  LOKI_USERNAME(
      "loki.username",
      TEXT,
      none("none"),
      Rules.USERNAME_WORDS,
      config -> config.loki().username(),
      "User for basic authentication; needs loki.password."),
  LOKI_PASSWORD(
      "loki.password",
      TEXT,
      none("none"),
      Rules.SECRET_WORDS,
      config -> config.loki().password(),
      "Password for basic authentication; needs loki.username."),
  LOKI_TOKEN(
      "loki.token",
      TEXT,
      none("none"),
      Rules.SECRET_WORDS,
      config -> config.loki().token(),
      "Bearer token, instead of user and password."),
  MINIO_ENDPOINT(
      "minio.endpoint",
      URL,
      none("none: replays in data-dir"),
      Rules.URL_WORDS,
      config -> config.minio().endpoint(),
      "Address of MinIO or another S3, such as http://minio:9000; needs bucket, access key and"
          + " secret key."),
  MINIO_REGION(
      "minio.region",
      TEXT,
      none("none"),
      Rules.REGION_WORDS,
      config -> config.minio().region(),
      "Region of the bucket, where the S3 has regions."),
  MINIO_BUCKET(
      "minio.bucket",
      TEXT,
      none("none"),
      Rules.BUCKET_WORDS,
      config -> config.minio().bucket(),
      "Bucket for replays."),
  MINIO_ACCESS_KEY(
      "minio.access-key",
      TEXT,
      none("none"),
      Rules.SECRET_WORDS,
      config -> config.minio().accessKey(),
      "Access key."),
  MINIO_SECRET_KEY(
      "minio.secret-key",
      TEXT,
      none("none"),
      Rules.SECRET_WORDS,
      config -> config.minio().secretKey(),
      "Secret key."),
  MINIO_LIFECYCLE(
      "minio.lifecycle",
      BOOLEAN,
      value("true"),
      Rules.BOOLEAN_WORDS,
      config -> config.minio().lifecycle(),
      "Whether the bucket is given a lifecycle rule that deletes replays after retention.replays;"
          + " other rules of the bucket stay."),
  RETENTION_EVENTS(
      "retention.events",
      DURATION,
      value("90d"),
      Rules.RETENTION_WORDS,
      config -> config.retention().events(),
      "How long events and errors are kept in the embedded store."),
  RETENTION_REPLAYS(
      "retention.replays",
      DURATION,
      value("30d"),
      Rules.RETENTION_WORDS,
      config -> config.retention().replays(),
      "How long replays are kept; in a bucket in whole days, rounded up."),
  RETENTION_EVENTS_BYTES(
      "retention.events-bytes",
      SIZE,
      none("none: by age only"),
      Rules.KEPT_WORDS,
      config -> config.retention().eventsBytes(),
      "Most bytes of the embedded store. Beyond, the oldest events and errors are deleted before"
          + " their time. It frees whole groups of 122,880 records, so its file is somewhat"
          + " larger."),
  RETENTION_REPLAYS_BYTES(
      "retention.replays-bytes",
      SIZE,
      none("none: by age only"),
      Rules.KEPT_WORDS,
      config -> config.retention().replaysBytes(),
      "Most bytes of replays in data-dir, each batch counted in whole blocks of 4 KiB. Beyond, the"
          + " oldest are deleted before their time."),
  METRICS_PUBLIC(
      "metrics.public",
      BOOLEAN,
      value("false"),
      Rules.BOOLEAN_WORDS,
      config -> config.metrics().isPublic(),
      "Whether /metrics can be read without a token."),
  CAPTURE_IN_APP(
      "capture.in-app",
      WORDS,
      none("none: every package but well-known libraries'"),
      Rules.PACKAGES_WORDS,
      config -> config.capture().inApp(),
      "Packages of your application. Errors of the JVM are told apart by the frames in them."),
  CAPTURE_PROCEDURE_INPUT(
      "capture.procedure-input",
      BOOLEAN,
      value("true"),
      Rules.BOOLEAN_WORDS,
      config -> config.capture().procedureInput(),
      "Whether the error of a procedure carries the input of the call, without the values of denied"
          + " keys."),
  CAPTURE_DENIED_KEYS(
      "capture.denied-keys",
      WORDS,
      none("none: those that always are"),
      Rules.DENIED_KEYS_WORDS,
      config -> config.capture().deniedKeys(),
      "Values of keys whose names contain one of these words, in whatever case, are left out of"
          + " inputs, beside those of the documented list.");

  private static final String PROPERTY_PREFIX = "observer.";
  private static final Pattern USER_INFO = Pattern.compile("//[^/?#]*@");
  private static final int SHOWN_CHARACTERS = 120;

  private final String key;
  private final ValueType type;
  private final @Nullable String defaultValue;
  private final String defaultWords;
  private final String allowed;

  @SuppressWarnings("ImmutableEnumChecker") // Lambdas without state.
  private final Function<ObserverConfig, @Nullable Object> reader;

  private final String description;

  ConfigKey(
      String key,
      ValueType type,
      Default byDefault,
      String allowed,
      Function<ObserverConfig, @Nullable Object> reader,
      String description) {
    this.key = key;
    this.type = type;
    this.defaultValue = byDefault.value();
    this.defaultWords = byDefault.words();
    this.allowed = allowed;
    this.reader = reader;
    this.description = description;
  }

  /** The name in the documentation, such as {@code http.port}. */
  public String key() {
    return key;
  }

  /** The name in a file, such as {@code observer.http.port}. */
  public String property() {
    return PROPERTY_PREFIX + key;
  }

  /** The name in the environment, such as {@code OBSERVER_HTTP_PORT}. */
  public String environmentVariable() {
    return property().toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /** What it is for, in a sentence or two. */
  public String description() {
    return description;
  }

  /** Which values it takes, in words. */
  public String allowed() {
    return allowed;
  }

  /** Its default: the text that sets it, or words where there is no such text. */
  public String defaultWords() {
    return defaultWords;
  }

  /** Whether its value never appears in a message or log. */
  public boolean isSecret() {
    return switch (this) {
      case READ_TOKEN, LOKI_PASSWORD, LOKI_TOKEN, MINIO_SECRET_KEY -> true;
      default -> false;
    };
  }

  /** Its value in a configuration; null when it has none. */
  public @Nullable Object read(ObserverConfig config) {
    return reader.apply(config);
  }

  ValueType type() {
    return type;
  }

  /** The text of the default, null when the default is not a text. */
  @Nullable String defaultValue() {
    return defaultValue;
  }

  /** The names of the record components that lead to the value, such as http and port. */
  List<String> path() {
    return Arrays.stream(key.split("\\.", -1))
        .map(ConfigKey::camelCase)
        // The only key that is a word of the Java language.
        .map(name -> name.equals("public") ? "isPublic" : name)
        .toList();
  }

  /** A text or value of this key as it may be shown: secrets masked, short, on one line. */
  String shown(Object value) {
    if (isSecret()) {
      return ConfigProblem.MASK;
    }
    String text = value instanceof String given ? given : type.format(value);
    String line = text.replaceAll("\\p{Cntrl}", "?");
    if (type == URL) {
      line = USER_INFO.matcher(line).replaceAll("//" + ConfigProblem.MASK + "@");
    }
    return line.length() <= SHOWN_CHARACTERS ? line : line.substring(0, SHOWN_CHARACTERS) + "…";
  }

  private static String camelCase(String kebab) {
    return Pattern.compile("-([a-z])")
        .matcher(kebab)
        .replaceAll(match -> match.group(1).toUpperCase(Locale.ROOT));
  }

  /** What applies when nothing is set: a text to parse, or none and words that say what happens. */
  record Default(@Nullable String value, String words) {

    static Default value(String text) {
      return new Default(text, text);
    }

    static Default none(String words) {
      return new Default(null, words);
    }
  }
}
