package dev.observer.example.grafana;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One panel of a dashboard, in the few forms that ours have. Not thread-safe. */
final class Panel {
  private static final String RED = "semi-dark-red";

  private final ObjectNode json = JsonNodeFactory.instance.objectNode();
  private final ObjectNode defaults;
  private final ArrayNode overrides;
  private final List<Query> queries;
  private int width = 8;
  private int height = 8;

  private Panel(String type, String title, String unit, List<Query> queries) {
    this.queries = queries;
    json.put("type", type).put("title", title);
    json.set("datasource", queries.get(0).source().json());
    ArrayNode targets = json.putArray("targets");
    for (int i = 0; i < queries.size(); i++) {
      targets.add(queries.get(i).json(refId(i)));
    }
    ObjectNode fields = json.putObject("fieldConfig");
    defaults = fields.putObject("defaults");
    overrides = fields.putArray("overrides");
    if (!unit.isEmpty()) {
      defaults.put("unit", unit);
    }
  }

  private static String refId(int place) {
    return String.valueOf((char) ('A' + place));
  }

  /** One number. */
  static Panel number(String title, String unit, Query query) {
    Panel panel = new Panel("stat", title, unit, List.of(query)).size(4, 4);
    panel.steps("text");
    ObjectNode options = panel.json.putObject("options");
    options.put("colorMode", "value").put("graphMode", "none").put("textMode", "value");
    options.put("justifyMode", "auto").put("orientation", "auto").put("wideLayout", true);
    reduce(options, false);
    return panel;
  }

  /** Curves over time; stacked areas where they add up to a whole. */
  static Panel curves(String title, String unit, boolean stacked, Query... queries) {
    Panel panel = new Panel("timeseries", title, unit, List.of(queries));
    ObjectNode custom = panel.defaults.putObject("custom");
    custom.put("drawStyle", stacked ? "bars" : "line").put("lineWidth", stacked ? 0 : 1);
    custom.put("fillOpacity", stacked ? 70 : 8).put("showPoints", "never");
    custom.put("lineInterpolation", "linear").put("spanNulls", false).put("axisSoftMin", 0);
    custom.putObject("stacking").put("mode", stacked ? "normal" : "none").put("group", "A");
    ObjectNode options = panel.json.putObject("options");
    ObjectNode legend = options.putObject("legend");
    legend.put("displayMode", "list").put("placement", "bottom").put("showLegend", true);
    legend.putArray("calcs");
    options.putObject("tooltip").put("mode", "multi").put("sort", "desc");
    return panel;
  }

  /** Bars that are compared, one a row of the answer. */
  static Panel bars(String title, String unit, Query query) {
    Panel panel = new Panel("bargauge", title, unit, List.of(query));
    panel.bars(true);
    return panel;
  }

  /** Bars that are compared, one a query, each with a name. */
  static Panel namedBars(String title, String unit, Map<String, Query> queries) {
    Panel panel = new Panel("bargauge", title, unit, List.copyOf(queries.values()));
    panel.bars(false);
    int place = 0;
    for (String name : queries.keySet()) {
      panel.override("byFrameRefID", refId(place++)).add(property("displayName", name));
    }
    return panel;
  }

  private void bars(boolean each) {
    steps("blue");
    defaults.put("min", 0);
    ObjectNode options = json.putObject("options");
    options.put("displayMode", "basic").put("orientation", "horizontal");
    options.put("valueMode", "text").put("showUnfilled", true).put("namePlacement", "auto");
    options.put("sizing", "auto").put("minVizHeight", 16).put("maxVizHeight", 40);
    reduce(options, each);
  }

  private static void reduce(ObjectNode options, boolean each) {
    ObjectNode reduce = options.putObject("reduceOptions");
    reduce.put("values", each).put("fields", "");
    reduce.putArray("calcs").add("lastNotNull");
    if (each) {
      reduce.put("limit", 25);
    }
  }

  /** Labels or fields, and what their columns are called. */
  static Map<String, String> names(String... pairs) {
    Map<String, String> names = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      names.put(pairs[i], pairs[i + 1]);
    }
    return names;
  }

  /**
   * Rows of an instant query: its labels, and the value.
   *
   * @param value what the value is called
   * @param labels what each label is called, in their order
   */
  static Panel table(String title, String value, Map<String, String> labels, Query query) {
    Panel panel = new Panel("table", title, "short", List.of(query)).size(12, 9);
    Map<String, String> columns = new LinkedHashMap<>(labels);
    columns.put("Value #A", value);
    panel.columns(panel.json.putArray("transformations"), columns);
    panel.cells(value, true);
    panel.override("byName", value).add(property("custom.width", 110));
    return panel;
  }

  /**
   * Records as rows, newest first.
   *
   * @param fields of the record, and what each is called, in their order
   */
  static Panel records(String title, Map<String, String> fields, Query query) {
    Panel panel = new Panel("table", title, "", List.of(query)).size(24, 10);
    ArrayNode transformations = panel.json.putArray("transformations");
    ObjectNode extract = transformations.addObject().put("id", "extractFields");
    ObjectNode options = extract.putObject("options");
    options.put("source", "Line").put("format", "json").put("replace", true);
    options.put("keepTime", false);
    ArrayNode paths = options.putArray("jsonPaths");
    fields.keySet().forEach(field -> paths.addObject().put("path", field));
    panel.columns(transformations, fields);
    panel.cells("", false);
    return panel;
  }

  private void columns(ArrayNode transformations, Map<String, String> names) {
    ObjectNode organize = transformations.addObject().put("id", "organize");
    ObjectNode options = organize.putObject("options");
    options.putObject("excludeByName").put("Time", true);
    ObjectNode order = options.putObject("indexByName");
    ObjectNode renamed = options.putObject("renameByName");
    names.forEach(
        (field, name) -> {
          order.put(field, order.size());
          renamed.put(field, name);
        });
  }

  private void cells(String sortedBy, boolean filterable) {
    ObjectNode custom = defaults.putObject("custom");
    custom.put("align", "auto").put("inspect", true).put("filterable", filterable);
    custom.putObject("cellOptions").put("type", "auto");
    ObjectNode options = json.putObject("options");
    options.put("showHeader", true).put("cellHeight", "sm");
    ArrayNode sort = options.putArray("sortBy");
    if (!sortedBy.isEmpty()) {
      sort.addObject().put("displayName", sortedBy).put("desc", true);
    }
  }

  /** Lines, newest first, each with its links. */
  static Panel log(String title, Query query) {
    Panel panel = new Panel("logs", title, "", List.of(query)).size(24, 10);
    ObjectNode options = panel.json.putObject("options");
    options.put("showTime", true).put("wrapLogMessage", true).put("enableLogDetails", true);
    options.put("showLabels", false).put("showCommonLabels", false);
    options.put("prettifyLogMessage", false).put("dedupStrategy", "none");
    options.put("sortOrder", "Descending");
    return panel;
  }

  /** The width of a dashboard is 24. */
  Panel size(int width, int height) {
    this.width = width;
    this.height = height;
    return this;
  }

  /** What the panel says that its title does not. */
  Panel says(String description) {
    json.put("description", description);
    return this;
  }

  /** Green below {@code warning}, yellow from there, and red from {@code critical}. */
  Panel worseAbove(double warning, double critical) {
    ArrayNode steps = steps("green");
    steps.addObject().put("color", "#EAB839").put("value", warning);
    steps.addObject().put("color", RED).put("value", critical);
    return this;
  }

  /** Red below {@code critical}, yellow from there, and green from {@code good}. */
  Panel betterAbove(double critical, double good) {
    ArrayNode steps = steps(RED);
    steps.addObject().put("color", "#EAB839").put("value", critical);
    steps.addObject().put("color", "green").put("value", good);
    return this;
  }

  private ArrayNode steps(String base) {
    ObjectNode thresholds = defaults.putObject("thresholds").put("mode", "absolute");
    ArrayNode steps = thresholds.putArray("steps");
    steps.addObject().put("color", base).putNull("value");
    defaults.putObject("color").put("mode", "thresholds");
    return steps;
  }

  /** Series of this name are red: they are what went wrong. */
  Panel red(String series) {
    ObjectNode color = JsonNodeFactory.instance.objectNode();
    color.put("mode", "fixed").put("fixedColor", RED);
    override("byRegexp", series).addObject().put("id", "color").set("value", color);
    return this;
  }

  /** Digits after the point. */
  Panel decimals(int digits) {
    defaults.put("decimals", digits);
    return this;
  }

  /** A link in the column of this name. */
  Panel link(String column, String title, String url) {
    ArrayNode properties = override("byName", column);
    ObjectNode links = properties.addObject().put("id", "links");
    links
        .putArray("value")
        .addObject()
        .put("title", title)
        .put("url", url)
        .put("targetBlank", true);
    return this;
  }

  /** The width of a column in pixels. */
  Panel columnWidth(String column, int pixels) {
    override("byName", column).add(property("custom.width", pixels));
    return this;
  }

  private ArrayNode override(String matcher, String of) {
    ObjectNode override = overrides.addObject();
    override.putObject("matcher").put("id", matcher).put("options", of);
    return override.putArray("properties");
  }

  private static ObjectNode property(String id, String value) {
    return JsonNodeFactory.instance.objectNode().put("id", id).put("value", value);
  }

  private static ObjectNode property(String id, int value) {
    return JsonNodeFactory.instance.objectNode().put("id", id).put("value", value);
  }

  String title() {
    return json.path("title").asText();
  }

  List<Query> queries() {
    return queries;
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  JsonNode json(int id, int x, int y) {
    ObjectNode placed = JsonNodeFactory.instance.objectNode();
    placed.put("id", id);
    placed.setAll(json);
    placed.putObject("gridPos").put("x", x).put("y", y).put("w", width).put("h", height);
    return placed;
  }
}
