package dev.observer.server;

import dev.observer.event.Field;
import dev.observer.event.Kind;
import dev.observer.event.StoredForm;
import dev.observer.event.StoredRecord;
import dev.observer.event.Uuid7;
import dev.observer.server.sink.SpooledRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Records for tests. */
public final class Records {
  private static final Uuid7 IDS = new Uuid7();
  private static final AtomicLong OFFSETS = new AtomicLong();

  private Records() {}

  public static StoredRecord.Builder event(String name) {
    return StoredRecord.builder(Kind.EVENT)
        .set(Field.EVENT_ID, IDS.next().toString())
        .set(Field.EVENT_TYPE, "custom_event")
        .set(Field.EVENT_NAME, name)
        .set(Field.SOURCE, "client")
        .set(Field.SERVICE_NAME, "shop")
        .set(Field.ENVIRONMENT, "test")
        .set(Field.TIMESTAMP, System.currentTimeMillis())
        .set(Field.RECEIVED_AT, System.currentTimeMillis());
  }

  public static byte[] line(String name) {
    return StoredForm.write(event(name).build());
  }

  /** These records as if they lay one after the other in the spool. */
  public static List<SpooledRecord> spooled(List<StoredRecord> records) {
    List<SpooledRecord> spooled = new ArrayList<>();
    for (StoredRecord record : records) {
      spooled.add(new SpooledRecord(record, StoredForm.write(record), 1, OFFSETS.getAndAdd(1_000)));
    }
    return spooled;
  }

  public static List<SpooledRecord> spooled(StoredRecord... records) {
    return spooled(List.of(records));
  }
}
