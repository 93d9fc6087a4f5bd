package dev.observer.example;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.stream.StreamSupport;

/**
 * Reads the events of a replay batch in the form {@code packed-2}, as docs/replay-format.md says.
 */
final class Packed {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private record Field(String key, JsonNode code) {}

  /** Names and values of attributes; 0: each element has its own. */
  private record Kind(String tag, JsonNode said) {}

  private List<List<Field>> shapes = new ArrayList<>();
  private List<Kind> kinds = new ArrayList<>();
  private long lastId;
  private long lastTime;

  private Packed() {}

  /** The events of a batch, whatever its form, as rrweb's own. */
  static List<JsonNode> events(JsonNode batch) {
    List<JsonNode> events = new ArrayList<>();
    if (!batch.path("encoding").asText().equals("packed-2")) {
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
    kinds = new ArrayList<>();
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
    if (head.isTextual()) {
      return tree(written);
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

  private ArrayNode tree(JsonNode written) {
    written.get(1).forEach(said -> kinds.add(new Kind(said.get(0).textValue(), said)));
    Iterator<JsonNode> others = value(written.get(2)).iterator();
    PrimitiveIterator.OfLong numbers =
        StreamSupport.stream(written.get(3).spliterator(), false)
            .mapToLong(JsonNode::longValue)
            .iterator();
    Iterator<JsonNode> strings = written.get(4).iterator();
    ArrayNode added = JSON.arrayNode();
    List<Long> path = new ArrayList<>();
    long outside = 0;
    long id = lastId;
    while (numbers.hasNext()) {
      ObjectNode one = added.addObject();
      long up = numbers.nextLong();
      long next = 0;
      if (up < 0) {
        outside = numbers.nextLong();
        next = numbers.nextLong();
        path.clear();
      } else if (up > 0) {
        int at = path.size() - (int) up;
        next = path.get(at);
        path.subList(at, path.size()).clear();
      }
      one.put("parentId", path.isEmpty() ? outside : path.get(path.size() - 1));
      one.set("nextId", next == 0 ? JSON.nullNode() : JSON.numberNode(next));
      long said = numbers.nextLong();
      int kind = (int) (said < 0 ? ~said : said);
      if (kind == 1) {
        JsonNode other = others.next();
        one.set("node", other);
        id = other.get("id").longValue();
      } else {
        id = said < 0 ? numbers.nextLong() : id + 1;
        one.set("node", kind == 0 ? text(strings.next(), id) : element(kind, strings, id));
      }
      path.add(id);
    }
    lastId = id;
    return added;
  }

  private static ObjectNode text(JsonNode text, long id) {
    return JSON.objectNode().put("type", 3).put("textContent", text.textValue()).put("id", id);
  }

  private ObjectNode element(int number, Iterator<JsonNode> strings, long id) {
    Kind kind = kinds.get(number - 2);
    ObjectNode element = JSON.objectNode().put("type", 2).put("tagName", kind.tag);
    ObjectNode attributes = element.putObject("attributes");
    for (int i = 1; i < kind.said.size(); i += 2) {
      JsonNode value = kind.said.get(i + 1);
      attributes.set(kind.said.get(i).textValue(), value.isTextual() ? value : strings.next());
    }
    element.putArray("childNodes");
    return element.put("id", id);
  }
}
