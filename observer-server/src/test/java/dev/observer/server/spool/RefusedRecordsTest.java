package dev.observer.server.spool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.observer.server.Records;
import dev.observer.server.metrics.Meters;
import dev.observer.server.sink.SinkException;
import dev.observer.server.sink.SpooledRecord;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class RefusedRecordsTest {
  private final ListAppender<ILoggingEvent> said = new ListAppender<>();
  private long nanoTime = -5;
  @TempDir Path directory;

  private void refuse(RefusedRecords refusals, SpooledRecord... records)
      throws SinkException, IOException {
    List<SpooledRecord> refused = new ArrayList<>();
    refusals.give(
        List.of(records),
        given -> {
          throw SinkException.refused("it says why");
        },
        refused::add);
    assertEquals(List.of(records), refused);
  }

  @Test
  void refusal_isInTheLog_withTheReason_onceAMinute() throws Exception {
    RefusedRecords refusals =
        new RefusedRecords(
            "loki",
            new Rejected(directory.resolve("rejected")),
            new Meters(new SimpleMeterRegistry()),
            () -> nanoTime);
    List<SpooledRecord> records =
        Records.spooled(
            Records.event("a").build(), Records.event("b").build(), Records.event("c").build());
    Logger logger = (Logger) LoggerFactory.getLogger(RefusedRecords.class);
    said.start();
    logger.addAppender(said);
    try {
      refuse(refusals, records.get(0), records.get(1));
      nanoTime += Duration.ofMinutes(1).toNanos();
      refuse(refusals, records.get(2));
    } finally {
      logger.detachAppender(said);
    }
    assertEquals(
        List.of(records.get(0), records.get(2)).stream()
            .map(
                record ->
                    "loki refuses record "
                        + record.record().eventId()
                        + " for good, and it is set aside, as others may be in the next minute:"
                        + " it says why")
            .toList(),
        said.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
  }
}
