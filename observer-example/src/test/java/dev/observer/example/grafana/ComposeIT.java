package dev.observer.example.grafana;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.observer.example.Eventually;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.RemoveBucketArgs;
import io.minio.StatObjectArgs;
import io.minio.errors.ErrorResponseException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/**
 * The services of {@code docker-compose.yml}, with a crowd in the shop: whatever Grafana shows, and
 * whatever the docs ask, has something to show.
 */
@Timeout(600)
class ComposeIT {
  private static final Path DASHBOARDS = Compose.ROOT.resolve("docs/backends/grafana/dashboards");

  /** What nothing goes wrong for: a zero is all that there is to show. */
  private static final Set<String> MAY_BE_ZERO =
      Set.of(
          "Alerts",
          "Captured, not yet on the disk",
          "Delivery attempts that failed",
          "Lost in browsers",
          "Not kept where it belongs",
          "Oldest in the spool",
          "Recordings that ended",
          "Turned away",
          "Waiting in the spool");

  /** Queries of the docs; an empty line is between two. */
  private static final Pattern BLOCK = Pattern.compile("(?s)```(logql|promql)\\n(.*?)```");

  private static final String EXAMPLE_TRACE = "trace_id=\"4bf92f3577b34da6a3ce929d0e0e4736\"";
  private static final String EXAMPLE_SESSION =
      "session_id=\"01985f2e-7c1a-7b3d-9a50-3f1d2c4b5a69\"";

  @TempDir static Path directory;
  private static Compose compose;
  private static Sources sources;

  @BeforeAll
  static void start() throws Exception {
    List<String> minio = List.of(Compose.program("minio").toString());
    List<String> loki = List.of(Compose.program("loki").toString());
    List<String> prometheus = List.of(Compose.program("prometheus").toString());
    compose = new Compose(directory);
    compose.run("prepare");
    compose.start("minio", minio, List.of(), Map.of());
    compose.run("minio-key");
    compose.start("loki", loki, List.of(), compose.lokiHere());
    String listen = compose.uri("prometheus").getAuthority();
    compose.start("prometheus", prometheus, List.of("--web.listen-address=" + listen), Map.of());
    compose.start("shop", java(), List.of("dev.observer.example.Shop"), compose.shopHere());
    sources = new Sources(compose.uri("loki"), compose.uri("prometheus"));
    // What counts from zero has to be seen there first.
    Eventually.get(
        "a scrape",
        Duration.ofMinutes(1),
        () -> sources.ask(Query.Source.PROMETHEUS, Query.Shape.INSTANT, "observer_spool_files"),
        Sources::hasData);
    compose.start("traffic", java(), List.of("--haste", "20"), Map.of());
    Eventually.get(
        "the first who signs up",
        Duration.ofMinutes(2),
        () ->
            sources.ask(
                Query.Source.LOKI,
                Query.Shape.LINES,
                "{kind=\"event\"} | json event_name | event_name=`signup_completed`"),
        Sources::hasData);
  }

  @AfterAll
  static void stop() throws Exception {
    if (compose != null) {
      compose.close();
    }
  }

  /** That of the image, but with little room, so that there is garbage to be collected. */
  private static List<String> java() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmn8m",
        "-cp",
        System.getProperty("java.class.path"));
  }

  private static void assertShown(
      Query.Source source, Query.Shape shape, String expression, Predicate<JsonNode> right)
      throws Exception {
    Eventually.get(
        source + " for " + expression, () -> sources.ask(source, shape, expression), right);
  }

  @TestFactory
  List<DynamicTest> everyPanel_hasData() throws Exception {
    List<DynamicTest> tests = new ArrayList<>();
    try (Stream<Path> files = Files.list(DASHBOARDS)) {
      for (Path file : files.sorted().toList()) {
        JsonNode dashboard = new ObjectMapper().readTree(Files.readString(file));
        for (JsonNode panel : dashboard.path("panels")) {
          for (JsonNode target : panel.path("targets")) {
            tests.add(
                dynamicTest(
                    "%s: %s %s"
                        .formatted(
                            dashboard.path("title").asText(),
                            panel.path("title").asText(),
                            target.path("refId").asText()),
                    () -> assertShown(dashboard, panel, target)));
          }
        }
      }
    }
    assertTrue(tests.size() > 80, "" + tests.size());
    return tests;
  }

  private static void assertShown(JsonNode dashboard, JsonNode panel, JsonNode target)
      throws Exception {
    Query.Source source =
        Query.Source.valueOf(target.at("/datasource/type").asText().toUpperCase(Locale.ROOT));
    boolean instant =
        target.path("queryType").asText().equals("instant") || target.path("instant").asBoolean();
    boolean lines =
        source == Query.Source.LOKI
            && List.of("logs", "table").contains(panel.path("type").asText())
            && !instant;
    boolean mayBeZero = MAY_BE_ZERO.contains(panel.path("title").asText());
    assertShown(
        source,
        instant ? Query.Shape.INSTANT : lines ? Query.Shape.LINES : Query.Shape.RANGE,
        withVariables(dashboard, target.path("expr").asText()),
        mayBeZero ? Sources::hasData : Sources::showsSomething);
  }

  /** An expression as Grafana sends it when nothing was chosen. */
  private static String withVariables(JsonNode dashboard, String expression) {
    String sent = withIntervals(expression);
    for (JsonNode variable : dashboard.at("/templating/list")) {
      String value =
          variable.path("includeAll").asBoolean()
              ? variable.path("allValue").asText()
              : variable.path("query").asText();
      sent = sent.replace("$" + variable.path("name").asText(), value);
    }
    assertTrue(!sent.matches("(?s).*\\$[a-z_].*"), sent);
    return sent;
  }

  private static String withIntervals(String expression) {
    return expression
        .replace("$__range", Sources.SHOWN.toMinutes() + "m")
        .replace("$__auto", "1m")
        .replace("$__rate_interval", "15s");
  }

  @TestFactory
  List<DynamicTest> everyQueryOfTheDocs_findsSomething() throws Exception {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path page : pages()) {
      List<MatchResult> blocks = BLOCK.matcher(Files.readString(page)).results().toList();
      for (MatchResult block : blocks) {
        boolean loki = block.group(1).equals("logql");
        for (String query : block.group(2).strip().split("\n\n", -1)) {
          tests.add(
              dynamicTest(
                  Compose.ROOT.relativize(page) + ": " + query,
                  () -> assertAnswered(loki ? Query.Source.LOKI : Query.Source.PROMETHEUS, query)));
        }
      }
    }
    assertTrue(tests.size() > 35, "" + tests.size());
    return tests;
  }

  private static List<Path> pages() throws Exception {
    List<Path> pages = new ArrayList<>();
    for (String directory : List.of("docs", "docs/recipes", "docs/backends", "docs/reference")) {
      try (Stream<Path> files = Files.list(Compose.ROOT.resolve(directory))) {
        files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
      }
    }
    pages.sort(null);
    return pages;
  }

  private static void assertAnswered(Query.Source source, String query) throws Exception {
    String here = withIntervals(query).replace("$service", ".+");
    if (here.contains(EXAMPLE_TRACE)) {
      String trace = fieldOf("{kind=\"error\", source=\"server\"}", "trace_id");
      here = here.replace(EXAMPLE_TRACE, trace);
    }
    if (here.contains(EXAMPLE_SESSION)) {
      here = here.replace(EXAMPLE_SESSION, fieldOf("{kind=\"replay\"}", "session_id"));
    }
    switch (source) {
      case LOKI ->
          assertShown(
              source,
              query.startsWith("{") ? Query.Shape.LINES : Query.Shape.INSTANT,
              here,
              Sources::showsSomething);
      case PROMETHEUS -> assertShown(source, Query.Shape.INSTANT, here, Sources::hasData);
    }
  }

  /** A field of one of these records, to be asked for in the place of an example. */
  private static String fieldOf(String selector, String field) throws Exception {
    JsonNode found =
        Eventually.get(
            field + " of " + selector,
            () ->
                sources.ask(
                    Query.Source.LOKI, Query.Shape.LINES, selector + " | " + field + "!=\"\""),
            Sources::hasData);
    String line = found.at("/result/0/values/0/1").asText();
    return field + "=\"" + new ObjectMapper().readTree(line).path(field).asText() + "\"";
  }

  @Test
  void prometheus_hasTheShop_andItsRules() throws Exception {
    JsonNode target = Sources.get(compose.uri("prometheus").resolve("/api/v1/targets"));
    assertEquals("up", target.at("/data/activeTargets/0/health").asText(), target.toString());
    Eventually.get(
        "rules",
        () -> Sources.get(compose.uri("prometheus").resolve("/api/v1/rules")),
        rules -> {
          List<String> health = rules.findValuesAsText("health");
          return health.size() > 10 && health.stream().allMatch("ok"::equals);
        });
  }

  @Test
  void replays_areInMinio() throws Exception {
    Path bucket = compose.volume("minio").resolve("observer/replays");
    Eventually.get("a recording in the bucket", () -> Files.isDirectory(bucket), is -> is);
  }

  @Test
  void keyOfTheShop_mayUseItsBucket_andNothingElse() throws Exception {
    Path secrets = compose.volume("secrets");
    Properties shop = new Properties();
    try (Reader in = Files.newBufferedReader(secrets.resolve("shop/observer.properties"))) {
      shop.load(in);
    }
    MinioClient client =
        minio(
            shop.getProperty("observer.minio.access-key"),
            shop.getProperty("observer.minio.secret-key"));
    MinioClient root =
        minio(
            Files.readString(secrets.resolve("minio/user")),
            Files.readString(secrets.resolve("minio/password")));
    root.makeBucket(MakeBucketArgs.builder().bucket("accounts").build());
    put(root, "accounts", "replays/a");
    put(client, "observer", "replays/a");
    for (Executable forbidden :
        List.<Executable>of(
            () -> put(client, "observer", "b"),
            () -> put(client, "accounts", "replays/b"),
            () ->
                client.statObject(
                    StatObjectArgs.builder().bucket("accounts").object("replays/a").build()),
            () -> client.makeBucket(MakeBucketArgs.builder().bucket("more").build()),
            () -> client.removeBucket(RemoveBucketArgs.builder().bucket("observer").build()))) {
      ErrorResponseException refused = assertThrows(ErrorResponseException.class, forbidden);
      assertEquals("AccessDenied", refused.errorResponse().code());
    }
  }

  private static MinioClient minio(String accessKey, String secretKey) {
    return MinioClient.builder()
        .endpoint(compose.uri("minio").toString())
        .credentials(accessKey, secretKey)
        .build();
  }

  private static void put(MinioClient client, String bucket, String object) throws Exception {
    client.putObject(
        PutObjectArgs.builder()
            .bucket(bucket)
            .object(object)
            .data(new byte[] {'{', '}'}, 2)
            .build());
  }

  @Test
  void loki_canErase() throws Exception {
    assertTrue(Sources.get(compose.uri("loki").resolve("/loki/api/v1/delete")).isArray());
  }

  @Test
  void secrets_areOneServiceEach_andStay() throws Exception {
    Path secrets = compose.volume("secrets");
    String before = Files.readString(secrets.resolve("shop/observer.properties"));
    compose.run("prepare");
    compose.run("minio-key");
    assertEquals(before, Files.readString(secrets.resolve("shop/observer.properties")));
    try (Stream<Path> files = Files.walk(secrets)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertEquals(
            "rw-------",
            PosixFilePermissions.toString(Files.getPosixFilePermissions(file)),
            file.toString());
      }
    }
  }
}
