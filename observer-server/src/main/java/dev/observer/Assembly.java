package dev.observer;

import dev.observer.config.ConfigException;
import dev.observer.config.ObserverConfig;
import dev.observer.event.ServiceNames;
import dev.observer.server.capture.Capture;
import dev.observer.server.capture.FreeData;
import dev.observer.server.capture.Traces;
import dev.observer.server.disk.DataDirectory;
import dev.observer.server.disk.ReadToken;
import dev.observer.server.embedded.DuckDbEventStore;
import dev.observer.server.embedded.FileReplayStore;
import dev.observer.server.embedded.Retention;
import dev.observer.server.http.MetricsPage;
import dev.observer.server.http.Routes;
import dev.observer.server.loki.LokiFollower;
import dev.observer.server.loki.LokiSink;
import dev.observer.server.metrics.Meters;
import dev.observer.server.metrics.Registry;
import dev.observer.server.minio.MinioReplayStore;
import dev.observer.server.query.EventQuery;
import dev.observer.server.query.QueryException;
import dev.observer.server.rpc.ObservedCalls;
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
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an Observer is made of.
 *
 * @param registry behind {@code /metrics}
 * @param token of those who read
 * @param routes what is served
 * @param capture takes what happens in this application
 * @param traces of what its threads do
 * @param meters of Observer
 * @param calls of the application's procedures
 */
record Assembly(
    MeterRegistry registry,
    ReadToken token,
    Routes routes,
    Capture capture,
    Traces traces,
    Meters meters,
    ObservedCalls calls) {
  private static final Logger log = LoggerFactory.getLogger(Observer.class);
  private static final Duration PATIENCE = Duration.ofSeconds(4);

  /** For those who may hang; what they hold is in the spool. */
  private static final Duration LESS_PATIENCE = Duration.ofSeconds(2);

  private static final int READERS = 4;

  /** Puts everything together, in the order the data flows; it is closed in the other. */
  static Assembly of(ObserverConfig config, @Nullable MeterRegistry joined, Closing closing)
      throws IOException {
    closing.add(Footprint.enter());
    InstantSource clock = InstantSource.system();
    DataDirectory data = DataDirectory.open(config.dataDir());
    closing.add(data::close);
    String configuredToken = config.readToken();
    ReadToken token =
        configuredToken == null ? ReadToken.of(data) : new ReadToken(configuredToken, null);

    Registry registry = new Registry(joined);
    closing.add(registry::close);
    Meters meters = registry.meters();
    meters.disk(data, DataDirectory::freeBytes, DataDirectory::totalBytes);
    ServiceNames services =
        new ServiceNames(config.serviceName(), config.environment(), config.limits().services());

    DuckDbEventStore eventStore = DuckDbEventStore.open(data.resolve("events.duckdb"), "256MB");
    closing.add(eventStore::close);
    restore(services, eventStore, config.limits().services());
    FileReplayStore files = new FileReplayStore(data.path());
    Backends backends = Backends.open(config, files, eventStore);
    ReplayStore replayStore = backends.replays();
    closing.add(replayStore::close);

    // Files also where replays go elsewhere now: those of before are deleted in their time.
    Retention retention = new Retention(config.retention(), eventStore, files, meters, clock);
    closing.add(retention::close);
    retention.start();

    EventLane events =
        new EventLane(data.resolve("spool/events"), config.spool().eventsBytes(), clock);
    closing.add(() -> events.close(PATIENCE));
    ReplayLane replays =
        new ReplayLane(
            data.resolve("spool/replays"), config.spool().replaysBytes(), replayStore, clock);
    closing.add(() -> replays.close(LESS_PATIENCE));
    meters.lane("events", events, EventLane::bytes, EventLane::files, EventLane::oldestSeconds);
    meters.lane(
        "replays", replays, ReplayLane::bytes, ReplayLane::files, ReplayLane::oldestSeconds);

    Rejected rejected = new Rejected(data.resolve("rejected"));
    List<EventSink> sinks = new ArrayList<>(List.of(eventStore));
    DeliveryAudit audit = null;
    if (backends.loki() != null) {
      sinks.add(backends.loki());
      audit = audit(config, data, events, backends.loki(), rejected, meters, clock, closing);
    }
    List<Delivery<?>> deliveries =
        new ArrayList<>(EventDelivery.start(events, sinks, rejected, RetryPolicy.STANDARD, meters));
    for (Delivery<?> delivery : deliveries) {
      closing.add(() -> delivery.close(LESS_PATIENCE));
    }
    if (audit != null) {
      audit.start();
    }
    follow(config, eventStore, clock, closing);
    OpenRecordings recordings =
        new OpenRecordings(
            data.resolve("spool/recordings"), events, replays, rejected, meters, clock);
    closing.add(recordings::close);
    recordings.start();
    Delivery<?> replayDelivery =
        ReplayDelivery.start(
            replays, replayStore, recordings, services, rejected, RetryPolicy.STANDARD, meters);
    closing.add(() -> replayDelivery.close(replayStore.isLocal() ? PATIENCE : LESS_PATIENCE));
    deliveries.add(replayDelivery);

    ThreadPoolExecutor readers = readers();
    closing.add(readers::shutdownNow);
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
    closing.add(() -> capture.close(LESS_PATIENCE));
    FreeData inputs =
        config.capture().procedureInput()
            ? FreeData.sanitised(config.capture().deniedKeys())
            : null;
    ObservedCalls calls = new ObservedCalls(capture, traces, meters, inputs, System::nanoTime);
    return new Assembly(registry.prometheus(), token, routes, capture, traces, meters, calls);
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
      Closing closing)
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
    closing.add(audit::close);
    return audit;
  }

  /** What others wrote to Loki, and what was lost with the embedded store, comes into it. */
  private static void follow(
      ObserverConfig config, DuckDbEventStore embedded, InstantSource clock, Closing closing) {
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
      closing.add(follower::close);
      follower.start();
    }
  }

  /** Where replays go, and events besides the embedded store. */
  private record Backends(ReplayStore replays, @Nullable LokiSink loki) {
    /** Opens both, also when the first refuses: what is wrong with either is said at once. */
    static Backends open(ObserverConfig config, FileReplayStore files, EventQuery embedded)
        throws IOException {
      ReplayStore replays;
      try {
        replays =
            config.minio().endpoint() == null
                ? files
                : MinioReplayStore.open(config.minio(), config.retention().replays());
      } catch (IOException e) {
        try {
          loki(config, embedded);
        } catch (ConfigException also) {
          throw new IOException(e.getMessage() + "\n" + also.getMessage(), e);
        }
        throw e;
      }
      try {
        return new Backends(replays, loki(config, embedded));
      } catch (ConfigException e) {
        replays.close();
        throw e;
      }
    }

    /** The embedded store is what is read, and knows which event came before. */
    private static @Nullable LokiSink loki(ObserverConfig config, EventQuery embedded) {
      URI url = config.loki().url();
      return url == null ? null : LokiSink.open(url, config.loki(), config.instance(), embedded);
    }
  }

  private static void restore(ServiceNames services, EventQuery store, int limit) {
    try {
      services.restore(store.services(limit));
    } catch (QueryException e) {
      log.warn("the services of stored records are not known; others may take their places", e);
    }
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
}
