package dev.observer.example;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the events of a replay batch in the form {@code packed-1}, as docs/replay-format.md says.
 */
final class Packed {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private record Field(String key, JsonNode code) {}

  private List<List<Field>> shapes = new ArrayList<>();
  private long lastId;
  private long lastTime;

  private Packed() {}

  /** The events of a batch, whatever its form, as rrweb's own. */
  static List<JsonNode> events(JsonNode batch) {
    List<JsonNode> events = new ArrayList<>();
    if (!batch.path("encoding").asText().equals("packed-1")) {
      batch.path("events").forEach(events::add);
      return events;
    }
    Packed reader = new Packed();
    for (JsonNode entry : batch.path("events")) {
      events.add(reader.entry(entry));
    }
    return events;
  }

  private JsonNode entry(JsonNode entry) {
    if (!entry.isObject()) {
      return value(entry);
    }
    shapes = new ArrayList<>();
    lastId = 0;
    lastTime = 0;
    return value(entry.get("fresh"));
  }

  private JsonNode value(JsonNode written) {
    if (!written.isArray()) {
      return written;
    }
    JsonNode head = written.get(0);
    if (head.isInt() && head.intValue() == 0) {
      ArrayNode list = JSON.arrayNode();
      for (int i = 1; i < written.size(); i++) {
        list.add(value(written.get(i)));
      }
      return list;
    }
    return object(head.isArray() ? shape(head) : shapes.get(head.intValue() - 1), written);
  }

  private List<Field> shape(JsonNode said) {
    List<Field> fields = new ArrayList<>();
    for (int i = 0; i < said.size(); i += 2) {
      fields.add(new Field(said.get(i).textValue(), said.get(i + 1)));
    }
    shapes.add(fields);
    return fields;
  }

  private ObjectNode object(List<Field> shape, JsonNode values) {
    ObjectNode object = JSON.objectNode();
    int at = 1;
    for (Field field : shape) {
      object.set(
          field.key, field.code.isArray() ? field.code.get(0) : field(field, values.get(at++)));
    }
    return object;
  }

  private JsonNode field(Field field, JsonNode written) {
    return switch (field.code.intValue()) {
      case 1 -> JSON.numberNode(lastId += written.longValue());
      case 2 -> JSON.numberNode(lastTime += written.longValue());
      case 3 -> JSON.numberNode(lastId + written.longValue());
      default -> value(written);
    };
  }
}
