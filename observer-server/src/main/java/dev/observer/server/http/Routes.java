package dev.observer.server.http;

import dev.observer.config.ObserverConfig;
import dev.observer.event.BatchReader;
import dev.observer.event.Kind;
import dev.observer.event.ServiceNames;
import dev.observer.server.http.Problem.Refused;
import dev.observer.server.metrics.DropReason;
import dev.observer.server.metrics.Meters;
import dev.observer.server.metrics.TraceParent;
import dev.observer.server.query.EventQuery;
import dev.observer.server.query.QueryException;
import dev.observer.server.sink.ReplayStore;
import dev.observer.server.sink.SinkException;
import dev.observer.server.spool.Delivery;
import dev.observer.server.spool.EventLane;
import dev.observer.server.spool.ReplayLane;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.HttpContinueReadHandler;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.PathTemplateMatch;
import io.undertow.util.PathTemplateMatcher;
import io.undertow.util.StatusCodes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every address of the server, and what a request passes before it is handled. */
public final class Routes {
  private static final Logger log = LoggerFactory.getLogger(Routes.class);

  /** Handles a request of a known route. */
  private interface Action {
    void handle(HttpServerExchange exchange)
        throws Refused, QueryException, SinkException, java.io.IOException;
  }

  /**
   * One address, or many alike.
   *
   * @param exists whether there is something at this one
   */
  private record Route(
      String template, Map<String, Action> methods, Predicate<HttpServerExchange> exists) {
    Route(String template, Map<String, Action> methods) {
      this(template, methods, exchange -> true);
    }

    String allow() {
      return methods.keySet().stream().collect(Collectors.joining(", "));
    }
  }

  /** What the addresses lead to. */
  public record Parts(
      ObserverConfig config,
      String readToken,
      String version,
      ServiceNames services,
      EventLane events,
      ReplayLane replays,
      List<Delivery<?>> deliveries,
      EventQuery query,
      ReplayStore replayStore,
      MetricsPage metrics,
      Meters meters,
      InstantSource clock,
      Executor readers) {}

  /** What browsers of visitors ask for. */
  private final PathTemplateMatcher<Route> open = new PathTemplateMatcher<>();

  /** What reads or administers; the same as the open ones if they are not apart. */
  private final PathTemplateMatcher<Route> admin;

  private final String base;
  private final Access access;
  private final Meters meters;
  private final Executor readers;

  /** Wires every handler. */
  public Routes(Parts parts) {
    ObserverConfig config = parts.config();
    ObserverConfig.Limits limits = config.limits();
    this.base = config.http().basePath();
    this.admin = config.admin().isSeparate() ? new PathTemplateMatcher<>() : open;
    this.access = new Access(config, parts.readToken(), System::nanoTime);
    this.meters = parts.meters();
    this.readers = parts.readers();

    BatchReader batches =
        new BatchReader(limits.items(), limits.depth(), Math.toIntExact(limits.stringBytes()));
    BodyMemory memory =
        BodyMemory.ofHeap(limits.inflatedBytes() * (IngestHandler.BYTES_PER_BYTE + 1));
    IngestHandler events = ingest(Kind.EVENT, batches, parts, memory);
    IngestHandler errors = ingest(Kind.ERROR, batches, parts, memory);
    ReplayUploadHandler replays =
        new ReplayUploadHandler(
            limits, parts.services(), parts.replays(), parts.clock(), parts.meters(), memory);
    QueryHandler query = new QueryHandler(parts.query(), parts.replayStore(), parts.readToken());
    HealthHandler health =
        new HealthHandler(
            parts.events(),
            parts.replays(),
            parts.deliveries(),
            parts.services(),
            parts.meters(),
            parts.version());
    AssetHandler assets = new AssetHandler(access);
    ConsoleLogin login = new ConsoleLogin(access, memory);

    write("/events", Kind.EVENT, events::handleRequest);
    write("/errors", Kind.ERROR, errors::handleRequest);
    write("/replay-events", Kind.REPLAY, replays::handleRequest);
    read("/records", query::records);
    read("/sessions", query::sessions);
    read("/sessions/{session_id}", query::session);
    read("/replays/{session_id}", query::replay);
    read("/replays/{session_id}/{recording_id}/{sequence}", query::replayBatch);
    get(
        admin,
        base + "/health",
        exchange -> health.answer(exchange, access.reading(exchange) == null));
    if (config.admin().isSeparate()) {
      get(open, base + "/health", exchange -> health.answer(exchange, false));
    }
    get(
        admin,
        "/metrics",
        config.metrics().isPublic() ? parts.metrics()::answer : withToken(parts.metrics()::answer));
    get(admin, base + "/console", Routes::toConsole);
    get(admin, base + "/console/*", exchange -> assets.console(exchange, rest(exchange)));
    post(base + "/console/login", login::login);
    post(base + "/console/logout", login::logout);
    String asset = base + "/{asset}";
    open.add(
        asset,
        new Route(
            asset,
            getAndHead(exchange -> assets.client(exchange, Parameters.ofPath(exchange, "asset"))),
            exchange -> assets.hasClient(Parameters.ofPath(exchange, "asset"))));
  }

  private static IngestHandler ingest(
      Kind kind, BatchReader batches, Parts parts, BodyMemory memory) {
    ObserverConfig.Limits limits = parts.config().limits();
    return new IngestHandler(
        kind,
        limits.bodyBytes(),
        limits.inflatedBytes(),
        batches,
        parts.services(),
        parts.events(),
        parts.clock(),
        parts.meters(),
        memory);
  }

  /** For browsers: key and origin; preflight answered. */
  private void write(String path, Kind kind, Action action) {
    Map<String, Action> methods = new TreeMap<>();
    methods.put(
        "POST",
        exchange -> {
          Problem problem = access.ingest(exchange);
          if (problem != null) {
            boolean often = problem.status() == StatusCodes.TOO_MANY_REQUESTS;
            meters.dropped(
                often ? DropReason.RATE_LIMITED : DropReason.UNAUTHORIZED, kind.wireName(), 1);
            throw problem.refused();
          }
          action.handle(exchange);
        });
    methods.put("OPTIONS", this::preflight);
    open.add(base + path, new Route(base + path, methods));
  }

  /**
   * To be asked before a request is refused that does not come as far as here, so that a page can
   * read when it may come back.
   *
   * @return whether it is answered already, as a preflight is
   */
  public boolean refusing(HttpServerExchange exchange) {
    PathTemplateMatcher.PathMatchResult<Route> match = open.match(exchange.getRequestPath());
    if (match == null || !match.getValue().methods().containsKey("OPTIONS")) {
      return false;
    }
    boolean preflight = exchange.getRequestMethod().equalToString("OPTIONS");
    if (preflight) {
      preflight(exchange);
    } else {
      access.allowAnswer(exchange);
    }
    return preflight;
  }

  private void preflight(HttpServerExchange exchange) {
    String origin = access.allowedOrigin(exchange);
    Origins.vary(exchange);
    if (origin != null) {
      Origins.answerPreflight(exchange, origin);
    } else {
      exchange.getResponseHeaders().put(Headers.ALLOW, "OPTIONS, POST");
      exchange.setStatusCode(204);
      exchange.endExchange();
    }
  }

  /** For people with the token; runs on the readers' threads. */
  private void read(String path, Action action) {
    get(
        admin,
        base + path,
        withToken(
            exchange -> {
              exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
              try {
                exchange.dispatch(readers, (HttpHandler) later -> run(action, later));
              } catch (RejectedExecutionException e) {
                throw Problem.retryLater(503, "too many questions at once", 1).refused();
              }
            }));
  }

  private Action withToken(Action action) {
    return exchange -> {
      Problem problem = access.reading(exchange);
      if (problem != null) {
        if (problem.status() == 401) {
          exchange.getResponseHeaders().put(Headers.WWW_AUTHENTICATE, "Bearer");
        }
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        throw problem.refused();
      }
      action.handle(exchange);
    };
  }

  private static void get(PathTemplateMatcher<Route> routes, String path, Action action) {
    routes.add(path, new Route(path, getAndHead(action)));
  }

  private static Map<String, Action> getAndHead(Action action) {
    Map<String, Action> methods = new TreeMap<>();
    methods.put("GET", action);
    methods.put("HEAD", action); // Undertow sends the headers alone
    return methods;
  }

  private void post(String path, Action action) {
    admin.add(path, new Route(path, Map.of("POST", action)));
  }

  private static void toConsole(HttpServerExchange exchange) {
    exchange.setStatusCode(StatusCodes.PERMANENT_REDIRECT);
    exchange.getResponseHeaders().put(Headers.LOCATION, "console/");
    exchange.endExchange();
  }

  private static String rest(HttpServerExchange exchange) {
    return Parameters.ofPath(exchange, "*");
  }

  /**
   * A handler that passes on what is not at our addresses.
   *
   * @param ours serves what is, as {@link #handler()} does
   * @param next serves every other path
   */
  public HttpHandler handler(HttpHandler ours, HttpHandler next) {
    return exchange -> {
      String path = exchange.getRequestPath();
      boolean metrics = path.equals("/metrics") && open == admin;
      if (metrics || path.equals(base) || path.startsWith(base + "/")) {
        ours.handleRequest(exchange);
      } else {
        next.handleRequest(exchange);
      }
    };
  }

  /**
   * Serves what is ours, without what reads and administers if that has a listener of its own;
   * answers everything else with 404.
   */
  public HttpHandler handler() {
    return serving(open);
  }

  /** What reads and administers; answers everything else with 404. */
  public HttpHandler adminHandler() {
    return serving(admin);
  }

  /** Who asks with {@code Expect} whether to send a body is told to when it begins to be read. */
  private HttpHandler serving(PathTemplateMatcher<Route> routes) {
    return new HttpContinueReadHandler(exchange -> handle(routes, exchange));
  }

  private void handle(PathTemplateMatcher<Route> routes, HttpServerExchange exchange) {
    long start = System.nanoTime();
    String method = exchange.getRequestMethod().toString();
    PathTemplateMatcher.PathMatchResult<Route> match = routes.match(exchange.getRequestPath());
    Route route = match == null ? null : match.getValue();
    exchange.getResponseHeaders().put(Problem.NO_SNIFF, "nosniff");
    exchange.addExchangeCompleteListener(
        (ended, following) -> {
          meters.request(
              route == null ? "none" : route.template(),
              Meters.method(method),
              ended.getStatusCode(),
              Duration.ofNanos(System.nanoTime() - start),
              TraceParent.parse(ended.getRequestHeaders().getFirst(TraceParent.HEADER)));
          following.proceed();
        });
    if (route == null) {
      new Problem(404, "there is nothing at this address").send(exchange);
      return;
    }
    exchange.putAttachment(
        PathTemplateMatch.ATTACHMENT_KEY,
        new PathTemplateMatch(match.getMatchedTemplate(), match.getParameters()));
    Action action = route.methods().get(method);
    if (action == null && !route.exists().test(exchange)) {
      new Problem(404, "there is nothing at this address").send(exchange);
      return;
    }
    if (action == null) {
      exchange.getResponseHeaders().put(Headers.ALLOW, route.allow());
      new Problem(405, "this address takes " + route.allow()).send(exchange);
      return;
    }
    run(action, exchange);
  }

  private static void run(Action action, HttpServerExchange exchange) {
    try {
      action.handle(exchange);
    } catch (Refused e) {
      e.problem().send(exchange);
    } catch (QueryException | SinkException e) {
      log.warn("a question could not be answered", e);
      forgetHeaders(exchange);
      Problem.retryLater(503, "the store cannot answer now", 5).send(exchange);
    } catch (java.io.IOException | RuntimeException e) {
      log.error("a request failed", e);
      forgetHeaders(exchange);
      new Problem(500, "the server made a mistake").send(exchange);
    }
  }

  private static void forgetHeaders(HttpServerExchange exchange) {
    HeaderMap headers = exchange.getResponseHeaders();
    if (!exchange.isResponseStarted()) {
      headers.remove(Headers.CONTENT_ENCODING);
      headers.remove(Headers.CONTENT_LENGTH);
    }
  }
}
