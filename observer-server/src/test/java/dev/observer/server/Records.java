package dev.observer.server;

import dev.observer.event.Field;
import dev.observer.event.Kind;
import dev.observer.event.StoredForm;
import dev.observer.event.StoredRecord;
import dev.observer.event.Uuid7;

/** Records for tests. */
public final class Records {
  private static final Uuid7 IDS = new Uuid7();

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
}
