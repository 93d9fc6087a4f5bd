package dev.observer.server.loki;

import dev.observer.config.ObserverConfig;
import dev.observer.event.ServiceNames;
import dev.observer.event.StoredRecord;
import dev.observer.server.embedded.DuckDbEventStore;
import dev.observer.server.query.EventQuery;
import dev.observer.server.query.Page;
import dev.observer.server.query.QueryException;
import dev.observer.server.query.RecordFilter;
import dev.observer.server.query.Session;
import dev.observer.server.query.SessionFilter;
import dev.observer.server.sink.EventSink;
import dev.observer.server.sink.EventStoreContract;
import dev.observer.server.sink.SinkException;
import dev.observer.server.sink.SpooledRecord;
import dev.observer.testserver.LokiServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same contract with Loki in between: one server writes, and another, which is asked, has
 * everything from Loki. A tenant each test.
 */
@Timeout(120)
class LokiEventStoreIT extends EventStoreContract {
  private static final Duration RETENTION = Duration.ofDays(10);
  private static LokiServer loki;

  private final String tenant = UUID.randomUUID().toString();

  @BeforeAll
  static void startLoki(@TempDir Path directory) throws IOException {
    loki = LokiServer.start(directory);
  }

  @AfterAll
  static void stopLoki() {
    loki.close();
  }

  @Override
  protected Store open(Path directory) throws Exception {
    URI uri = loki.uri();
    ObserverConfig.Loki settings = new ObserverConfig.Loki(uri, tenant, null, null, null);
    DuckDbEventStore writing = DuckDbEventStore.open(directory.resolve("writer.duckdb"), "64MB");
    DuckDbEventStore read = DuckDbEventStore.open(directory.resolve("reader.duckdb"), "256MB");
    LokiSink sink = LokiSink.open(uri, settings, "writer", writing);
    LokiFollower follower =
        new LokiFollower(uri, settings, "reader", RETENTION, read, read, InstantSource.system());
    return new Store(new Both(writing, sink, read, follower), new Followed(follower, read));
  }

  /** What a server in Loki mode delivers to. */
  private record Both(
      DuckDbEventStore embedded, LokiSink sink, DuckDbEventStore read, LokiFollower follower)
      implements EventSink {
    @Override
    public String name() {
      return "both";
    }

    @Override
    public void append(List<SpooledRecord> records) throws SinkException {
      embedded.append(records);
      sink.append(records);
    }

    @Override
    public void close() {
      follower.close();
      sink.close();
      embedded.close();
      read.close();
    }
  }

  /** Asks after it has read what there is, as a server does every few seconds. */
  private record Followed(LokiFollower follower, DuckDbEventStore store) implements EventQuery {
    private EventQuery now() {
      try {
        long now = System.currentTimeMillis();
        follower.follow();
        // Streams whose newest line is old are looked for seldom; this finds what is in them.
        follower.reconcile((now - RETENTION.toMillis()) * 1_000_000, (now + 1_000) * 1_000_000);
        return store;
      } catch (Exception e) {
        throw new AssertionError("Loki cannot be read", e);
      }
    }

    @Override
    public Page<StoredRecord> records(RecordFilter filter, int limit, Page.@Nullable Position after)
        throws QueryException {
      return now().records(filter, limit, after);
    }

    @Override
    public Page<Session> sessions(SessionFilter filter, int limit, Page.@Nullable Position after)
        throws QueryException {
      return now().sessions(filter, limit, after);
    }

    @Override
    public @Nullable Session session(String sessionId) throws QueryException {
      return now().session(sessionId);
    }

    @Override
    public List<StoredRecord> recordings(String sessionId) throws QueryException {
      return now().recordings(sessionId);
    }

    @Override
    public Map<String, Long> arrivals(List<StoredRecord> records) throws QueryException {
      return now().arrivals(records);
    }

    @Override
    public List<ServiceNames.Service> services(int limit) throws QueryException {
      return now().services(limit);
    }
  }
}
