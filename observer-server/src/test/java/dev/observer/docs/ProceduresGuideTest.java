package dev.observer.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.observer.Observer;
import dev.observer.config.ObserverConfig;
import dev.observer.server.rpc.ErrorCode;
import dev.observer.server.rpc.Mutation;
import dev.observer.server.rpc.ProcedureCall;
import dev.observer.server.rpc.ProcedureException;
import dev.observer.server.rpc.ProcedureInterceptor;
import dev.observer.server.rpc.ProcedureType;
import dev.observer.server.rpc.Query;
import dev.observer.server.rpc.TypeScript;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.ResponseCodeHandler;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Procedures, as the pages show them. */
@Timeout(60)
class ProceduresGuideTest {
  // #region procedures
  record OrderId(@NotBlank String id) {}

  record Line(@NotBlank String productId, @Max(9) int quantity) {}

  record NewOrder(@Email String email, @NotEmpty List<@Valid Line> lines, @Nullable String note) {}

  record Placed(String id) {}

  static final class Orders {
    @Query
    Placed byId(OrderId order) {
      if (!order.id().equals("L-1001")) {
        throw new ProcedureException(ErrorCode.NOT_FOUND, "There is no order " + order.id());
      }
      return new Placed(order.id());
    }

    @Mutation
    Placed place(NewOrder order) {
      return new Placed("L-1001");
    }
  }

  // #endregion procedures

  private final Path data;
  private final ObserverConfig config;

  ProceduresGuideTest(@TempDir Path data) {
    this.data = data;
    this.config = ObserverConfig.builder().dataDir(data).http(http -> http.port(0)).build();
  }

  @Test
  void procedures_areServedByTheProtocolOfTrpc() throws Exception {
    HttpHandler pages = new ResponseCodeHandler(204);
    try (Observer observer = Observer.mount(config)) {
      // #region serve
      HttpHandler trpc = observer.procedures().add("orders", new Orders()).handler();
      HttpHandler routes = Handlers.path(pages).addPrefixPath("/api/trpc", trpc);
      // #endregion serve
      Undertow server =
          Undertow.builder().addHttpListener(0, "127.0.0.1").setHandler(routes).build();
      server.start();
      InetSocketAddress address = (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
      URI root = URI.create("http://127.0.0.1:" + address.getPort() + "/api/trpc/");
      assertEquals(
          "{\"result\":{\"data\":{\"id\":\"L-1001\"}}}",
          post(
              root.resolve("orders.place"),
              "{\"email\":\"a@b.example\",\"lines\":[{\"productId\":\"bowl\",\"quantity\":1}]}"));
      String refused =
          post(root.resolve("orders.place"), "{\"email\":\"a@b.example\",\"lines\":[]}");
      assertTrue(refused.contains("BAD_REQUEST") && refused.contains("/lines"), refused);
      server.stop();
    }
  }

  @Test
  void otherCalls_areObservedToo() throws Exception {
    NewOrder request = new NewOrder("a@b.example", List.of(new Line("bowl", 1)), null);
    Orders service = new Orders();
    try (Observer observer = Observer.start(config)) {
      // #region interceptor
      ProcedureInterceptor observed = observer.interceptor();
      Object placed =
          observed.intercept(
              new ProcedureCall("soap.PlaceOrder", ProcedureType.MUTATION, request),
              () -> service.place(request));
      // #endregion interceptor
      assertEquals(new Placed("L-1001"), placed);
      assertThrows(
          IllegalStateException.class,
          () ->
              observed.intercept(
                  new ProcedureCall("soap.PlaceOrder", ProcedureType.MUTATION, request),
                  () -> {
                    throw new IllegalStateException("down");
                  }));
    }
  }

  @Test
  void theBuildWritesTheTypes() throws Exception {
    ObjectMapper mapper = new ObjectMapper();
    Path file = data.resolve("app-router.ts");
    // #region types
    Files.writeString(file, TypeScript.of(mapper, Map.of("orders", Orders.class)));
    // #endregion types
    String types = Files.readString(file);
    assertTrue(types.contains("AppRouter") && types.contains("note?"), types);
  }

  private static String post(URI uri, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
  }
}
