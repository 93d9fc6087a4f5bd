package dev.observer;

import dev.observer.config.ConfigException;
import dev.observer.config.ObserverConfig;
import dev.observer.event.ServiceNames;
import dev.observer.server.capture.Capture;
import dev.observer.server.capture.ErrorContext;
import dev.observer.server.capture.FreeData;
import dev.observer.server.capture.Identity;
import dev.observer.server.capture.Mechanism;
import dev.observer.server.capture.Traces;
import dev.observer.server.capture.WatchHandler;
import dev.observer.server.disk.DataDirectory;
import dev.observer.server.disk.ReadToken;
import dev.observer.server.embedded.DuckDbEventStore;
import dev.observer.server.embedded.FileReplayStore;
import dev.observer.server.embedded.Retention;
import dev.observer.server.http.Entrance;
import dev.observer.server.http.HttpListener;
import dev.observer.server.http.MetricsPage;
import dev.observer.server.http.Routes;
import dev.observer.server.loki.LokiFollower;
import dev.observer.server.loki.LokiSink;
import dev.observer.server.metrics.Meters;
import dev.observer.server.metrics.Registry;
import dev.observer.server.metrics.TraceParent;
import dev.observer.server.minio.MinioReplayStore;
import dev.observer.server.query.EventQuery;
import dev.observer.server.query.QueryException;
import dev.observer.server.rpc.ObservedCalls;
import dev.observer.server.rpc.ProcedureInterceptor;
import dev.observer.server.rpc.Procedures;
import dev.observer.server.sink.EventSink;
import dev.observer.server.sink.ReplayStore;
import dev.observer.server.spool.DeliveredSegments;
import dev.observer.server.spool.Delivery;
import dev.observer.server.spool.DeliveryAudit;
import dev.observer.server.spool.EventDelivery;
import dev.observer.server.spool.EventLane;
import dev.observer.server.spool.OpenRecordings;
import dev.observer.server.spool.Rejected;
import dev.observer.server.spool.ReplayDelivery;
import dev.observer.server.spool.ReplayLane;
import dev.observer.server.spool.RetryPolicy;
import io.micrometer.core.instrument.MeterRegistry;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.connector.ByteBufferPool;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpHandler;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.OptionMap;

/**
 * An Observer server in this process: takes errors, events and replays from browsers and from this
 * application, keeps them, and shows them.
 *
 * <pre>{@code
 * try (Observer observer = Observer.start(ObserverConfig.builder().serviceName("shop").build())) {
 *   …
 * }
 * }</pre>
 *
 * <p>What is acknowledged is on the disk of {@code data-dir}: it survives the end of the process
 * and a power cut, and is delivered at least once and stored once. What the application captures
 * ({@link #captureException}, {@link #track}) is handed over in memory and acknowledged by {@link
 * #flush}. Thread-safe.
 *
 * <p>Several may run in one process, each with a data directory of its own.
 */
public final class Observer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Observer.class);
  private static final Duration PATIENCE = Duration.ofSeconds(4);

  /** For those who may hang; what they hold is in the spool. */
  private static final Duration LESS_PATIENCE = Duration.ofSeconds(2);

  private static final int READERS = 4;

  /** 16 KiB and no more with what Undertow puts before it. */
  private static final int BUFFER_BYTES = 16 * 1024 - 20;

  /** Without a bound the pool keeps none of those that are arrays. */
  private static final int POOLED_BUFFERS = 256;

  private final ObserverConfig config;
  private final MeterRegistry registry;
  private final ReadToken token;
  private final Routes routes;
  private final Host host;
  private final Entrance entrance;
  private final Entrance adminEntrance;
  private final Deque<Closeable> closing;
  private @Nullable URI uri;
  private @Nullable URI adminUri;
  private boolean closed;

  /** What serves this application. */
  private record Host(Capture capture, Traces traces, Meters meters, ObservedCalls calls) {}

  private Observer(
      ObserverConfig config,
      MeterRegistry registry,
      ReadToken token,
      Routes routes,
      Host host,
      Deque<Closeable> closing) {
    this.config = config;
    this.registry = registry;
    this.token = token;
    this.routes = routes;
    this.host = host;
    this.entrance = new Entrance(routes.handler());
    this.adminEntrance = new Entrance(routes.adminHandler());
    this.closing = closing;
  }

  /**
   * Starts a server that listens on {@code http.host} and {@code http.port}, and where {@code
   * admin.port} is set on {@code admin.host} and that too. The start that makes the read token
   * prints one line to standard output, the link to the console with the token: it is a secret, so
   * it goes to whoever started the process and not to a log.
   *
   * @throws ConfigException if a setting is wrong; it lists all that are
   * @throws UncheckedIOException if the data directory cannot be used, or another process uses it,
   *     or a port is taken, or MinIO answers and refuses what it is asked; a MinIO that does not
   *     answer is no error
   */
  public static Observer start(ObserverConfig config) {
    return started(config, null);
  }

  /**
   * Starts likewise, with Observer's meters also in a registry that the application has. They leave
   * it when Observer is closed.
   */
  public static Observer start(ObserverConfig config, MeterRegistry joined) {
    return started(config, joined);
  }

  private static Observer started(ObserverConfig config, @Nullable MeterRegistry joined) {
    Observer observer = start(config, joined, true);
    observer
        .firstToken()
        .ifPresent(
            token ->
                System.out.println(
                    "Observer console   "
                        + observer.adminUri()
                        + observer.consolePath()
                        + "#"
                        + token));
    return observer;
  }

  /**
   * Starts everything but the listener of {@code http.port}, for a host that has an Undertow of its
   * own: {@link #handler} is to be put in front of the host's handler. A listener of {@code
   * admin.port} is ours even so, and the handler then serves none of what is there.
   *
   * @throws ConfigException if a setting is wrong; it lists all that are
   * @throws UncheckedIOException if the data directory cannot be used, or another process uses it,
   *     or {@code admin.port} is taken
   */
  public static Observer mount(ObserverConfig config) {
    return start(config, null, false);
  }

  /**
   * Starts likewise, with Observer's meters also in a registry that the application has. They leave
   * it when Observer is closed.
   */
  public static Observer mount(ObserverConfig config, MeterRegistry joined) {
    return start(config, joined, false);
  }

  private static Observer start(
      ObserverConfig config, @Nullable MeterRegistry joined, boolean listening) {
    config.requireValid();
    Deque<Closeable> closing = new ArrayDeque<>();
    try {
      Observer observer = assemble(config, joined, closing);
      observer.listen(listening);
      return observer;
    } catch (IOException e) {
      closeAll(closing);
      throw new UncheckedIOException("Observer cannot start: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      closeAll(closing);
      throw e;
    }
  }

  /** Everything is put together here, in the order the data flows; closed in the other. */
  private static Observer assemble(
      ObserverConfig config, @Nullable MeterRegistry joined, Deque<Closeable> closing)
      throws IOException {
    InstantSource clock = InstantSource.system();
    DataDirectory data = opened(closing, DataDirectory.open(config.dataDir()));
    String configuredToken = config.readToken();
    ReadToken token =
        configuredToken == null ? ReadToken.of(data) : new ReadToken(configuredToken, false);

    Registry registry = new Registry(joined);
    closing.push(registry::close);
    Meters meters = registry.meters();
    ServiceNames services =
        new ServiceNames(config.serviceName(), config.environment(), config.limits().services());

    DuckDbEventStore eventStore = DuckDbEventStore.open(data.resolve("events.duckdb"), "256MB");
    closing.push(eventStore::close);
    restore(services, eventStore, config.limits().services());
    FileReplayStore files = new FileReplayStore(data.path());
    ReplayStore replayStore = replayStore(config, files);
    closing.push(replayStore::close);

    // Files also where replays go elsewhere now: those of before are deleted in their time.
    Retention retention = new Retention(config.retention(), eventStore, files, meters, clock);
    closing.push(retention::close);
    retention.start();

    EventLane events =
        new EventLane(data.resolve("spool/events"), config.spool().eventsBytes(), clock);
    closing.push(() -> events.close(PATIENCE));
    ReplayLane replays =
        new ReplayLane(
            data.resolve("spool/replays"), config.spool().replaysBytes(), replayStore, clock);
    meters.lane("events", events, EventLane::bytes, EventLane::files, EventLane::oldestSeconds);
    meters.lane(
        "replays", replays, ReplayLane::bytes, ReplayLane::files, ReplayLane::oldestSeconds);

    Rejected rejected = new Rejected(data.resolve("rejected"));
    List<EventSink> sinks = new ArrayList<>(List.of(eventStore));
    DeliveryAudit audit = null;
    URI loki = config.loki().url();
    if (loki != null) {
      // The embedded store is what is read, and knows which event came before.
      LokiSink sink = LokiSink.open(loki, config.loki(), config.instance(), eventStore);
      sinks.add(sink);
      audit = audit(config, data, events, sink, rejected, meters, clock, closing);
    }
    List<Delivery<?>> deliveries =
        new ArrayList<>(EventDelivery.start(events, sinks, rejected, RetryPolicy.STANDARD, meters));
    for (Delivery<?> delivery : deliveries) {
      closing.push(() -> delivery.close(LESS_PATIENCE));
    }
    if (audit != null) {
      audit.start();
    }
    follow(config, eventStore, clock, closing);
    OpenRecordings recordings =
        new OpenRecordings(
            data.resolve("spool/recordings"), events, replays, rejected, meters, clock);
    closing.push(recordings::close);
    recordings.start();
    Delivery<?> replayDelivery =
        ReplayDelivery.start(
            replays, replayStore, recordings, services, rejected, RetryPolicy.STANDARD, meters);
    closing.push(() -> replayDelivery.close(replayStore.isLocal() ? PATIENCE : LESS_PATIENCE));
    deliveries.add(replayDelivery);

    ThreadPoolExecutor readers = readers();
    closing.push(readers::shutdownNow);
    Routes routes =
        new Routes(
            new Routes.Parts(
                config,
                token.value(),
                Version.NAME,
                services,
                events,
                replays,
                List.copyOf(deliveries),
                eventStore,
                replayStore,
                new MetricsPage(registry.prometheus()),
                meters,
                clock,
                readers));
    Traces traces = new Traces();
    Capture capture = new Capture(config, Version.NAME, events, traces, meters, clock);
    closing.push(() -> capture.close(LESS_PATIENCE));
    FreeData inputs =
        config.capture().procedureInput()
            ? FreeData.sanitised(config.capture().deniedKeys())
            : null;
    ObservedCalls calls = new ObservedCalls(capture, traces, meters, inputs, System::nanoTime);
    return new Observer(
        config,
        registry.prometheus(),
        token,
        routes,
        new Host(capture, traces, meters, calls),
        closing);
  }

  /** Sees that Loki has what it took; null where nothing is kept for that. */
  private static @Nullable DeliveryAudit audit(
      ObserverConfig config,
      DataDirectory data,
      EventLane events,
      LokiSink sink,
      Rejected rejected,
      Meters meters,
      InstantSource clock,
      Deque<Closeable> closing)
      throws IOException {
    Duration keep = config.spool().keepDelivered();
    if (keep.isZero()) {
      return null;
    }
    DeliveredSegments kept =
        new DeliveredSegments(
            data.resolve("spool/delivered"), config.spool().keepDeliveredBytes(), clock);
    meters.kept(kept, DeliveredSegments::bytes);
    DeliveryAudit audit = new DeliveryAudit(events, kept, sink, keep, rejected, meters, clock);
    closing.push(audit::close);
    return audit;
  }

  /** What others wrote to Loki, and what was lost with the embedded store, comes into it. */
  private static void follow(
      ObserverConfig config,
      DuckDbEventStore embedded,
      InstantSource clock,
      Deque<Closeable> closing) {
    URI loki = config.loki().url();
    if (loki != null) {
      LokiFollower follower =
          new LokiFollower(
              loki,
              config.loki(),
              config.instance(),
              config.retention().events(),
              embedded,
              embedded,
              clock);
      closing.push(follower::close);
      follower.start();
    }
  }

  private static ReplayStore replayStore(ObserverConfig config, FileReplayStore files)
      throws IOException {
    return config.minio().endpoint() == null
        ? files
        : MinioReplayStore.open(config.minio(), config.retention().replays());
  }

  private static void restore(ServiceNames services, EventQuery store, int limit) {
    try {
      services.restore(store.services(limit));
    } catch (QueryException e) {
      log.warn("the services of stored records are not known; others may take their places", e);
    }
  }

  private static DataDirectory opened(Deque<Closeable> closing, DataDirectory data) {
    closing.push(data::close);
    return data;
  }

  /** Questions are asked by a few, so that they never hold up what comes in. */
  private static ThreadPoolExecutor readers() {
    ThreadPoolExecutor readers =
        new ThreadPoolExecutor(
            READERS,
            READERS,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(256),
            task -> {
              Thread thread = new Thread(task, "observer-reader");
              thread.setDaemon(true);
              return thread;
            });
    readers.allowCoreThreadTimeOut(true);
    return readers;
  }

  /**
   * Opens the listeners that are ours.
   *
   * @param openToo false if the host has the one for browsers of visitors
   */
  private void listen(boolean openToo) throws IOException {
    Integer adminPort = config.admin().port();
    if (!openToo && adminPort == null) {
      return;
    }
    ByteBufferPool buffers = new DefaultByteBufferPool(true, BUFFER_BYTES, POOLED_BUFFERS, 4);
    Undertow undertow =
        Undertow.builder()
            .setByteBufferPool(buffers)
            .setServerOption(UndertowOptions.SHUTDOWN_TIMEOUT, 2_000)
            .build();
    undertow.start(); // its threads; what listens is ours
    closing.push(undertow::stop);
    if (openToo) {
      uri = listen(undertow, buffers, config.http().host(), config.http().port(), entrance);
      log.info("Observer listens on {}", uri);
    }
    if (adminPort != null) {
      adminUri = listen(undertow, buffers, config.admin().host(), adminPort, adminEntrance);
      log.info("Observer is administered on {}", adminUri);
    }
  }

  private URI listen(
      Undertow undertow, ByteBufferPool buffers, String host, int port, HttpHandler handler)
      throws IOException {
    try {
      HttpListener listener =
          HttpListener.open(undertow.getWorker(), buffers, httpOptions(), host, port, handler);
      closing.push(listener);
      String name = host.contains(":") ? "[" + host + "]" : host;
      return URI.create("http://" + name + ":" + listener.port());
    } catch (IOException e) {
      throw new IOException("it cannot listen on " + host + ":" + port + ": " + e.getMessage(), e);
    }
  }

  private OptionMap httpOptions() {
    long largestBody = Math.max(config.limits().bodyBytes(), config.limits().replay().bodyBytes());
    return OptionMap.builder()
        .set(UndertowOptions.BUFFER_PIPELINED_DATA, true)
        .set(UndertowOptions.MAX_ENTITY_SIZE, largestBody + 1)
        .set(UndertowOptions.MAX_HEADER_SIZE, 32 * 1024)
        .set(UndertowOptions.MAX_HEADERS, 100)
        .set(UndertowOptions.MAX_PARAMETERS, 50)
        .set(UndertowOptions.REQUEST_PARSE_TIMEOUT, 30_000)
        .set(UndertowOptions.NO_REQUEST_TIMEOUT, 75_000)
        .set(UndertowOptions.ALWAYS_SET_DATE, true)
        .getMap();
  }

  /** The address of the server's root, such as {@code http://127.0.0.1:8080}. */
  public URI uri() {
    URI address = uri;
    if (address == null) {
      throw new IllegalStateException("a mounted Observer has the address of its host");
    }
    return address;
  }

  /**
   * The address of the root below which it is read and administered: that of the listener of {@code
   * admin.port}, such as {@code http://127.0.0.1:9090}, or else {@link #uri()}.
   */
  public URI adminUri() {
    URI address = adminUri;
    return address == null ? uri() : address;
  }

  /** The path of the console, such as {@code /api/observer/console/}. */
  public String consolePath() {
    return config.http().basePath() + "/console/";
  }

  /**
   * The read token, if this start made it: the one chance for a host that mounts Observer to show
   * it to whoever started it, as {@code consolePath() + "#" + token}. Later it is found in {@code
   * data-dir/keys/read-token}.
   */
  public Optional<String> firstToken() {
    return token.made() ? Optional.of(token.value()) : Optional.empty();
  }

  /**
   * Serves what is Observer's, and passes everything else on. Where {@code admin.port} is set that
   * is only what browsers of visitors use: ingest, the script, plain health.
   *
   * @param next the host's own handler
   */
  public HttpHandler handler(HttpHandler next) {
    return routes.handler(next);
  }

  /**
   * Reports an error, with the trace, the session and the request of this thread, as far as there
   * are any. Never throws and never waits: the throwable is handed over, and read by another thread
   * some milliseconds later. It is durable when {@link #flush} has returned true; if the process is
   * killed before, or memory for 64 MiB of such is full because the disk does not take them, it is
   * lost, in the latter case counted in {@code observer_dropped_total}.
   *
   * @return the id of its record, to be shown to whoever asks about it. A throwable that another
   *     mechanism has captured in the same trace keeps its id and is one record. Empty if it could
   *     not be captured
   */
  public String captureException(Throwable thrown) {
    return captureException(thrown, ErrorContext.EMPTY);
  }

  /** Reports an error likewise, with what is known about it. */
  public String captureException(Throwable thrown, ErrorContext context) {
    return host.capture().exception(thrown, Mechanism.MANUAL, context);
  }

  /** Reports that something happened, as {@link #track(String, Map, Identity)} does. */
  public void track(String name) {
    track(name, Map.of(), Identity.UNKNOWN);
  }

  /** Reports that something happened, as {@link #track(String, Map, Identity)} does. */
  public void track(String name, Map<String, ?> properties) {
    track(name, properties, Identity.UNKNOWN);
  }

  /**
   * Reports that something happened: a custom event. Never throws and never waits; promises what
   * {@link #captureException} promises.
   *
   * @param name not blank, or it is dropped as {@code invalid}
   * @param properties as {@link ErrorContext#properties} takes them; copied
   */
  public void track(String name, Map<String, ?> properties, Identity identity) {
    host.capture().event(name, properties, identity);
  }

  /**
   * Waits until everything that was captured before is on the disk.
   *
   * @return false if it is not within {@code patience}, or never will be
   */
  public boolean flush(Duration patience) {
    return host.capture().flush(patience);
  }

  /**
   * Captures what ends a thread of this process, waits up to two seconds until that is durable, and
   * goes on to the handler that was there before.
   *
   * @return takes the handler back; closing Observer does too
   */
  public Closeable captureUncaught() {
    return host.capture().uncaught();
  }

  /**
   * Captures what is logged through Logback as {@code ERROR}, with its MDC, except lines with the
   * marker {@code NOT_CAPTURED}.
   *
   * @return takes the appender away; closing Observer does too
   * @throws IllegalStateException if the log does not go to Logback
   */
  public Closeable captureLogs() {
    return host.capture().logs();
  }

  /**
   * Watches routes of the application: each request is in the trace that its {@code traceparent}
   * names or in a new one, also in the MDC ({@code trace_id}, {@code span_id}, {@code session_id})
   * and over dispatches to Undertow's workers; it is counted and timed by its route's template; and
   * the exception that nobody caught is captured.
   */
  public HttpHandler watch(HttpHandler next) {
    return new WatchHandler(next, host.capture(), host.traces(), host.meters(), System::nanoTime);
  }

  /** Procedures in Java that the official tRPC client calls: add yours and mount its handler. */
  public Procedures procedures() {
    return new Procedures(host.calls());
  }

  /**
   * Observes calls of any other style, as those of {@link #procedures} are: each is counted and
   * timed by path, type and outcome, and when it ends with a mistake of the server it is captured
   * with its input, as far as that may be kept.
   */
  public ProcedureInterceptor interceptor() {
    return host.calls();
  }

  /** An executor whose tasks run in the trace, and with the ids in the MDC, of who gave them. */
  public Executor propagating(Executor executor) {
    return host.traces().carry(executor);
  }

  /** An executor service whose tasks run likewise. */
  public ExecutorService propagating(ExecutorService executor) {
    return host.traces().carry(executor);
  }

  /** The header {@code traceparent} that takes the trace of this thread to another service. */
  public Optional<String> traceparent() {
    return Optional.ofNullable(host.traces().trace()).map(TraceParent::header);
  }

  /** The registry behind {@code /metrics}, for meters of your own. */
  public MeterRegistry meterRegistry() {
    return registry;
  }

  /**
   * Stops taking requests, finishes those it has, and lets go of the data directory, within ten
   * seconds. What is not delivered by then is delivered after the next start. Idempotent.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    entrance.shut();
    adminEntrance.shut();
    try {
      entrance.awaitEmpty(Duration.ofSeconds(2));
      adminEntrance.awaitEmpty(Duration.ofMillis(500));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    closeAll(closing);
  }

  private static void closeAll(Deque<Closeable> closing) {
    while (!closing.isEmpty()) {
      try {
        closing.pop().close();
      } catch (IOException | RuntimeException e) {
        log.warn("a part of Observer did not close cleanly", e);
      }
    }
  }
}
