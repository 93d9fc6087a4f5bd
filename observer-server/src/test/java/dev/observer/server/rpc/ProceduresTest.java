package dev.observer.server.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.observer.Observer;
import dev.observer.server.TestServer;
import io.undertow.Handlers;
import io.undertow.Undertow;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** tRPC's protocol, as bytes on the wire; the official client is tested with the example. */
@Timeout(60)
class ProceduresTest {
  private static final ObjectMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";

  record OrderId(@NotBlank String orderId) {}

  record Line(@NotBlank String productId, @Max(9) int quantity) {}

  record NewOrder(
      @NotEmpty List<@Valid Line> lines, String password, @Nullable String lastEventId) {}

  record Placed(String orderId, int count) {}

  private final CountDownLatch slow = new CountDownLatch(1);
  private final CountDownLatch cancelled = new CountDownLatch(1);

  /** The procedures of the test. */
  final class Orders {
    @Query
    Placed byId(OrderId id) {
      if (id.orderId().equals("none")) {
        throw new ProcedureException(ErrorCode.NOT_FOUND, "There is no such order");
      }
      return new Placed(id.orderId(), 1);
    }

    @Query
    List<Integer> numbers() {
      return List.of(1, 2);
    }

    @Query
    String slow() throws InterruptedException {
      assertTrue(slow.await(30, TimeUnit.SECONDS));
      return "at last";
    }

    @Mutation("place")
    Placed placeOrder(NewOrder order, ProcedureCall call) {
      if (order.lines().get(0).productId().equals("broken")) {
        throw new IllegalStateException("secret detail");
      }
      return new Placed(call.path(), order.lines().size());
    }

    @Mutation
    void reset(String newPassword) {
      if (!newPassword.isEmpty()) {
        throw new IllegalStateException("broken");
      }
    }

    @Mutation
    void forget(@Nullable OrderId id) {
      assertTrue(id == null);
    }

    @Query
    String greet(@NotBlank String name) {
      return "Hello " + name;
    }

    @Subscription
    Flow.Publisher<Tracked<Placed>> status(@Nullable NewOrder resumed) {
      String from = resumed == null ? "0" : String.valueOf(resumed.lastEventId());
      return subscriber ->
          subscriber.onSubscribe(
              new Flow.Subscription() {
                private int next = Integer.parseInt(from);

                @Override
                public void request(long n) {
                  if (++next <= 3) {
                    subscriber.onNext(new Tracked<>("" + next, new Placed("o", next)));
                  } else {
                    subscriber.onComplete();
                  }
                }

                @Override
                public void cancel() {}
              });
    }

    @Subscription
    Flow.Publisher<Integer> forever() {
      return subscriber ->
          subscriber.onSubscribe(
              new Flow.Subscription() {
                @Override
                public void request(long n) {}

                @Override
                public void cancel() {
                  cancelled.countDown();
                }
              });
    }

    @Subscription
    Flow.Publisher<Integer> failing() {
      SubmissionPublisher<Integer> publisher = new SubmissionPublisher<>();
      publisher.closeExceptionally(new IllegalStateException("secret detail"));
      return publisher;
    }
  }

  /** Where a method, a publisher or an item ends with an error that no code names. */
  static final class Broken {
    record Item() {
      public int getValue() {
        return mistake();
      }
    }

    private static int mistake() {
      throw new AssertionError("secret detail");
    }

    @Query
    int number() {
      return mistake();
    }

    @Subscription
    Flow.Publisher<Integer> inTheMethod() {
      int number = mistake();
      return subscriber -> subscriber.onNext(number);
    }

    @Subscription
    Flow.Publisher<Integer> inSubscribe() {
      return subscriber -> mistake();
    }

    @Subscription
    Flow.Publisher<Integer> inRequest() {
      return subscriber -> subscriber.onSubscribe(asked(Broken::mistake));
    }

    @Subscription
    Flow.Publisher<Item> inTheItem() {
      return subscriber -> subscriber.onSubscribe(asked(() -> subscriber.onNext(new Item())));
    }

    private static Flow.Subscription asked(Runnable then) {
      return new Flow.Subscription() {
        @Override
        public void request(long n) {
          then.run();
        }

        @Override
        public void cancel() {}
      };
    }
  }

  private final TestServer server;
  private final Observer observer;
  private final Undertow host;

  ProceduresTest(@TempDir Path directory) {
    server = TestServer.start(directory);
    observer = server.observer();
    host =
        Undertow.builder()
            .addHttpListener(0, "127.0.0.1")
            .setWorkerThreads(8)
            .setHandler(
                Handlers.path()
                    .addPrefixPath(
                        "/patient",
                        observer
                            .procedures()
                            .keepAlive(Duration.ofHours(1))
                            .add("orders", new Orders())
                            .handler())
                    .addPrefixPath(
                        "/trpc",
                        observer
                            .procedures()
                            .mapper(JSON)
                            .maxBodyBytes(2_000)
                            .maxBatch(3)
                            .keepAlive(Duration.ofMillis(50))
                            .intercept(ProceduresTest::requireKey)
                            .add("orders", new Orders())
                            .add("broken", new Broken())
                            .handler()))
            .build();
    host.start();
  }

  private static @Nullable Object requireKey(
      ProcedureCall call, java.util.concurrent.Callable<? extends @Nullable Object> body)
      throws Exception {
    if (call.exchange() != null && call.exchange().getRequestHeaders().contains("No-Key")) {
      throw new ProcedureException(ErrorCode.UNAUTHORIZED, "Who are you?");
    }
    return body.call();
  }

  @AfterEach
  void close() {
    host.stop();
    server.close();
  }

  private int port() {
    return ((InetSocketAddress) host.getListenerInfo().get(0).getAddress()).getPort();
  }

  private HttpRequest.Builder at(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/trpc/" + path))
        .timeout(Duration.ofSeconds(30));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path, String input) throws Exception {
    String encoded = URLEncoder.encode(input, StandardCharsets.UTF_8);
    String separator = path.contains("?") ? "&" : "?";
    return send(at(input.isEmpty() ? path : path + separator + "input=" + encoded));
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return send(
        at(path)
            .header("Content-Type", "application/json")
            .header("traceparent", PARENT)
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private static JsonNode json(HttpResponse<String> answer) throws IOException {
    return JSON.readTree(answer.body());
  }

  private static void assertError(HttpResponse<String> answer, int status, String code, String path)
      throws IOException {
    assertEquals(status, answer.statusCode(), answer.body());
    JsonNode error = json(answer).path("error");
    assertEquals(code, error.at("/data/code").asText(), answer.body());
    assertEquals(status, error.at("/data/httpStatus").asInt());
    assertEquals(path, error.at("/data/path").asText());
    assertTrue(error.at("/data/trace_id").asText().matches("[0-9a-f]{32}"), answer.body());
    assertFalse(error.path("message").asText().isEmpty());
  }

  @Test
  void query_isAnswered() throws Exception {
    HttpResponse<String> answer = get("orders.byId", "{\"order_id\":\"7\"}");
    assertEquals(200, answer.statusCode());
    assertEquals("{\"result\":{\"data\":{\"order_id\":\"7\",\"count\":1}}}", answer.body());
    assertEquals("application/json", answer.headers().firstValue("Content-Type").orElse(""));
    assertEquals("nosniff", answer.headers().firstValue("X-Content-Type-Options").orElse(""));
    assertEquals("{\"result\":{\"data\":[1,2]}}", get("orders.numbers", "").body());
    assertEquals("{\"result\":{\"data\":[1,2]}}", post("orders.numbers", "").body());
    assertEquals("{\"result\":{\"data\":\"Hello Ada\"}}", get("orders.greet", "\"Ada\"").body());
  }

  @Test
  void mutation_isAnswered_whateverItReturns() throws Exception {
    String order = "{\"lines\":[{\"product_id\":\"a\",\"quantity\":1}]}";
    assertEquals(
        "{\"result\":{\"data\":{\"order_id\":\"orders.place\",\"count\":1}}}",
        post("orders.place", order).body());
    assertEquals("{\"result\":{}}", post("orders.forget", "").body());
    assertEquals("{\"result\":{}}", post("orders.forget", "null").body());
  }

  @Test
  void expectedMistake_isToldAsItIs_andNotCaptured() throws Exception {
    HttpResponse<String> answer = get("orders.byId", "{\"order_id\":\"none\"}");
    assertError(answer, 404, "NOT_FOUND", "orders.byId");
    assertEquals(-32004, json(answer).at("/error/code").asInt());
    assertEquals("There is no such order", json(answer).at("/error/message").asText());
    assertTrue(observer.flush(Duration.ofSeconds(10)));
    assertEquals(0, server.read("/records?kind=error").get("records").size());
    assertTrue(
        server
            .metrics()
            .contains(
                "observer_procedure_seconds_count{outcome=\"not_found\",procedure=\"orders.byId\",type=\"query\"} 1"));
  }

  @Test
  void mistakeOfTheServer_tellsNothing_andIsCaptured_withItsInputButNoSecrets() throws Exception {
    HttpResponse<String> answer =
        post(
            "orders.place",
            """
            {"lines":[{"product_id":"broken","quantity":1}],"password":"hunter2"}""");
    assertError(answer, 500, "INTERNAL_SERVER_ERROR", "orders.place");
    assertFalse(answer.body().contains("secret"), answer.body());
    assertEquals(TRACE, json(answer).at("/error/data/trace_id").asText());
    JsonNode error =
        server
            .readUntil("/records?kind=error", page -> page.get("records").size() == 1)
            .at("/records/0");
    assertEquals("orders.place", error.path("trpc_path").asText());
    assertEquals("procedure", error.path("mechanism").asText());
    assertFalse(error.path("handled").asBoolean());
    assertEquals("secret detail", error.path("message").asText());
    assertEquals(TRACE, error.path("trace_id").asText());
    assertEquals(
        "{\"procedure_type\":\"mutation\",\"input\":{\"lines\":[{\"product_id\":\"broken\",\"quantity\":1}],\"password\":\"[denied]\"}}",
        error.path("properties").toString());
    String metrics = server.metrics("application/openmetrics-text; version=1.0.0").body();
    assertTrue(
        metrics
            .lines()
            .anyMatch(
                line ->
                    line.startsWith(
                            "observer_procedure_seconds_bucket{outcome=\"internal_server_error\",procedure=\"orders.place\",type=\"mutation\"")
                        && line.contains("trace_id=\"" + TRACE + "\"")),
        metrics);
  }

  @Test
  void inputThatIsAText_isNotCaptured() throws Exception {
    assertError(post("orders.reset", "\"hunter2\""), 500, "INTERNAL_SERVER_ERROR", "orders.reset");
    JsonNode error =
        server
            .readUntil("/records?kind=error", page -> page.get("records").size() == 1)
            .at("/records/0");
    assertEquals(
        "{\"procedure_type\":\"mutation\",\"input\":\"[denied]\"}",
        error.path("properties").toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"lines\":[]}                                            | /lines            | must not be empty",
        "{}                                                        | /lines            | must not be empty",
        "{\"lines\":[{\"product_id\":\" \",\"quantity\":1}]}       | /lines/0/product_id | must not be blank",
        "{\"lines\":[{\"product_id\":\"a\",\"quantity\":10}]}      | /lines/0/quantity | must be less than or equal to 9",
        "{\"lines\":[{\"product_id\":\"a\",\"quantity\":\"x\"}]}   | /lines/0/quantity | is not of the right type",
        "{\"lines\":7}                                             | /lines            | is not of the right type",
        "{\"lines\":[],\"other\":1}                                | /other            | is not known",
        "[]                                                        | ''                | is not of the right type",
        "null                                                      | ''                | is required",
      })
  void wrongInput_isNamedByItsPlace(String input, String pointer, String reason) throws Exception {
    HttpResponse<String> answer = post("orders.place", input);
    assertError(answer, 400, "BAD_REQUEST", "orders.place");
    assertEquals(
        JSON.readTree("{\"pointer\":\"" + pointer + "\",\"reason\":\"" + reason + "\"}"),
        json(answer).at("/error/data/errors/0"),
        answer.body());
  }

  @Test
  void constraintOfTheParameter_isChecked() throws Exception {
    HttpResponse<String> answer = get("orders.greet", "\" \"");
    assertError(answer, 400, "BAD_REQUEST", "orders.greet");
    assertEquals("", json(answer).at("/error/data/errors/0/pointer").asText("-"));
  }

  @Test
  void batch_isAnsweredInOrder_withOneStatusIfTheyAgree() throws Exception {
    HttpResponse<String> same =
        get("orders.byId,orders.numbers?batch=1", "{\"0\":{\"order_id\":\"7\"}}");
    assertEquals(200, same.statusCode());
    assertEquals(
        "[{\"result\":{\"data\":{\"order_id\":\"7\",\"count\":1}}},{\"result\":{\"data\":[1,2]}}]",
        same.body());
    HttpResponse<String> mixed = get("orders.nothing,orders.numbers?batch=1", "{}");
    assertEquals(207, mixed.statusCode());
    assertEquals("NOT_FOUND", json(mixed).at("/0/error/data/code").asText());
    assertEquals(2, json(mixed).at("/1/result/data/1").asInt());
    assertTrue(
        server
            .metrics()
            .contains(
                "observer_procedure_seconds_count{outcome=\"not_found\",procedure=\"none\",type=\"query\"} 1"));
  }

  @Test
  void streamedBatch_tellsEachWhenItEnds() throws Exception {
    HttpResponse<java.io.InputStream> answer =
        HttpClient.newHttpClient()
            .send(
                at("orders.slow,orders.numbers?batch=1")
                    .header("trpc-accept", "application/jsonl")
                    .build(),
                HttpResponse.BodyHandlers.ofInputStream());
    assertEquals(200, answer.statusCode());
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      assertEquals("{\"0\":[[0],[null,0,0]],\"1\":[[0],[null,0,1]]}", lines.readLine());
      assertEquals("[1,0,[[{\"result\":{\"data\":[1,2]}}]]]", lines.readLine());
      slow.countDown(); // nothing of it has been said before
      assertEquals("[0,0,[[{\"result\":{\"data\":\"at last\"}}]]]", lines.readLine());
      assertEquals(null, lines.readLine());
    }
  }

  @Test
  void errorOfAnyKind_isAnswered_andSoIsTheRestOfTheBatch() throws Exception {
    HttpResponse<String> whole = get("broken.number,orders.numbers?batch=1", "{}");
    assertEquals(207, whole.statusCode());
    assertEquals("INTERNAL_SERVER_ERROR", json(whole).at("/0/error/data/code").asText());
    assertEquals(2, json(whole).at("/1/result/data/1").asInt());
    String streamed =
        send(at("broken.number,orders.numbers?batch=1").header("trpc-accept", "application/jsonl"))
            .body();
    assertTrue(streamed.contains("[0,0,[[{\"error\":{\"message\":\"The server made a"), streamed);
    assertTrue(streamed.contains("[1,0,[[{\"result\":{\"data\":[1,2]}}]]]"), streamed);
    server.readUntil("/records?kind=error", page -> page.get("records").size() == 2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"inTheMethod", "inSubscribe", "inRequest", "inTheItem"})
  void errorOfAnyKind_endsTheSubscription(String where) throws Exception {
    String body = send(at("broken." + where)).body();
    assertTrue(
        body.contains("event:serialized-error\ndata:{\"message\":\"The server made a mistake\""),
        body);
    server.readUntil("/records?kind=error", page -> page.get("records").size() == 1);
  }

  @Test
  void requestThatIsNone_isRefused() throws Exception {
    assertError(get("orders.nothing", ""), 404, "NOT_FOUND", "orders.nothing");
    String shown = "x".repeat(100);
    assertError(get(shown + "x".repeat(3_000), ""), 404, "NOT_FOUND", shown + "…");
    assertError(get("orders.place", "{}"), 405, "METHOD_NOT_SUPPORTED", "orders.place");
    assertError(get("orders.byId", "{"), 400, "PARSE_ERROR", "");
    assertError(post("orders.byId", "{"), 400, "PARSE_ERROR", "");
    assertError(get("a,b,c,d?batch=1", "{}"), 400, "BAD_REQUEST", "");
    assertError(get("orders.byId?batch=1", "[]"), 400, "BAD_REQUEST", "");
    assertError(post("orders.byId,orders.place?batch=1", "{}"), 400, "BAD_REQUEST", "");
    assertError(post("orders.status", "{}"), 405, "METHOD_NOT_SUPPORTED", "");
    assertError(
        post("orders.place", "\"" + "x".repeat(3_000) + "\""), 413, "PAYLOAD_TOO_LARGE", "");
    assertError(
        send(
            at("orders.place")
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("{}"))),
        415,
        "UNSUPPORTED_MEDIA_TYPE",
        "");
    assertError(send(at("orders.byId").DELETE()), 405, "METHOD_NOT_SUPPORTED", "");
    assertError(
        send(at("orders.numbers").header("No-Key", "1")), 401, "UNAUTHORIZED", "orders.numbers");
    assertEquals(
        200,
        send(at("orders.byId").method("HEAD", HttpRequest.BodyPublishers.noBody())).statusCode());
  }

  @Test
  void subscription_tellsWhatIsPublished_fromWhereTheClientLeftOff() throws Exception {
    HttpResponse<String> answer = send(at("orders.status").header("Last-Event-Id", "1"));
    assertTrue(
        answer.headers().firstValue("Content-Type").orElse("").startsWith("text/event-stream"));
    // With lastEventId in a record that knows it; its lines are missing, which is told as an error.
    assertTrue(answer.body().contains("event:serialized-error"), answer.body());
    String all = send(at("orders.status")).body().replaceAll("(?m)^:\n", "");
    assertEquals(
        """
        event:connected
        data:{}

        id:1
        data:{"order_id":"o","count":1}

        id:2
        data:{"order_id":"o","count":2}

        id:3
        data:{"order_id":"o","count":3}

        event:return
        data:

        """,
        all);
  }

  @Test
  void subscriptionThatFails_isToldAndCaptured() throws Exception {
    String body = send(at("orders.failing")).body();
    assertTrue(
        body.contains("event:serialized-error\ndata:{\"message\":\"The server made a mistake\""),
        body);
    JsonNode error =
        server
            .readUntil("/records?kind=error", page -> page.get("records").size() == 1)
            .at("/records/0");
    assertEquals("orders.failing", error.path("trpc_path").asText());
  }

  @Test
  void subscription_isCancelled_asSoonAsTheClientEndsItsConnection() throws Exception {
    try (Socket socket = subscribed("/patient")) {
      assertEquals(1, cancelled.getCount());
    }
    assertTrue(cancelled.await(30, TimeUnit.SECONDS));
  }

  @Test
  void subscription_ofAClientThatGoesOnTalking_isCancelledAtTheNextSignOfLife() throws Exception {
    try (Socket socket = subscribed("/trpc")) {
      socket.getOutputStream().write("and more".getBytes(StandardCharsets.US_ASCII));
      socket.getInputStream().readNBytes(100); // it is served all the same
      assertEquals(1, cancelled.getCount());
    }
    assertTrue(cancelled.await(30, TimeUnit.SECONDS));
  }

  private Socket subscribed(String prefix) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
    socket
        .getOutputStream()
        .write(
            ("GET " + prefix + "/orders.forever HTTP/1.1\r\nHost: a\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    // The first event, after which the method was called.
    BufferedReader answer =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    String line;
    do {
      line = answer.readLine();
      assertTrue(line != null, "closed");
    } while (!line.equals("data:{}"));
    return socket;
  }

  @Test
  void otherStyle_isObservedByTheInterceptor() throws Exception {
    ProcedureInterceptor interceptor = observer.interceptor();
    ProcedureCall call =
        new ProcedureCall("soap.Order", ProcedureType.MUTATION, Map.of("token", "t", "id", 7));
    assertEquals("done", interceptor.intercept(call, () -> "done"));
    IllegalStateException thrown = new IllegalStateException("broken");
    assertEquals(
        thrown,
        assertThrows(
            IllegalStateException.class,
            () ->
                interceptor.intercept(
                    call,
                    () -> {
                      throw thrown;
                    })));
    JsonNode error =
        server
            .readUntil("/records?kind=error", page -> page.get("records").size() == 1)
            .at("/records/0");
    assertEquals("soap.Order", error.path("trpc_path").asText());
    assertEquals("[denied]", error.at("/properties/input/token").asText());
    assertEquals(7, error.at("/properties/input/id").asInt());
    assertTrue(
        server
            .metrics()
            .contains(
                "observer_procedure_seconds_count{outcome=\"success\",procedure=\"soap.Order\",type=\"mutation\"} 1"));
  }

  static final class Twice {
    @Query
    int a(int one, int two) {
      return one + two;
    }
  }

  static final class NoPublisher {
    @Subscription
    int a() {
      return 1;
    }
  }

  @Test
  void whatIsNoProcedure_isSaidAtTheStart() {
    for (Object wrong : List.of(new Twice(), new NoPublisher(), "no procedures")) {
      Procedures procedures = observer.procedures().add("a", wrong);
      assertThrows(IllegalArgumentException.class, procedures::handler, wrong.toString());
    }
    Procedures procedures = observer.procedures().add("then", new Orders());
    assertThrows(IllegalArgumentException.class, procedures::handler);
    assertThrows(IllegalArgumentException.class, () -> procedures.add("then", new Orders()));
  }
}
