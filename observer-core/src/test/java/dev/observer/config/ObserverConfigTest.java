package dev.observer.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ObserverConfigTest {

  @TempDir Path directory;

  @Test
  void builderWins_overEnvironment_overFile_overDefault() throws Exception {
    Path file = file("observer.http.port=1", "observer.limits.items=1", "observer.limits.depth=1");
    ObserverConfig config =
        ObserverConfig.builder()
            .environmentVariables(Map.of("OBSERVER_HTTP_PORT", "2", "OBSERVER_LIMITS_ITEMS", "2"))
            .file(file)
            .http(http -> http.port(3))
            .build();
    assertEquals(3, config.http().port());
    assertEquals(2, config.limits().items());
    assertEquals(1, config.limits().depth());
    assertEquals(200, config.limits().burst());
  }

  @Test
  void file_isNamedByTheEnvironment_unlessTheBuilderNamesOne() throws Exception {
    Path named = file("observer.service-name=named");
    Map<String, String> variables = Map.of("OBSERVER_CONFIG", named.toString());
    assertEquals(
        "named", ObserverConfig.builder().environmentVariables(variables).build().serviceName());

    Path given = Files.writeString(directory.resolve("given"), "observer.service-name=given");
    assertEquals(
        "given",
        ObserverConfig.builder().environmentVariables(variables).file(given).build().serviceName());
  }

  @Test
  void blankText_countsAsNotSet() throws Exception {
    ObserverConfig config =
        ObserverConfig.builder()
            .environmentVariables(Map.of("OBSERVER_RELEASE", "", "OBSERVER_HTTP_PORT", " "))
            .file(file("observer.read-token=", "observer.http.port=81"))
            .build();
    assertNull(config.release());
    assertNull(config.readToken());
    assertEquals(81, config.http().port());
  }

  @Test
  void everyProblem_isListedAtOnce_withValueOriginAndWhatIsAllowed() throws Exception {
    Path file = file("observer.limits.body-bytes=10MB", "observer.retention.replays=soon");
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () ->
                ObserverConfig.builder()
                    .environmentVariables(
                        Map.of(
                            "OBSERVER_HTTP_PORT", "eighty",
                            "OBSERVER_METRICS_PUBLIC", "yes",
                            "OBSERVER_HTPP_HOST", "::"))
                    .file(file)
                    .serviceName("my shop")
                    .http(http -> http.basePath("observer/").trustedProxies("proxy.example"))
                    .limits(limits -> limits.items(0))
                    .minio(minio -> minio.endpoint("http://minio:9000").accessKey("a"))
                    .build());
    assertEquals(
        List.of(
            "observer.service-name = my shop (builder): allowed: " + Rules.NAME_WORDS,
            "observer.http.port = eighty (environment variable OBSERVER_HTTP_PORT): allowed: "
                + Rules.PORT_WORDS,
            "observer.http.base-path = observer/ (builder): allowed: " + Rules.BASE_PATH_WORDS,
            "observer.http.trusted-proxies = proxy.example (builder): allowed: "
                + Rules.NETWORKS_WORDS,
            "observer.limits.body-bytes = 10MB (file " + file + "): allowed: " + Rules.BYTES_WORDS,
            "observer.limits.items = 0 (builder): allowed: " + Rules.ITEMS_WORDS,
            "observer.minio.bucket (not set): needed because minio.endpoint is set",
            "observer.minio.secret-key (not set): needed because minio.endpoint is set",
            "observer.retention.replays = soon (file "
                + file
                + "): allowed: "
                + Rules.RETENTION_WORDS,
            "observer.metrics.public = yes (environment variable OBSERVER_METRICS_PUBLIC):"
                + " allowed: true or false",
            "OBSERVER_HTPP_HOST = *** (environment variable): is not a setting of Observer; did"
                + " you mean OBSERVER_HTTP_HOST?"),
        e.problems().stream().map(ConfigProblem::toString).toList());
    assertTrue(message(e).startsWith("11 settings of Observer are wrong; nothing was started:"));
    e.problems().forEach(problem -> assertTrue(message(e).contains("\n  - " + problem)));
  }

  @Test
  void secrets_neverAppear_inErrors() {
    String secret = "hunter2 hunter2\n";
    ConfigException e =
        problemsOf(
            Map.of(
                "OBSERVER_READ_TOKEN", secret,
                "OBSERVER_LOKI_PASSWORD", "hunter2\u0007",
                "OBSERVER_LOKI_TOKEN", "hunter2\u0007",
                "OBSERVER_LOKI_PASWORD", "hunter2",
                "OBSERVER_LOKI_URL", "http://me:hunter2@loki:3100",
                "OBSERVER_MINIO_SECRET_KEY", "hunter2\u0007"));
    assertFalse(message(e).contains("hunter2"), message(e));
    assertTrue(message(e).contains("observer.loki.url = http://***@loki:3100"), message(e));
    for (String name : List.of("read-token", "loki.password", "loki.token", "minio.secret-key")) {
      assertTrue(message(e).contains("observer." + name + " = ***"), message(e));
    }
  }

  @Test
  void secrets_neverAppear_inToString() {
    ObserverConfig config =
        ObserverConfig.builder()
            .environmentVariables(Map.of())
            .readToken("hunter2-hunter2-hunter2")
            .loki(loki -> loki.url("http://loki:3100").username("me").password("hunter2"))
            .minio(
                minio ->
                    minio
                        .endpoint("http://minio:9000")
                        .bucket("replays")
                        .accessKey("ak")
                        .secretKey("hunter2"))
            .build();
    String text = config + " " + config.loki() + config.minio();
    assertFalse(text.contains("hunter2"), text);
    assertTrue(text.contains("read-token=***, "), text);
    assertTrue(text.contains("loki.username=me, loki.password=***, "), text);
    assertTrue(text.contains("Loki[url=http://loki:3100, tenant=null, username=me, "), text);
    assertTrue(text.contains("accessKey=ak, secretKey=***, lifecycle=true]"), text);
    assertFalse(text.contains("loki.token"), "not set, not masked: " + text);
  }

  @Test
  void lokiToken_isMasked_inToString() {
    String text =
        ObserverConfig.builder()
            .environmentVariables(Map.of())
            .loki(loki -> loki.url("http://loki:3100").token("hunter2"))
            .build()
            .toString();
    assertFalse(text.contains("hunter2"), text);
    assertTrue(text.contains("loki.token=***"), text);
  }

  @ParameterizedTest
  @CsvSource({
    "OBSERVER_PORT, OBSERVER_HTTP_PORT",
    "OBSERVER_BASE_PATH, OBSERVER_HTTP_BASE_PATH",
    "OBSERVER_LIMIT_ITEMS, OBSERVER_LIMITS_ITEMS",
    "OBSERVER_DATADIR, OBSERVER_DATA_DIR",
    "OBSERVER_SERVICENAME, OBSERVER_SERVICE_NAME",
  })
  void unknownVariable_isRefused_withTheNearestName(String name, String meant) {
    assertEquals(
        List.of(
            new ConfigProblem(
                name,
                "***",
                "environment variable",
                "is not a setting of Observer; did you mean " + meant + "?")),
        problemsOf(Map.of(name, "1")).problems());
  }

  @Test
  void unknownVariable_withoutANearName_isRefused() {
    assertEquals(
        List.of(
            new ConfigProblem(
                "OBSERVER_COLOUR_SCHEME",
                "***",
                "environment variable",
                "is not a setting of Observer")),
        problemsOf(Map.of("OBSERVER_COLOUR_SCHEME", "dark")).problems());
  }

  @Test
  void othersVariables_areLeftAlone() {
    ObserverConfig.builder()
        .environmentVariables(
            Map.of(
                "OBSERVER_TEST_REQUIRE_BACKENDS", "true",
                "OBSERVER_SERVICE_HOST", "10.0.0.7",
                "OBSERVER_SERVICE_PORT", "8080",
                "OBSERVER_SERVICE_PORT_HTTP", "8080",
                "OBSERVER_PORT", "tcp://10.0.0.7:8080",
                "OBSERVER_ADMIN_PORT", "tcp://10.0.0.7:9090",
                "OBSERVER_PORT_8080_TCP", "tcp://10.0.0.7:8080",
                "OBSERVER_PORT_8080_TCP_ADDR", "10.0.0.7",
                "OBSERVER_SERVER_SERVICE_HOST", "10.0.0.8",
                "OBSERVERS", "2"))
        .build();
  }

  @ParameterizedTest
  @CsvSource({
    "observer.http.prot, observer.http.port",
    "http.port, observer.http.port",
    "observr.data-dir, observer.data-dir",
    "observer.limits.body_bytes, observer.limits.body-bytes",
  })
  void unknownEntryOfTheFile_isRefused_withTheNearestName(String name, String meant)
      throws Exception {
    Path file = file(name + "=1");
    assertEquals(
        List.of(
            new ConfigProblem(
                name,
                "***",
                "file " + file,
                "is not a setting of Observer; did you mean " + meant + "?")),
        problemsOf(file).problems());
  }

  @Test
  void othersEntriesOfTheFile_areLeftAlone() throws Exception {
    Path file = file("server.port=9000", "spring.profiles.active=prod", "observer.http.port=1");
    assertEquals(
        1,
        ObserverConfig.builder().environmentVariables(Map.of()).file(file).build().http().port());
  }

  @Test
  void entryThatIsThereTwice_isRefused() throws Exception {
    Path file = file("observer.http.port=1", "observer.http.port=2");
    assertEquals(
        List.of(
            new ConfigProblem(
                "observer.http.port", "***", "file " + file, "is there more than once")),
        problemsOf(file).problems());
  }

  @Test
  void fileThatIsMissing_isRefused_andTheRestIsStillChecked() {
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () ->
                ObserverConfig.builder()
                    .environmentVariables(
                        Map.of("OBSERVER_CONFIG", "no/such.file", "OBSERVER_HTTP_PORT", "-1"))
                    .build());
    assertEquals(
        List.of(
            "observer.http.port = -1 (environment variable OBSERVER_HTTP_PORT): allowed: "
                + Rules.PORT_WORDS,
            "configuration file = no/such.file (environment variable OBSERVER_CONFIG): there is no"
                + " such file"),
        e.problems().stream().map(ConfigProblem::toString).toList());
  }

  @Test
  void fileThatIsNotUtf8_isRefused() throws Exception {
    Path file = directory.resolve("latin1");
    Files.write(file, "observer.release=\u00fc".getBytes(StandardCharsets.ISO_8859_1));
    assertEquals("not a properties file in UTF-8", problemsOf(file).problems().get(0).reason());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "OBSERVER_SERVICE_NAME|a b",
        "OBSERVER_ENVIRONMENT|prod/eu",
        "OBSERVER_RELEASE|a\u0007b",
        "OBSERVER_INSTANCE|a:1",
        "OBSERVER_HTTP_HOST|my host",
        "OBSERVER_HTTP_PORT|65536",
        "OBSERVER_HTTP_PORT|-1",
        "OBSERVER_HTTP_BASE_PATH|api",
        "OBSERVER_HTTP_BASE_PATH|/",
        "OBSERVER_HTTP_BASE_PATH|/api/",
        "OBSERVER_HTTP_BASE_PATH|/api//observer",
        "OBSERVER_HTTP_BASE_PATH|/api/../observer",
        "OBSERVER_HTTP_BASE_PATH|/api?x",
        "OBSERVER_HTTP_TRUSTED_PROXIES|10.0.0.0/33",
        "OBSERVER_HTTP_TRUSTED_PROXIES|10.0.0",
        "OBSERVER_HTTP_TRUSTED_PROXIES|localhost",
        "OBSERVER_WRITE_KEY|a&b",
        "OBSERVER_CAPTURE_IN_APP|com..acme",
        "OBSERVER_CAPTURE_IN_APP|com.acme.*",
        "OBSERVER_CAPTURE_PROCEDURE_INPUT|yes",
        "OBSERVER_ALLOWED_ORIGINS|*",
        "OBSERVER_ALLOWED_ORIGINS|https://*.shop.example",
        "OBSERVER_ALLOWED_ORIGINS|https://shop.example/",
        "OBSERVER_ALLOWED_ORIGINS|https://shop.example,shop.example",
        "OBSERVER_ALLOWED_ORIGINS|null",
        "OBSERVER_READ_TOKEN|short",
        "OBSERVER_READ_TOKEN|0123456789 abcdef",
        "OBSERVER_LIMITS_BODY_BYTES|0",
        "OBSERVER_LIMITS_BODY_BYTES|1.5MiB",
        "OBSERVER_LIMITS_BODY_BYTES|2GiB",
        "OBSERVER_LIMITS_INFLATED_BYTES|99999999999999999999",
        "OBSERVER_LIMITS_INFLATED_BYTES|9999999999TiB",
        "OBSERVER_LIMITS_ITEMS|100001",
        "OBSERVER_LIMITS_DEPTH|0",
        "OBSERVER_LIMITS_STRING_BYTES|-5",
        "OBSERVER_LIMITS_REPLAY_BODY_BYTES|0",
        "OBSERVER_LIMITS_REPLAY_INFLATED_BYTES|0",
        "OBSERVER_LIMITS_REPLAY_DEPTH|10001",
        "OBSERVER_LIMITS_REQUESTS_PER_SECOND|-1",
        "OBSERVER_LIMITS_BURST|x",
        "OBSERVER_LIMITS_SERVICES|0",
        "OBSERVER_SPOOL_EVENTS_BYTES|0",
        "OBSERVER_SPOOL_REPLAYS_BYTES|none",
        "OBSERVER_LOKI_URL|loki:3100",
        "OBSERVER_LOKI_URL|ftp://loki",
        "OBSERVER_LOKI_URL|http://loki?x=1",
        "OBSERVER_LOKI_URL|http://lo ki",
        "OBSERVER_LOKI_TENANT|..",
        "OBSERVER_LOKI_USERNAME|a:b",
        "OBSERVER_MINIO_ENDPOINT|minio",
        "OBSERVER_MINIO_REGION|eu west",
        "OBSERVER_MINIO_BUCKET|Replays",
        "OBSERVER_RETENTION_EVENTS|23h",
        "OBSERVER_RETENTION_EVENTS|36501d",
        "OBSERVER_RETENTION_REPLAYS|90",
        "OBSERVER_RETENTION_REPLAYS|P3M",
        "OBSERVER_RETENTION_EVENTS_BYTES|0",
        "OBSERVER_RETENTION_REPLAYS_BYTES|67108863",
        "OBSERVER_METRICS_PUBLIC|1",
      })
  void valueThatIsNotAllowed_isRefused_underItsName(String variable, String value) {
    List<ConfigProblem> problems = problemsOf(Map.of(variable, value)).problems();
    assertTrue(
        problems.stream()
            .anyMatch(
                problem ->
                    problem.origin().equals("environment variable " + variable)
                        && problem.reason().startsWith("allowed: ")),
        problems::toString);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "OBSERVER_SPOOL_EVENTS_BYTES=9MiB|spool.events-bytes|allowed: at least"
            + " limits.inflated-bytes (10MiB), or the largest request never fits",
        "OBSERVER_SPOOL_REPLAYS_BYTES=9MiB|spool.replays-bytes|allowed: at least"
            + " limits.replay.body-bytes (10MiB), or the largest request never fits",
        "OBSERVER_LIMITS_BURST=0|limits.burst|allowed: at least 1, or"
            + " limits.requests-per-second = 0 for no limit at all",
        "OBSERVER_ADMIN_PORT=8080|admin.port|allowed: another port than http.port, or none for one"
            + " listener",
        "OBSERVER_LOKI_TENANT=a|loki.url|needed because loki.tenant is set",
        "OBSERVER_LOKI_TOKEN=a|loki.url|needed because loki.token is set",
        "OBSERVER_LOKI_URL=http://l OBSERVER_LOKI_USERNAME=a|loki.password|needed because"
            + " loki.username is set",
        "OBSERVER_LOKI_URL=http://l OBSERVER_LOKI_PASSWORD=a|loki.username|needed because"
            + " loki.password is set",
        "OBSERVER_LOKI_URL=http://l OBSERVER_LOKI_USERNAME=a OBSERVER_LOKI_PASSWORD=a"
            + " OBSERVER_LOKI_TOKEN=a|loki.token|allowed: a token, or user and password, but not"
            + " both",
        "OBSERVER_MINIO_BUCKET=abc OBSERVER_MINIO_ACCESS_KEY=a OBSERVER_MINIO_SECRET_KEY=a"
            + "|minio.endpoint|needed because minio.bucket is set",
        "OBSERVER_MINIO_REGION=a|minio.endpoint|needed because minio.region is set",
      })
  void settingsThatContradict_areRefused(String variables, String key, String reason) {
    Map<String, String> given = new HashMap<>();
    for (String variable : variables.split(" ", -1)) {
      given.put(variable.split("=", 2)[0], variable.split("=", 2)[1]);
    }
    List<ConfigProblem> problems = problemsOf(given).problems();
    assertEquals(1, problems.size(), problems::toString);
    assertEquals("observer." + key, problems.get(0).name());
    assertEquals(reason, problems.get(0).reason());
  }

  @Test
  void burst_mayBeZero_whenTheRateLimitIsOff() {
    ObserverConfig config =
        ObserverConfig.builder()
            .environmentVariables(Map.of())
            .limits(limits -> limits.requestsPerSecond(0).burst(0))
            .build();
    assertEquals(0, config.limits().burst());
  }

  @ParameterizedTest
  @CsvSource({
    "APP_ENV, prod, production",
    "SPRING_PROFILES_ACTIVE, 'cloud, live', production",
    "QUARKUS_PROFILE, staging, staging",
    "MICRONAUT_ENVIRONMENTS, 'k8s,test', test",
    "NODE_ENV, production, production",
    "NODE_ENV, purple, development",
    "CI, true, test",
    "CI, false, development",
  })
  void environment_isDetected(String variable, String value, String environment) {
    assertEquals(
        environment,
        ObserverConfig.builder()
            .environmentVariables(Map.of(variable, value))
            .build()
            .environment());
  }

  @Test
  void environment_isWhatIsSet_whateverElseSays() {
    assertEquals(
        "eu-1",
        ObserverConfig.builder()
            .environmentVariables(Map.of("OBSERVER_ENVIRONMENT", "eu-1", "APP_ENV", "prod"))
            .build()
            .environment());
  }

  @Test
  void instance_isAlwaysValid_withoutAnyVariable() {
    String instance = ObserverConfig.builder().environmentVariables(Map.of()).build().instance();
    assertTrue(instance.matches(Rules.NAME), instance);
  }

  @Test
  void configurationMadeByHand_isCheckedOnRequest() {
    ObserverConfig valid = ObserverConfig.builder().environmentVariables(Map.of()).build();
    assertEquals(valid, valid.requireValid());
    ObserverConfig changed =
        new ObserverConfig(
            "my shop",
            valid.environment(),
            valid.release(),
            valid.instance(),
            valid.http(),
            valid.admin(),
            valid.dataDir(),
            valid.writeKey(),
            List.of("*"),
            "short-secret",
            valid.limits(),
            valid.spool(),
            valid.loki(),
            valid.minio(),
            valid.retention(),
            valid.metrics(),
            valid.capture());
    ConfigException e = assertThrows(ConfigException.class, changed::requireValid);
    assertEquals(
        List.of(
            "observer.service-name = my shop (given): allowed: " + Rules.NAME_WORDS,
            "observer.allowed-origins = * (given): allowed: " + Rules.ORIGINS_WORDS,
            "observer.read-token = *** (given): allowed: " + Rules.READ_TOKEN_WORDS),
        e.problems().stream().map(ConfigProblem::toString).toList());
  }

  @Test
  void valueInAnError_isOneShortLine() {
    ConfigProblem problem =
        problemsOf(Map.of("OBSERVER_SERVICE_NAME", "a\n- b" + "c".repeat(1000))).problems().get(0);
    assertTrue(
        problem.value() != null && problem.value().matches("a\\?- bc{115}…"), problem::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.1.2.3", "10.255.255.255", "192.168.1.7", "fd00::1", "::1"})
  void trustedProxy_isTrusted(String peer) throws Exception {
    assertTrue(proxies().trusts(InetAddress.getByName(peer)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"11.0.0.1", "192.168.1.8", "fe00::1", "::2", "127.0.0.1"})
  void anyOtherPeer_isNotTrusted(String peer) throws Exception {
    assertFalse(proxies().trusts(InetAddress.getByName(peer)));
  }

  private static ObserverConfig.Http proxies() {
    return ObserverConfig.builder()
        .environmentVariables(Map.of())
        .http(http -> http.trustedProxies("10.9.9.9/8", "192.168.1.7", "fd00::/8", "::1/128"))
        .build()
        .http();
  }

  private static String message(ConfigException e) {
    return String.valueOf(e.getMessage());
  }

  private Path file(String... lines) throws Exception {
    return Files.write(directory.resolve("observer.properties"), List.of(lines));
  }

  private static ConfigException problemsOf(Map<String, String> variables) {
    return assertThrows(
        ConfigException.class,
        () -> ObserverConfig.builder().environmentVariables(variables).build());
  }

  private static ConfigException problemsOf(Path file) {
    return assertThrows(
        ConfigException.class,
        () -> ObserverConfig.builder().environmentVariables(Map.of()).file(file).build());
  }
}
