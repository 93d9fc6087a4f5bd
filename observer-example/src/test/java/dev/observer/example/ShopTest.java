package dev.observer.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.observer.config.ObserverConfig;
import dev.observer.server.rpc.TypeScript;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The back end over HTTP. */
final class ShopTest {
  private static final String ORDER =
      """
      {"name": "Ada", "email": "ada@example.org", "card_number": "4242 4242 4242 4242", "note": "",
       "lines": [{"product_id": "ember-teapot", "quantity": 2}, {"product_id": "moss-mug", "quantity": 1}]}
      """;
  private static final String SIGN_UP =
      """
      {"email": "ada@example.org", "name": "Ada", "taste": "VASES", "agreed": true}
      """;
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final Path data;
  private final Shop shop;

  ShopTest(@TempDir Path data) {
    this.data = data;
    shop = Shops.open(data);
  }

  @AfterEach
  void close() {
    shop.close();
  }

  @Test
  void products_areListed_andFoundById() throws Exception {
    JsonNode products = data(get("/api/trpc/products.list"));
    assertEquals(8, products.size());
    assertEquals(products.get(2), data(byId(products.get(2).path("id").asText())));
    assertEquals(404, byId("no-such-thing").statusCode());
  }

  private HttpResponse<String> byId(String id) throws IOException, InterruptedException {
    return get(
        "/api/trpc/products.byId?input="
            + URLEncoder.encode("{\"id\":\"" + id + "\"}", StandardCharsets.UTF_8));
  }

  @Test
  void order_isPlaced_andTheCustomerIsTheSameNextTime() throws Exception {
    HttpResponse<String> placed = order(ORDER);
    assertEquals(200, placed.statusCode(), placed.body());
    assertEquals(2 * 12_600 + 2_800, data(placed).path("total_cents").asInt());
    String customer = data(placed).path("customer_id").asText();
    assertTrue(customer.matches("customer-[0-9a-f]{10}"), customer);
    JsonNode again = data(order(ORDER.replace("ada@", "Ada@")));
    assertEquals(customer, again.path("customer_id").asText());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"Ada\"             | \"  \"    | /name",
        "ada@example.org     | nobody    | /email",
        "4242 4242 4242 4242 | 1234      | /card_number",
        "ember-teapot        | gold-cup  | /lines/0",
        "\"quantity\": 2     | \"quantity\": 10 | /lines/0/quantity",
        "\"quantity\": 2     | \"quantity\": 0  | /lines/0/quantity",
      })
  void order_withAMistake_isRefusedAtItsField(String right, String wrong, String pointer)
      throws Exception {
    HttpResponse<String> answer = order(ORDER.replace(right, wrong));
    assertEquals(400, answer.statusCode(), answer.body());
    assertEquals(pointer, json(answer).at("/error/data/errors/0/pointer").asText(), answer.body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "{", "{}"})
  void order_thatIsNone_isRefused(String body) throws Exception {
    assertEquals(400, order(body).statusCode());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ada@example.org | nobody    | /email",
        "\"Ada\"           | \" \"       | /name",
        "\"VASES\"         | null      | /taste",
        "true            | false     | /agreed",
      })
  void signUp_withAMistake_isRefusedAtItsField(String right, String wrong, String pointer)
      throws Exception {
    HttpResponse<String> answer = post("/api/trpc/users.signUp", SIGN_UP.replace(right, wrong));
    assertEquals(400, answer.statusCode(), answer.body());
    assertEquals(pointer, json(answer).at("/error/data/errors/0/pointer").asText(), answer.body());
    assertEquals(0, data(get("/api/trpc/users.latest")).size());
  }

  @Test
  void signUp_isPossibleOnce_andCounted() throws Exception {
    assertEquals(200, post("/api/trpc/users.signUp", SIGN_UP).statusCode());
    HttpResponse<String> again = post("/api/trpc/users.signUp", SIGN_UP.replace("ada@", "Ada@"));
    assertEquals(409, again.statusCode(), again.body());
    assertEquals("/email", json(again).at("/error/data/errors/0/pointer").asText());
    order(ORDER);
    String metrics = Reading.of(shop.uri(), shop.observer()).metrics("text/plain");
    assertTrue(metrics.contains("shop_signups_total 1.0"), metrics);
    assertTrue(metrics.contains("shop_order_value_euros_sum 280.0"), metrics);
  }

  @Test
  void flag_isOnForItsShareOfTheVisitors() throws Exception {
    assertEquals(50, visitorsWhoSeePairs());
    post("/api/trpc/flags.set", "{\"name\": \"pairs-well-with\", \"percent\": 7}");
    assertEquals(7, visitorsWhoSeePairs());
    HttpResponse<String> unknown =
        post("/api/trpc/flags.set", "{\"name\": \"no-such-flag\", \"percent\": 7}");
    assertEquals(404, unknown.statusCode(), unknown.body());
  }

  private int visitorsWhoSeePairs() throws IOException, InterruptedException {
    int seeing = 0;
    for (int bucket = 0; bucket < 100; bucket++) {
      String input = URLEncoder.encode("{\"bucket\":" + bucket + "}", StandardCharsets.UTF_8);
      JsonNode flags = data(get("/api/trpc/flags.forVisitor?input=" + input));
      assertEquals("pairs-well-with", flags.at("/0/name").asText());
      seeing += flags.at("/0/on").asBoolean() ? 1 : 0;
    }
    return seeing;
  }

  @Test
  void failure_isAnErrorOfTheServer_withTheTraceThatTheClientIsTold() throws Exception {
    HttpResponse<String> answer =
        post("/api/trpc/kiln.restock", "{\"product_id\":\"ember-teapot\"}");
    assertEquals(500, answer.statusCode());
    Reading reading = Reading.of(shop.uri(), shop.observer());
    JsonNode error =
        Eventually.get("the error", () -> reading.records("error"), errors -> errors.size() == 1)
            .get(0);
    assertEquals("kiln.restock", error.path("trpc_path").asText());
    assertEquals("server", error.path("source").asText());
    assertEquals("/api/trpc/{procedure}", error.path("route").asText());
    assertEquals("1240 degrees are more than 90", error.at("/causes/0/message").asText());
    assertEquals("ember-teapot", error.at("/properties/input/product_id").asText());
    assertEquals(json(answer).at("/error/data/trace_id").asText(), error.path("trace_id").asText());
  }

  @Test
  void typesOfTheProcedures_areThoseThatTheFrontEndIsBuiltWith() throws Exception {
    assertEquals(
        TypeScript.of(Json.MAPPER, AppRouterTypes.PROCEDURES),
        Files.readString(Path.of("web", "src", "shop", "app-router.ts")));
  }

  @Test
  void unknownAddress_isAPageOfTheApplication_butNoApi() throws Exception {
    HttpResponse<String> page = get("/products/dawn-vase");
    assertEquals(200, page.statusCode());
    assertEquals(get("/").body(), page.body());
    assertEquals("no-cache", header(page, "Cache-Control"));
    assertEquals(404, get("/api/nothing").statusCode());
    assertEquals(404, get("/assets/nothing.js").statusCode());
    assertEquals("no-cache", header(get("/assets/nothing.js"), "Cache-Control"));
    assertEquals(404, get("/../logback.xml").statusCode());
  }

  @Test
  void pages_forbidInlineScriptsAndForeignAddresses() throws Exception {
    String policy = header(get("/"), "Content-Security-Policy");
    assertTrue(policy.startsWith("default-src 'none'; script-src 'self';"), policy);
    assertFalse(policy.contains("unsafe"), policy);
  }

  @Test
  void assets_areImmutable() throws Exception {
    Matcher script = Pattern.compile("/assets/[^\"]+\\.js").matcher(get("/").body());
    assertTrue(script.find());
    HttpResponse<String> asset = get(script.group());
    assertEquals(200, asset.statusCode());
    assertTrue(header(asset, "Cache-Control").contains("immutable"));
    assertTrue(header(asset, "Content-Type").contains("javascript"));
  }

  @Test
  void observer_isServedBesideTheShop() throws Exception {
    assertEquals(200, get("/api/observer/health").statusCode());
    assertEquals(200, get("/api/observer/client.js").statusCode());
    assertEquals(200, get("/api/observer/console/").statusCode());
    assertEquals(401, get("/metrics").statusCode());
  }

  @Test
  void takenPort_isSaidInWords(@TempDir Path other) {
    ObserverConfig taken =
        ObserverConfig.builder()
            .environmentVariables(Map.of())
            .dataDir(other)
            .http(http -> http.port(shop.uri().getPort()))
            .build();
    UncheckedIOException e = assertThrows(UncheckedIOException.class, () -> Shop.start(taken));
    assertEquals("Port " + shop.uri().getPort() + " of 127.0.0.1 is not free", e.getMessage());
    assertDataIsFree(other);
  }

  @Test
  void closedShop_letsGoOfItsData() {
    shop.close();
    assertDataIsFree(data);
  }

  private static void assertDataIsFree(Path data) {
    Shops.open(data).close();
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(at(path)));
  }

  private HttpResponse<String> order(String order) throws IOException, InterruptedException {
    return post("/api/trpc/orders.place", order);
  }

  private HttpResponse<String> post(String path, String body)
      throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(at(path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private URI at(String path) {
    return URI.create(shop.uri().toString().replaceAll("/$", "") + path);
  }

  private static HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode data(HttpResponse<String> answer) throws IOException {
    return json(answer).at("/result/data");
  }

  private static JsonNode json(HttpResponse<String> answer) throws IOException {
    return Json.MAPPER.readTree(answer.body());
  }

  private static String header(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }
}
