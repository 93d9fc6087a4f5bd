package dev.observer.example.grafana;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A dashboard of Grafana: panels in rows, from left to right, and the variables that their queries
 * name. Not thread-safe.
 */
final class Dashboard {
  /** Of the model that Grafana reads; it brings older ones up to date itself. */
  private static final int SCHEMA = 41;

  private static final int COLUMNS = 24;

  /** Where the console is, for links. */
  private static final String CONSOLE = "http://127.0.0.1:8080/api/observer/console/";

  /** Links from a row that names a session or an error; of {@link #linksToConsole()}. */
  static final String TO_SESSION =
      "${console:raw}#/sessions/${__data.fields.Session}?at=${__data.fields.Time}";

  static final String TO_ERROR =
      "${console:raw}#/errors/${__data.fields.Error}?at=${__data.fields.Time}";

  private final String name;
  private final String title;
  private final String description;
  private final ArrayNode variables = JsonNodeFactory.instance.arrayNode();
  private final Map<String, String> texts = new LinkedHashMap<>();
  private final Map<String, List<Panel>> rows = new LinkedHashMap<>();
  private List<Panel> row = new ArrayList<>();

  /**
   * @param name of the file, and of the uid after {@code observer-}
   */
  Dashboard(String name, String title, String description) {
    this.name = name;
    this.title = title;
    this.description = description;
    rows.put("", row);
  }

  /** Which of the services and environments that Loki has are shown. */
  Dashboard chooseService() {
    choose("service", "Service", "service_name");
    choose("environment", "Environment", "environment");
    return this;
  }

  private void choose(String name, String label, String lokiLabel) {
    ObjectNode variable = variables.addObject();
    variable.put("type", "query").put("name", name).put("label", label);
    variable.set("datasource", Query.Source.LOKI.json());
    ObjectNode query = variable.putObject("query");
    // Type 1 asks for the values of a label.
    query.put("refId", "values").put("type", 1).put("label", lokiLabel);
    query.put("stream", "{kind=~\"error|event|replay\"}");
    variable.put("refresh", 2).put("sort", 1);
    variable.put("multi", true).put("includeAll", true).put("allValue", ".+");
    ObjectNode current = variable.putObject("current").put("selected", true);
    current.putArray("text").add("All");
    current.putArray("value").add("$__all");
  }

  /** A text that the reader may change. */
  Dashboard text(String name, String label, String value) {
    texts.put(name, value);
    ObjectNode variable = variables.addObject();
    variable.put("type", "textbox").put("name", name).put("label", label).put("query", value);
    variable.putObject("current").put("selected", true).put("text", value).put("value", value);
    return this;
  }

  /** Links of its panels lead to the console, whose address is a variable that is not shown. */
  Dashboard linksToConsole() {
    ObjectNode variable = variables.addObject();
    variable.put("type", "constant").put("name", "console").put("hide", 2).put("query", CONSOLE);
    variable.putObject("current").put("selected", true).put("text", CONSOLE).put("value", CONSOLE);
    return this;
  }

  /** What follows is below a heading. */
  Dashboard row(String heading) {
    row = new ArrayList<>();
    rows.put(heading, row);
    return this;
  }

  Dashboard add(Panel panel) {
    row.add(panel);
    return this;
  }

  String name() {
    return name;
  }

  /** The variables that are texts, and what they are at first. */
  Map<String, String> texts() {
    return texts;
  }

  List<Panel> panels() {
    return rows.values().stream().flatMap(List::stream).toList();
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("uid", "observer-" + name).put("title", title).put("description", description);
    json.putArray("tags").add("observer");
    json.put("schemaVersion", SCHEMA).put("version", 1).put("editable", true);
    json.put("graphTooltip", 1).put("timezone", "browser").put("refresh", "1m");
    json.putObject("time").put("from", "now-6h").put("to", "now");
    json.putObject("timepicker");
    json.putObject("annotations").putArray("list");
    ObjectNode link = json.putArray("links").addObject();
    link.put("type", "dashboards").put("title", "Observer").put("icon", "external link");
    link.putArray("tags").add("observer");
    link.put("asDropdown", false).put("includeVars", true).put("keepTime", true);
    link.put("targetBlank", false).put("tooltip", "").put("url", "");
    json.putObject("templating").set("list", variables);
    place(json.putArray("panels"));
    return json;
  }

  private void place(ArrayNode panels) {
    int y = 0;
    for (Map.Entry<String, List<Panel>> each : rows.entrySet()) {
      if (!each.getKey().isEmpty()) {
        ObjectNode heading = panels.addObject();
        heading.put("id", panels.size()).put("type", "row").put("title", each.getKey());
        heading.put("collapsed", false).putArray("panels");
        heading.putObject("gridPos").put("x", 0).put("y", y++).put("w", COLUMNS).put("h", 1);
      }
      int x = 0;
      int tallest = 0;
      for (Panel panel : each.getValue()) {
        if (x + panel.width() > COLUMNS) {
          x = 0;
          y += tallest;
          tallest = 0;
        }
        panels.add(panel.json(panels.size() + 1, x, y));
        x += panel.width();
        tallest = Math.max(tallest, panel.height());
      }
      y += tallest;
    }
  }
}
