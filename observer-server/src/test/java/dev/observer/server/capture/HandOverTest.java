package dev.observer.server.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.server.BrokenLog;
import dev.observer.server.metrics.Meters;
import dev.observer.server.spool.EventLane;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HandOverTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Identity NOBODY = new Identity("u-1", "visitor-1", "session-1");

  private final AtomicInteger failures = new AtomicInteger();
  private final Meters meters =
      new Meters(
          new SimpleMeterRegistry() {
            @Override
            protected Counter newCounter(Meter.Id id) {
              if (id.getName().equals("observer.records.accepted")
                  && failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new OutOfMemoryError("none for a meter");
              }
              return super.newCounter(id);
            }
          });

  @TempDir Path directory;
  private EventLane lane;
  private HandOver handOver;
  private BrokenLog log;

  @BeforeEach
  void open() throws IOException {
    log = new BrokenLog(HandOver.class);
    lane = new EventLane(directory.resolve("events"), 1 << 20, InstantSource.system());
    CaptureSettings settings = new CaptureSettings("shop", "test", null, "1", 1_000, List.of());
    handOver = new HandOver(lane, new RecordWriter(settings), meters);
  }

  @AfterEach
  void close() {
    handOver.close(PATIENCE);
    lane.close();
    log.close();
  }

  private void offer(Captured.What what) {
    handOver.offer(new Captured("id", 1_800_000_000_000L, what, NOBODY, null, null, null, null));
  }

  @Test
  void thrownThatCannotBeLookedAt_isCounted_andTheNextIsKept() {
    RuntimeException odd =
        new RuntimeException() {
          private static final long serialVersionUID = 1L;

          @Override
          public String getMessage() {
            throw new NoClassDefFoundError("gone");
          }
        };
    offer(new Captured.Failure(odd, "", "", Mechanism.MANUAL, ErrorContext.EMPTY, Map.of()));
    offer(new Captured.Event("next"));
    assertTrue(handOver.flush(PATIENCE), "the next is not kept");
    assertEquals(Map.of("capture_failed/error", 1L), meters.losses());
    assertEquals(0, handOver.bytes());
  }

  @Test
  void whateverIsThrownOnTheWay_nothingStaysInHand_andTheNextIsKept() {
    failures.set(1);
    offer(new Captured.Event("first"));
    boolean whole = handOver.flush(PATIENCE); // whatever it says of the first, it says it
    offer(new Captured.Event("next"));
    assertTrue(handOver.flush(PATIENCE), "the next is not kept; the first: " + whole);
    assertEquals(0, handOver.bytes());
    assertEquals(0, failures.get());
  }
}
