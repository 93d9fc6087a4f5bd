package dev.observer.server.loki;

import dev.observer.event.Field;
import dev.observer.event.StoredRecord;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The labels of a record, which in Loki make the stream that it belongs to; there are no others, as
 * each combination of values costs Loki memory. Service and environment are bounded where they are
 * accepted.
 *
 * @param level of errors only
 * @param instance keeps the backlog of one process from being behind the stream of another
 */
record LokiStream(
    String serviceName,
    String environment,
    String kind,
    String source,
    @Nullable String level,
    String instance) {

  static LokiStream of(StoredRecord record, String instance) {
    return new LokiStream(
        text(record, Field.SERVICE_NAME),
        text(record, Field.ENVIRONMENT),
        record.kind().wireName(),
        text(record, Field.SOURCE),
        record.text(Field.LEVEL),
        instance);
  }

  private static String text(StoredRecord record, Field field) {
    return Objects.requireNonNullElse(record.text(field), "unknown");
  }

  Map<String, String> labels() {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put(Field.SERVICE_NAME.wireName(), serviceName);
    labels.put(Field.ENVIRONMENT.wireName(), environment);
    labels.put(Field.KIND.wireName(), kind);
    labels.put(Field.SOURCE.wireName(), source);
    if (level != null) {
      labels.put(Field.LEVEL.wireName(), level);
    }
    labels.put("instance", instance);
    return labels;
  }
}
