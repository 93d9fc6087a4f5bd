package dev.observer.server.spool;

import dev.observer.event.Field;
import dev.observer.event.StoredRecord;
import dev.observer.server.sink.EventSink;
import dev.observer.server.sink.SinkException;
import dev.observer.server.sink.SpooledRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A sink that fails as it is told, and otherwise keeps what it gets, each id once. */
final class FailingSink implements EventSink {
  private final List<StoredRecord> kept = new ArrayList<>();
  private final CountDownLatch released = new CountDownLatch(1);
  private int failures;
  private String refused = "";
  private boolean hanging;

  synchronized FailingSink failing(int times) {
    failures = times;
    return this;
  }

  synchronized FailingSink refusing(String eventName) {
    refused = eventName;
    return this;
  }

  synchronized FailingSink hanging() {
    hanging = true;
    return this;
  }

  void release() {
    released.countDown();
  }

  synchronized List<String> names() {
    return kept.stream().map(record -> String.valueOf(record.text(Field.EVENT_NAME))).toList();
  }

  synchronized List<StoredRecord> records() {
    return List.copyOf(kept);
  }

  void awaitNames(List<String> names) {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (!names().equals(names)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("the sink has " + names());
      }
      Thread.onSpinWait();
    }
  }

  @Override
  public String name() {
    return "failing";
  }

  @Override
  public void append(List<SpooledRecord> records) throws SinkException {
    boolean hang;
    synchronized (this) {
      hang = hanging;
    }
    if (hang) {
      try {
        released.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw SinkException.retryable("interrupted", e);
      }
    }
    synchronized (this) {
      if (failures > 0) {
        failures--;
        throw SinkException.retryable("not now", null);
      }
      for (SpooledRecord spooled : records) {
        if (refused.equals(spooled.record().text(Field.EVENT_NAME))) {
          throw SinkException.refused("never");
        }
      }
      for (SpooledRecord spooled : records) {
        StoredRecord record = spooled.record();
        if (kept.stream().noneMatch(other -> other.eventId().equals(record.eventId()))) {
          kept.add(record);
        }
      }
    }
  }

  @Override
  public void close() {
    release();
  }
}
