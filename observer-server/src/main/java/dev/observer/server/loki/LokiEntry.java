package dev.observer.server.loki;

import com.github.loki4j.client.batch.LogRecord;
import dev.observer.event.Field;
import dev.observer.event.StoredRecord;
import dev.observer.server.sink.SpooledRecord;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What Loki gets of a record. To Loki an entry is the same as another when stream, time, line and
 * metadata are, and then it keeps one; so all of it must follow from the record alone.
 *
 * @param line the stored form, or what is left of it, see {@link ShortLine}
 * @param bytes of line and metadata, about
 */
record LokiEntry(long nanos, String line, Map<String, String> metadata, int bytes) {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private static final List<Field> METADATA =
      List.of(
          Field.EVENT_ID,
          Field.SESSION_ID,
          Field.VISITOR_ID,
          Field.USER_ID,
          Field.RECORDING_ID,
          Field.TRACE_ID,
          Field.SPAN_ID,
          Field.RELEASE,
          Field.ROUTE);

  /** Loki takes 65,536 bytes of metadata an entry; the line has a longer value whole. */
  private static final int MAX_VALUE = 1024;

  static LokiEntry of(SpooledRecord spooled) {
    byte[] line = ShortLine.of(spooled);
    Map<String, String> metadata = metadata(spooled.record());
    int bytes = line.length;
    for (Map.Entry<String, String> entry : metadata.entrySet()) {
      bytes += entry.getKey().length() + entry.getValue().length();
    }
    return new LokiEntry(
        spooled.arrivalNanos(), new String(line, StandardCharsets.UTF_8), metadata, bytes);
  }

  private static Map<String, String> metadata(StoredRecord record) {
    Map<String, String> metadata = new LinkedHashMap<>();
    for (Field field : METADATA) {
      String value = record.text(field);
      if (value != null && !value.isEmpty()) {
        metadata.put(field.wireName(), ShortLine.start(value, MAX_VALUE));
      }
    }
    return metadata;
  }

  LogRecord in(Map<String, String> labels) {
    return LogRecord.create(
        nanos / NANOS_PER_MILLI, (int) (nanos % NANOS_PER_MILLI), labels, line, metadata);
  }
}
