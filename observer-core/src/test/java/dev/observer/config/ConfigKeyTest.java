package dev.observer.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pins every key, its three spellings and its default: they are a promise to users. */
class ConfigKeyTest {

  /**
   * One setting.
   *
   * @param with settings that it needs beside it
   */
  private record Pin(
      String property,
      String variable,
      Object byDefault,
      String text,
      Object value,
      Consumer<ObserverConfigBuilder> builder,
      List<String> with) {

    Pin(
        String property,
        String variable,
        Object byDefault,
        String text,
        Object value,
        Consumer<ObserverConfigBuilder> builder,
        String... with) {
      this(property, variable, byDefault, text, value, builder, List.of(with));
    }

    @Override
    public String toString() {
      return property;
    }
  }

  private static final String NONE = "none";
  private static final long MIB = 1024 * 1024;

  private static Stream<Pin> pins() {
    return Stream.of(
        new Pin(
            "observer.service-name",
            "OBSERVER_SERVICE_NAME",
            "app",
            "shop",
            "shop",
            b -> b.serviceName("shop")),
        new Pin(
            "observer.environment",
            "OBSERVER_ENVIRONMENT",
            "development",
            "prod-eu",
            "prod-eu",
            b -> b.environment("prod-eu")),
        new Pin(
            "observer.release",
            "OBSERVER_RELEASE",
            NONE,
            "1.4.0+7",
            "1.4.0+7",
            b -> b.release("1.4.0+7")),
        new Pin(
            "observer.instance",
            "OBSERVER_INSTANCE",
            "machine-1",
            "node-2",
            "node-2",
            b -> b.instance("node-2")),
        new Pin(
            "observer.http.host",
            "OBSERVER_HTTP_HOST",
            "127.0.0.1",
            "0.0.0.0",
            "0.0.0.0",
            b -> b.http(h -> h.host("0.0.0.0"))),
        new Pin(
            "observer.http.port", "OBSERVER_HTTP_PORT", 8080, "0", 0, b -> b.http(h -> h.port(0))),
        new Pin(
            "observer.http.base-path",
            "OBSERVER_HTTP_BASE_PATH",
            "/api/observer",
            "/o",
            "/o",
            b -> b.http(h -> h.basePath("/o"))),
        new Pin(
            "observer.http.trusted-proxies",
            "OBSERVER_HTTP_TRUSTED_PROXIES",
            List.of(),
            "10.0.0.0/8, ::1",
            List.of(Network.parse("10.0.0.0/8"), Network.parse("::1")),
            b -> b.http(h -> h.trustedProxies("10.0.0.0/8", "::1"))),
        new Pin(
            "observer.admin.host",
            "OBSERVER_ADMIN_HOST",
            "127.0.0.1",
            "10.0.0.7",
            "10.0.0.7",
            b -> b.admin(a -> a.host("10.0.0.7"))),
        new Pin(
            "observer.admin.port",
            "OBSERVER_ADMIN_PORT",
            NONE,
            "9090",
            9090,
            b -> b.admin(a -> a.port(9090))),
        new Pin(
            "observer.data-dir",
            "OBSERVER_DATA_DIR",
            Path.of("observer-data"),
            "/var/lib/observer",
            Path.of("/var/lib/observer"),
            b -> b.dataDir(Path.of("/var/lib/observer"))),
        new Pin(
            "observer.write-key",
            "OBSERVER_WRITE_KEY",
            NONE,
            "pk_1",
            "pk_1",
            b -> b.writeKey("pk_1")),
        new Pin(
            "observer.allowed-origins",
            "OBSERVER_ALLOWED_ORIGINS",
            List.of(),
            "https://Shop.example:443,http://localhost:3000",
            List.of("https://shop.example", "http://localhost:3000"),
            b -> b.allowedOrigins("https://shop.example", "http://localhost:3000")),
        new Pin(
            "observer.read-token",
            "OBSERVER_READ_TOKEN",
            NONE,
            "0123456789abcdef",
            "0123456789abcdef",
            b -> b.readToken("0123456789abcdef")),
        new Pin(
            "observer.limits.body-bytes",
            "OBSERVER_LIMITS_BODY_BYTES",
            MIB,
            "2MiB",
            2 * MIB,
            b -> b.limits(l -> l.bodyBytes(2 * MIB))),
        new Pin(
            "observer.limits.inflated-bytes",
            "OBSERVER_LIMITS_INFLATED_BYTES",
            10 * MIB,
            "20 mib",
            20 * MIB,
            b -> b.limits(l -> l.inflatedBytes(20 * MIB))),
        new Pin(
            "observer.limits.items",
            "OBSERVER_LIMITS_ITEMS",
            1000,
            "10",
            10,
            b -> b.limits(l -> l.items(10))),
        new Pin(
            "observer.limits.depth",
            "OBSERVER_LIMITS_DEPTH",
            32,
            "16",
            16,
            b -> b.limits(l -> l.depth(16))),
        new Pin(
            "observer.limits.string-bytes",
            "OBSERVER_LIMITS_STRING_BYTES",
            65_536L,
            "1000",
            1000L,
            b -> b.limits(l -> l.stringBytes(1000))),
        new Pin(
            "observer.limits.replay.body-bytes",
            "OBSERVER_LIMITS_REPLAY_BODY_BYTES",
            10 * MIB,
            "3MiB",
            3 * MIB,
            b -> b.limits(l -> l.replay(r -> r.bodyBytes(3 * MIB)))),
        new Pin(
            "observer.limits.replay.inflated-bytes",
            "OBSERVER_LIMITS_REPLAY_INFLATED_BYTES",
            64 * MIB,
            "1GiB",
            1024 * MIB,
            b -> b.limits(l -> l.replay(r -> r.inflatedBytes(1024 * MIB)))),
        new Pin(
            "observer.limits.replay.depth",
            "OBSERVER_LIMITS_REPLAY_DEPTH",
            1000,
            "200",
            200,
            b -> b.limits(l -> l.replay(r -> r.depth(200)))),
        new Pin(
            "observer.limits.requests-per-second",
            "OBSERVER_LIMITS_REQUESTS_PER_SECOND",
            50,
            "0",
            0,
            b -> b.limits(l -> l.requestsPerSecond(0))),
        new Pin(
            "observer.limits.burst",
            "OBSERVER_LIMITS_BURST",
            200,
            "7",
            7,
            b -> b.limits(l -> l.burst(7))),
        new Pin(
            "observer.limits.services",
            "OBSERVER_LIMITS_SERVICES",
            100,
            "5",
            5,
            b -> b.limits(l -> l.services(5))),
        new Pin(
            "observer.spool.events-bytes",
            "OBSERVER_SPOOL_EVENTS_BYTES",
            1024 * MIB,
            "16MiB",
            16 * MIB,
            b -> b.spool(s -> s.eventsBytes(16 * MIB))),
        new Pin(
            "observer.spool.replays-bytes",
            "OBSERVER_SPOOL_REPLAYS_BYTES",
            4096 * MIB,
            "1TiB",
            1024 * 1024 * MIB,
            b -> b.spool(s -> s.replaysBytes(1024 * 1024 * MIB))),
        new Pin(
            "observer.spool.keep-delivered",
            "OBSERVER_SPOOL_KEEP_DELIVERED",
            Duration.ofMinutes(10),
            "0s",
            Duration.ZERO,
            b -> b.spool(s -> s.keepDelivered(Duration.ZERO))),
        new Pin(
            "observer.spool.keep-delivered-bytes",
            "OBSERVER_SPOOL_KEEP_DELIVERED_BYTES",
            512 * MIB,
            "1MiB",
            MIB,
            b -> b.spool(s -> s.keepDeliveredBytes(MIB))),
        new Pin(
            "observer.loki.url",
            "OBSERVER_LOKI_URL",
            NONE,
            "http://loki:3100",
            URI.create("http://loki:3100"),
            b -> b.loki(l -> l.url("http://loki:3100"))),
        new Pin(
            "observer.loki.tenant",
            "OBSERVER_LOKI_TENANT",
            NONE,
            "team-a",
            "team-a",
            b -> b.loki(l -> l.tenant("team-a")),
            "OBSERVER_LOKI_URL"),
        new Pin(
            "observer.loki.username",
            "OBSERVER_LOKI_USERNAME",
            NONE,
            "u",
            "u",
            b -> b.loki(l -> l.username("u")),
            "OBSERVER_LOKI_URL",
            "OBSERVER_LOKI_PASSWORD"),
        new Pin(
            "observer.loki.password",
            "OBSERVER_LOKI_PASSWORD",
            NONE,
            "p",
            "p",
            b -> b.loki(l -> l.password("p")),
            "OBSERVER_LOKI_URL",
            "OBSERVER_LOKI_USERNAME"),
        new Pin(
            "observer.loki.token",
            "OBSERVER_LOKI_TOKEN",
            NONE,
            "t",
            "t",
            b -> b.loki(l -> l.token("t")),
            "OBSERVER_LOKI_URL"),
        new Pin(
            "observer.minio.endpoint",
            "OBSERVER_MINIO_ENDPOINT",
            NONE,
            "https://minio:9000",
            URI.create("https://minio:9000"),
            b -> b.minio(m -> m.endpoint("https://minio:9000")),
            "OBSERVER_MINIO_BUCKET",
            "OBSERVER_MINIO_ACCESS_KEY",
            "OBSERVER_MINIO_SECRET_KEY"),
        new Pin(
            "observer.minio.region",
            "OBSERVER_MINIO_REGION",
            NONE,
            "eu-west-1",
            "eu-west-1",
            b -> b.minio(m -> m.region("eu-west-1")),
            "OBSERVER_MINIO_ENDPOINT",
            "OBSERVER_MINIO_BUCKET",
            "OBSERVER_MINIO_ACCESS_KEY",
            "OBSERVER_MINIO_SECRET_KEY"),
        new Pin(
            "observer.minio.bucket",
            "OBSERVER_MINIO_BUCKET",
            NONE,
            "replays",
            "replays",
            b -> b.minio(m -> m.bucket("replays")),
            "OBSERVER_MINIO_ENDPOINT",
            "OBSERVER_MINIO_ACCESS_KEY",
            "OBSERVER_MINIO_SECRET_KEY"),
        new Pin(
            "observer.minio.access-key",
            "OBSERVER_MINIO_ACCESS_KEY",
            NONE,
            "ak",
            "ak",
            b -> b.minio(m -> m.accessKey("ak")),
            "OBSERVER_MINIO_ENDPOINT",
            "OBSERVER_MINIO_BUCKET",
            "OBSERVER_MINIO_SECRET_KEY"),
        new Pin(
            "observer.minio.secret-key",
            "OBSERVER_MINIO_SECRET_KEY",
            NONE,
            "sk",
            "sk",
            b -> b.minio(m -> m.secretKey("sk")),
            "OBSERVER_MINIO_ENDPOINT",
            "OBSERVER_MINIO_BUCKET",
            "OBSERVER_MINIO_ACCESS_KEY"),
        new Pin(
            "observer.minio.lifecycle",
            "OBSERVER_MINIO_LIFECYCLE",
            true,
            "false",
            false,
            b -> b.minio(m -> m.lifecycle(false))),
        new Pin(
            "observer.retention.events",
            "OBSERVER_RETENTION_EVENTS",
            Duration.ofDays(90),
            "P1W",
            Duration.ofDays(7),
            b -> b.retention(r -> r.events(Duration.ofDays(7)))),
        new Pin(
            "observer.retention.replays",
            "OBSERVER_RETENTION_REPLAYS",
            Duration.ofDays(30),
            "48h",
            Duration.ofDays(2),
            b -> b.retention(r -> r.replays(Duration.ofDays(2)))),
        new Pin(
            "observer.retention.events-bytes",
            "OBSERVER_RETENTION_EVENTS_BYTES",
            NONE,
            "20GiB",
            20L << 30,
            b -> b.retention(r -> r.eventsBytes(20L << 30))),
        new Pin(
            "observer.retention.replays-bytes",
            "OBSERVER_RETENTION_REPLAYS_BYTES",
            NONE,
            "64MiB",
            64L << 20,
            b -> b.retention(r -> r.replaysBytes(64L << 20))),
        new Pin(
            "observer.metrics.public",
            "OBSERVER_METRICS_PUBLIC",
            false,
            "true",
            true,
            b -> b.metrics(m -> m.isPublic(true))),
        new Pin(
            "observer.capture.in-app",
            "OBSERVER_CAPTURE_IN_APP",
            List.of(),
            "com.acme.shop,org.acme",
            List.of("com.acme.shop", "org.acme"),
            b -> b.capture(c -> c.inApp("com.acme.shop", "org.acme"))),
        new Pin(
            "observer.capture.procedure-input",
            "OBSERVER_CAPTURE_PROCEDURE_INPUT",
            true,
            "false",
            false,
            b -> b.capture(c -> c.procedureInput(false))),
        new Pin(
            "observer.capture.denied-keys",
            "OBSERVER_CAPTURE_DENIED_KEYS",
            List.of(),
            "diagnosis,salary",
            List.of("diagnosis", "salary"),
            b -> b.capture(c -> c.deniedKeys("diagnosis", "salary"))));
  }

  @Test
  void everyKeyIsPinned_onceAndInOrder() {
    assertEquals(
        Arrays.stream(ConfigKey.values()).map(ConfigKey::property).toList(),
        pins().map(Pin::property).toList());
    assertEquals(
        Arrays.stream(ConfigKey.values()).map(ConfigKey::environmentVariable).toList(),
        pins().map(Pin::variable).toList());
    assertEquals(
        ConfigKey.values().length, new HashSet<>(pins().map(Pin::variable).toList()).size());
  }

  @ParameterizedTest
  @MethodSource("pins")
  void default_applies(Pin pin) {
    ObserverConfig config = isolated(Map.of()).build();
    assertEquals(pin.byDefault, valueOf(pin, config));
  }

  @ParameterizedTest
  @MethodSource("pins")
  void builder_sets(Pin pin) {
    ObserverConfigBuilder builder = isolated(companions(pin, Pin::variable));
    pin.builder.accept(builder);
    assertEquals(pin.value, valueOf(pin, builder.build()));
  }

  @ParameterizedTest
  @MethodSource("pins")
  void environmentVariable_sets(Pin pin) {
    Map<String, String> variables = companions(pin, Pin::variable);
    variables.put(pin.variable, pin.text);
    assertEquals(pin.value, valueOf(pin, isolated(variables).build()));
  }

  @ParameterizedTest
  @MethodSource("pins")
  void file_sets(Pin pin, @TempDir Path directory) throws Exception {
    Map<String, String> entries = companions(pin, Pin::property);
    entries.put(pin.property, pin.text);
    Path file = directory.resolve("observer.properties");
    Files.write(
        file, entries.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
    assertEquals(pin.value, valueOf(pin, isolated(Map.of()).file(file).build()));
  }

  @ParameterizedTest
  @MethodSource("pins")
  void formatted_parsesToTheSame(Pin pin) {
    ConfigKey key = keyOf(pin);
    assertEquals(pin.value, key.type().parse(key.type().format(pin.value)));
  }

  @ParameterizedTest
  @MethodSource("pins")
  void reference_spellsTheBuilderAsItIs(Pin pin) throws Exception {
    List<String> names = new ArrayList<>(keyOf(pin).path());
    String setter = names.remove(names.size() - 1);
    Class<?> owner = ObserverConfigBuilder.class;
    for (String name : names) {
      Class<?> step = owner;
      String method = name;
      assertTrue(
          Arrays.stream(step.getMethods()).anyMatch(m -> m.getName().equals(method)),
          () -> step + "." + method);
      owner =
          switch (name) {
            case "replay" -> ObserverConfigBuilder.ReplayLimits.class;
            default ->
                Class.forName(
                    ObserverConfigBuilder.class.getName()
                        + "$"
                        + name.substring(0, 1).toUpperCase(Locale.ROOT)
                        + name.substring(1));
          };
    }
    Class<?> last = owner;
    assertTrue(
        Arrays.stream(last.getMethods()).anyMatch(m -> m.getName().equals(setter)),
        () -> last + "." + setter);
  }

  private static ObserverConfigBuilder isolated(Map<String, String> variables) {
    Map<String, String> all = new HashMap<>(variables);
    all.put("HOSTNAME", "machine-1");
    return ObserverConfig.builder().environmentVariables(all);
  }

  private static Map<String, String> companions(Pin pin, Function<Pin, String> spelling) {
    return pins()
        .filter(other -> pin.with.contains(other.variable))
        .collect(Collectors.toMap(spelling, Pin::text, (a, b) -> a, HashMap::new));
  }

  private static ConfigKey keyOf(Pin pin) {
    return Arrays.stream(ConfigKey.values())
        .filter(key -> key.property().equals(pin.property))
        .findFirst()
        .orElseThrow();
  }

  private static Object valueOf(Pin pin, ObserverConfig config) {
    return Optional.ofNullable(keyOf(pin).read(config)).orElse(NONE);
  }
}
