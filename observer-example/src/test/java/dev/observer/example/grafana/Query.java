package dev.observer.example.grafana;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a panel asks one of the two data sources.
 *
 * @param legend what a series is called; empty for its labels
 */
record Query(Source source, Shape shape, String expression, String legend) {

  /** The data sources, by their uid in Grafana's provisioning. */
  enum Source {
    LOKI("loki"),
    PROMETHEUS("prometheus");

    private final String uid;

    Source(String uid) {
      this.uid = uid;
    }

    String uid() {
      return uid;
    }

    ObjectNode json() {
      return JsonNodeFactory.instance.objectNode().put("type", uid).put("uid", uid);
    }
  }

  /** What the answer is. */
  enum Shape {
    /** One value of each series, at the end of the shown time. */
    INSTANT,
    /** Values over the shown time. */
    RANGE,
    /** Lines of Loki. */
    LINES
  }

  /** LogQL, one value a series. */
  static Query logs(String expression) {
    return new Query(Source.LOKI, Shape.INSTANT, expression, "");
  }

  /** LogQL, over time. */
  static Query logsOverTime(String expression, String legend) {
    return new Query(Source.LOKI, Shape.RANGE, expression, legend);
  }

  /** LogQL, the lines themselves. */
  static Query lines(String expression) {
    return new Query(Source.LOKI, Shape.LINES, expression, "");
  }

  /** PromQL, one value a series. */
  static Query meters(String expression, String legend) {
    return new Query(Source.PROMETHEUS, Shape.INSTANT, expression, legend);
  }

  /** PromQL, over time. */
  static Query metersOverTime(String expression, String legend) {
    return new Query(Source.PROMETHEUS, Shape.RANGE, expression, legend);
  }

  ObjectNode json(String refId) {
    ObjectNode target = JsonNodeFactory.instance.objectNode();
    target.put("refId", refId);
    target.set("datasource", source.json());
    target.put("expr", expression);
    if (!legend.isEmpty()) {
      target.put("legendFormat", legend);
    }
    switch (source) {
      case LOKI -> target.put("queryType", shape == Shape.INSTANT ? "instant" : "range");
      case PROMETHEUS ->
          target.put("instant", shape == Shape.INSTANT).put("range", shape == Shape.RANGE);
    }
    return target.put("editorMode", "code");
  }
}
