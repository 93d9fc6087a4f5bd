package dev.observer.server.embedded;

import dev.observer.event.Field;
import dev.observer.event.Kind;
import dev.observer.event.StoredForm;
import dev.observer.event.StoredRecord;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.duckdb.DuckDBAppender;

/**
 * The one table of the embedded store: a row for each record, a column for each field that is asked
 * for often, the other fields as one JSON text. {@code arrival} counts up in the order of delivery.
 */
final class RecordTable {
  private static final List<Field> COLUMNS =
      List.of(
          Field.RECEIVED_AT,
          Field.TIMESTAMP,
          Field.EVENT_ID,
          Field.KIND,
          Field.SOURCE,
          Field.EVENT_TYPE,
          Field.EVENT_NAME,
          Field.SERVICE_NAME,
          Field.ENVIRONMENT,
          Field.RELEASE,
          Field.SESSION_ID,
          Field.VISITOR_ID,
          Field.USER_ID,
          Field.URL,
          Field.ROUTE,
          Field.REFERRER,
          Field.LEVEL,
          Field.ERROR_TYPE,
          Field.MESSAGE,
          Field.FINGERPRINT,
          Field.TRACE_ID,
          Field.RECORDING_ID);

  private static final Set<Field> IN_COLUMNS = EnumSet.copyOf(COLUMNS);

  /** About how many characters the row has, to be known before it is read. */
  static final String CHARACTERS = "characters";

  private RecordTable() {}

  static String create() {
    StringBuilder sql = new StringBuilder("CREATE TABLE IF NOT EXISTS records (arrival BIGINT");
    for (Field field : COLUMNS) {
      String type =
          switch (field) {
            case RECEIVED_AT, TIMESTAMP -> "TIMESTAMP_MS";
            case EVENT_ID -> "UUID";
            default -> "VARCHAR";
          };
      sql.append(", \"").append(field.wireName()).append("\" ").append(type);
    }
    return sql.append(", rest VARCHAR, " + CHARACTERS + " BIGINT)").toString();
  }

  /** To the table of an earlier version; what is in it then was not measured. */
  static String addCharacters() {
    return "ALTER TABLE records ADD COLUMN IF NOT EXISTS " + CHARACTERS + " BIGINT";
  }

  /** The columns to select for {@link #read}. */
  static String selection() {
    StringBuilder sql = new StringBuilder("arrival");
    for (Field field : COLUMNS) {
      boolean time = field == Field.RECEIVED_AT || field == Field.TIMESTAMP;
      sql.append(time ? ", epoch_ms(\"" : ", \"").append(field.wireName());
      sql.append(time ? "\")" : "\"");
    }
    return sql.append(", rest").toString();
  }

  /** Whether every value is of the type of its column; not so only where others wrote it. */
  static boolean holds(StoredRecord record) {
    for (Field field : COLUMNS) {
      Object value = record.value(field);
      boolean fits =
          switch (field) {
            case RECEIVED_AT, TIMESTAMP -> value instanceof Long;
            case EVENT_ID -> value instanceof String id && isUuid(id);
            default -> value == null || value instanceof String;
          };
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  private static boolean isUuid(String text) {
    try {
      return UUID.fromString(text).toString().equals(text);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  static void append(StoredRecord record, long arrival, DuckDBAppender row) throws SQLException {
    row.beginRow().append(arrival);
    long characters = 0;
    for (Field field : COLUMNS) {
      switch (field) {
        case RECEIVED_AT -> row.appendEpochMillis(record.receivedAt());
        case TIMESTAMP -> row.appendEpochMillis(record.timestamp());
        case EVENT_ID -> row.append(UUID.fromString(record.eventId()));
        default -> {
          String text = record.text(field);
          row.append(text);
          characters += text == null ? 0 : text.length();
        }
      }
    }
    String rest = StoredForm.writeWithout(IN_COLUMNS, record);
    row.append(rest).append(characters + rest.length()).endRow();
  }

  /** Reads the current row of a result with the columns of {@link #selection}. */
  static StoredRecord read(ResultSet row) throws SQLException, IOException {
    int column = 2;
    String kindName = row.getString("kind");
    Kind kind = Kind.of(kindName);
    if (kind == null) {
      throw new IOException("a row of unknown kind");
    }
    StoredRecord.Builder record = StoredRecord.builder(kind);
    for (Field field : COLUMNS) {
      Object value =
          switch (field) {
            case RECEIVED_AT, TIMESTAMP -> (Object) row.getLong(column);
            default -> row.getString(column);
          };
      record.set(field, value);
      column++;
    }
    StoredForm.readInto(record, row.getString(column));
    return record.build();
  }
}
