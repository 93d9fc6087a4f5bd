package dev.observer.server.rpc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.observer.server.capture.Scope;
import io.undertow.io.Receiver;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.PathTemplateMatch;
import io.undertow.util.SameThreadExecutor;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * tRPC's protocol over HTTP, version 11: {@code GET} and {@code POST}, batches, answers as a whole
 * or line by line as calls end, and subscriptions. A body is taken as {@code application/json}
 * only, which a page of another origin cannot send unasked. Thread-safe.
 *
 * @see <a href="https://trpc.io/docs/rpc">HTTP RPC specification</a>
 */
final class TrpcHandler implements HttpHandler {
  private static final HttpString TRPC_ACCEPT = new HttpString("trpc-accept");
  private static final HttpString LAST_EVENT_ID = new HttpString("Last-Event-Id");
  private static final HttpString NO_SNIFF = new HttpString("X-Content-Type-Options");
  private static final String JSON_LINES = "application/jsonl";

  /** What a path leads to. */
  record Target(Procedure procedure, Object implementation) {}

  record Settings(
      ObjectMapper mapper,
      @Nullable Executor executor,
      int maxBodyBytes,
      int maxBatch,
      Duration keepAlive,
      Duration patience) {}

  private final Map<String, Target> targets;
  private final Calls calls;
  private final Settings settings;

  TrpcHandler(Map<String, Target> targets, Calls calls, Settings settings) {
    this.targets = targets;
    this.calls = calls;
    this.settings = settings;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) {
    exchange.getResponseHeaders().put(Headers.VARY, "trpc-accept, accept");
    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
    exchange.getResponseHeaders().put(NO_SNIFF, "nosniff");
    if (exchange.getAttachment(PathTemplateMatch.ATTACHMENT_KEY) == null) {
      // So that requests have a route; which procedures they call is told by their own meter.
      exchange.putAttachment(
          PathTemplateMatch.ATTACHMENT_KEY,
          new PathTemplateMatch(exchange.getResolvedPath() + "/{procedure}", Map.of()));
    }
    Patience.with(exchange, settings.patience());
    Scope scope = calls.scope(exchange);
    switch (exchange.getRequestMethod().toString()) {
      case "HEAD" -> exchange.endExchange();
      case "GET" -> read(exchange, scope, parameter(exchange, "input"));
      case "POST" -> receive(exchange, scope);
      default -> refuse(exchange, scope, ErrorCode.METHOD_NOT_SUPPORTED, "This takes GET and POST");
    }
  }

  private void receive(HttpServerExchange exchange, Scope scope) {
    String type = exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE);
    if (type == null || !type.regionMatches(true, 0, "application/json", 0, 16)) {
      refuse(exchange, scope, ErrorCode.UNSUPPORTED_MEDIA_TYPE, "A body must be application/json");
      return;
    }
    if (!exchange.isInIoThread() && !exchange.isBlocking()) {
      // The receiver's listener may be called as soon as it is set, and must not be while a handler
      // of this exchange runs: Undertow then takes the request for done and ends it.
      exchange.dispatch(exchange.getIoThread(), again -> receive(again, scope));
      return;
    }
    exchange.getRequestReceiver().setMaxBufferSize(settings.maxBodyBytes());
    exchange
        .getRequestReceiver()
        .receiveFullBytes(
            (received, body) -> read(received, scope, body),
            (failed, e) -> {
              if (e instanceof Receiver.RequestToLargeException) {
                failed.setPersistent(false);
                refuse(
                    failed,
                    scope,
                    ErrorCode.PAYLOAD_TOO_LARGE,
                    "More than " + settings.maxBodyBytes() + " bytes");
              } else {
                failed.endExchange();
              }
            });
  }

  private void read(HttpServerExchange exchange, Scope scope, byte[] body) {
    try {
      // A mutation without an input has no body.
      run(exchange, scope, body.length == 0 ? null : settings.mapper().readTree(body));
    } catch (IOException e) {
      refuse(exchange, scope, ErrorCode.PARSE_ERROR, "The body is not JSON");
    }
  }

  private void read(HttpServerExchange exchange, Scope scope, @Nullable String input) {
    try {
      run(exchange, scope, input == null ? null : settings.mapper().readTree(input));
    } catch (JsonProcessingException e) {
      refuse(exchange, scope, ErrorCode.PARSE_ERROR, "The input is not JSON");
    }
  }

  private static @Nullable String parameter(HttpServerExchange exchange, String name) {
    Deque<String> values = exchange.getQueryParameters().get(name);
    return values == null ? null : values.peekFirst();
  }

  private void run(HttpServerExchange exchange, Scope scope, @Nullable JsonNode input) {
    boolean batch = "1".equals(parameter(exchange, "batch"));
    String path = exchange.getRelativePath().replaceFirst("^/", "");
    List<String> paths = batch ? Arrays.asList(path.split(",", -1)) : List.of(path);
    String wrong = wrong(batch, paths, input);
    if (wrong != null) {
      refuse(exchange, scope, ErrorCode.BAD_REQUEST, wrong);
      return;
    }
    Target first = targets.get(paths.get(0));
    if (!batch && first != null && first.procedure().type() == ProcedureType.SUBSCRIPTION) {
      if (isGet(exchange)) {
        subscribe(exchange, scope, first, resumed(exchange, input));
      } else {
        refuse(exchange, scope, ErrorCode.METHOD_NOT_SUPPORTED, "A subscription takes GET");
      }
      return;
    }
    exchange.dispatch(
        SameThreadExecutor.INSTANCE,
        () -> {
          Answers answers =
              batch && acceptsLines(exchange)
                  ? StreamedAnswers.begin(exchange, paths.size())
                  : new WholeAnswers(exchange, paths.size(), batch);
          for (int i = 0; i < paths.size(); i++) {
            JsonNode own = batch ? (input == null ? null : input.get(Integer.toString(i))) : input;
            start(exchange, scope, answers, i, paths.get(i), own);
          }
        });
  }

  private @Nullable String wrong(boolean batch, List<String> paths, @Nullable JsonNode input) {
    if (!batch) {
      return null;
    }
    if (paths.size() > settings.maxBatch()) {
      return "More than " + settings.maxBatch() + " calls in one batch";
    }
    if (input != null && !input.isObject()) {
      return "The input of a batch must be an object";
    }
    long types =
        paths.stream()
            .map(targets::get)
            .filter(target -> target != null)
            .map(target -> target.procedure().type())
            .distinct()
            .count();
    if (types > 1) {
      return "A batch must be of one type of procedures";
    }
    return null;
  }

  private static boolean isGet(HttpServerExchange exchange) {
    return exchange.getRequestMethod().equalToString("GET");
  }

  private static boolean acceptsLines(HttpServerExchange exchange) {
    if (JSON_LINES.equals(exchange.getRequestHeaders().getFirst(TRPC_ACCEPT))) {
      return true;
    }
    String accept = exchange.getRequestHeaders().getFirst(Headers.ACCEPT);
    return accept != null
        && Arrays.stream(accept.split(",", -1)).anyMatch(type -> type.strip().equals(JSON_LINES));
  }

  private void start(
      HttpServerExchange exchange,
      Scope scope,
      Answers answers,
      int index,
      String path,
      @Nullable JsonNode input) {
    execute(
        exchange,
        () -> answers.done(index, answer(exchange, scope, path, input)),
        () ->
            answers.done(
                index,
                error(
                    new ProcedureException(ErrorCode.SERVICE_UNAVAILABLE, "Too many calls at once"),
                    path,
                    scope)));
  }

  private void execute(HttpServerExchange exchange, Runnable task, Runnable ifRejected) {
    Executor executor = settings.executor();
    try {
      (executor == null ? exchange.getConnection().getWorker() : executor).execute(task);
    } catch (RejectedExecutionException e) {
      ifRejected.run();
    }
  }

  private Answer answer(
      HttpServerExchange exchange, Scope scope, String path, @Nullable JsonNode input) {
    try {
      Target target = targets.get(path);
      if (target == null) {
        throw calls.unknown(scope, exchange, "There is no procedure " + shown(path));
      }
      ProcedureType type = target.procedure().type();
      if (type == ProcedureType.SUBSCRIPTION) {
        throw new ProcedureException(
            ErrorCode.BAD_REQUEST, "A subscription cannot be part of a batch");
      }
      if (type == ProcedureType.MUTATION && isGet(exchange)) {
        throw new ProcedureException(ErrorCode.METHOD_NOT_SUPPORTED, "A mutation takes POST");
      }
      return Answer.data(calls.call(scope, target, input, exchange));
    } catch (Throwable e) { // whatever it is: the rest of the batch waits for this answer
      return error(ProcedureException.of(e), path, scope);
    }
  }

  private Answer error(ProcedureException failure, String path, Scope scope) {
    return Answer.error(failure, targets.containsKey(path) ? path : shown(path), scope);
  }

  private static String shown(String path) {
    return path.length() <= 100 ? path : path.substring(0, 100) + "…";
  }

  private void subscribe(
      HttpServerExchange exchange, Scope scope, Target target, @Nullable JsonNode input) {
    SubscriptionStream stream =
        new SubscriptionStream(
            exchange,
            calls,
            scope,
            target,
            calls.begin(scope, target, input, exchange),
            settings.keepAlive());
    exchange.dispatch(
        SameThreadExecutor.INSTANCE,
        () -> execute(exchange, () -> stream.open(input), stream::tooMany));
  }

  /** The input with the id of what the client got last, as tRPC does it. */
  private static @Nullable JsonNode resumed(HttpServerExchange exchange, @Nullable JsonNode input) {
    String last = exchange.getRequestHeaders().getFirst(LAST_EVENT_ID);
    last = last == null ? parameter(exchange, "lastEventId") : last;
    last = last == null ? parameter(exchange, "Last-Event-Id") : last;
    if (last == null || last.isEmpty()) {
      return input;
    }
    if (input instanceof ObjectNode object) {
      return object.put("lastEventId", last);
    }
    return input == null || input.isNull()
        ? JsonNodeFactory.instance.objectNode().put("lastEventId", last)
        : input;
  }

  /** Answers the request without calling anything. */
  private static void refuse(
      HttpServerExchange exchange, Scope scope, ErrorCode code, String message) {
    Answer answer = Answer.error(new ProcedureException(code, message), null, scope);
    exchange.setStatusCode(answer.httpStatus());
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
    exchange.getResponseSender().send(answer.json());
  }
}
