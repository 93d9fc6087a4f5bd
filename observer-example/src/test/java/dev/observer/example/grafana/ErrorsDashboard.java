package dev.observer.example.grafana;

import static dev.observer.example.grafana.LogQl.ERRORS;
import static dev.observer.example.grafana.LogQl.LOGS;
import static dev.observer.example.grafana.LogQl.VIEWS;
import static dev.observer.example.grafana.LogQl.count;
import static dev.observer.example.grafana.LogQl.countBy;
import static dev.observer.example.grafana.LogQl.distinct;
import static dev.observer.example.grafana.LogQl.occurred;
import static dev.observer.example.grafana.LogQl.top;
import static dev.observer.example.grafana.Panel.curves;
import static dev.observer.example.grafana.Panel.log;
import static dev.observer.example.grafana.Panel.names;
import static dev.observer.example.grafana.Panel.number;
import static dev.observer.example.grafana.Panel.records;
import static dev.observer.example.grafana.Panel.table;
import static dev.observer.example.grafana.Query.lines;
import static dev.observer.example.grafana.Query.logs;
import static dev.observer.example.grafana.Query.logsOverTime;

/** Which errors, where, since when, and for whom. */
final class ErrorsDashboard {
  private ErrorsDashboard() {}

  static Dashboard dashboard() {
    String earlier =
        countBy("error_type", ERRORS + " | json error_type").replace("])", "] offset $__range)");
    return new Dashboard(
            "errors", "Observer: errors", "Which errors, where, since when, and for whom.")
        .chooseService()
        .linksToConsole()
        .add(
            number("Errors", "short", logs(occurred("", "$__range")))
                .says("With those that a folded error stands for."))
        .add(
            number(
                "Types",
                "short",
                logs("count(" + countBy("error_type", ERRORS + " | json error_type") + ")")))
        .add(number("Sessions", "short", logs(distinct("session_id", ERRORS))))
        .add(number("Visitors", "short", logs(distinct("visitor_id", ERRORS))))
        .add(
            number(
                    "Not handled",
                    "percentunit",
                    logs(
                        "(%s or vector(0)) / %s"
                            .formatted(
                                count(ERRORS + " | json handled | handled=`false`"),
                                count(ERRORS))))
                .decimals(0)
                .says("Errors that nothing caught."))
        .add(
            number(
                    "Per 1,000 page views",
                    "short",
                    logs("1000 * " + occurred("", "$__range") + " / " + count(VIEWS)))
                .decimals(1))
        .add(
            curves(
                    "Errors by level",
                    "short",
                    true,
                    logsOverTime(
                        "sum by (source, level) (count_over_time(" + ERRORS + " [$__auto]))",
                        "{{source}} {{level}}"))
                .size(12, 8))
        .add(
            curves(
                    "Errors by release",
                    "short",
                    true,
                    logsOverTime(
                        "sum by (service_name, release) (count_over_time("
                            + ERRORS
                            + " [$__auto]))",
                        "{{service_name}} {{release}}"))
                .size(12, 8))
        .add(
            table(
                "Most frequent",
                "Errors",
                names("service_name", "Service", "error_type", "Type", "message", "Message"),
                logs(
                    top(
                        25,
                        "service_name, error_type, message",
                        ERRORS + " | json error_type, message"))))
        .add(
            table(
                "Sessions affected",
                "Sessions",
                names("service_name", "Service", "error_type", "Type"),
                logs(
                    "count by (service_name, error_type) ("
                        + countBy(
                            "service_name, error_type, session_id",
                            ERRORS + " | json error_type | session_id!=``")
                        + ")")))
        .add(
            table(
                    "New types",
                    "Errors",
                    names("error_type", "Type"),
                    logs(
                        countBy("error_type", ERRORS + " | json error_type")
                            + " unless "
                            + earlier))
                .says("Types that did not occur in the time of the same length before."))
        .add(
            table(
                "Routes and procedures",
                "Errors",
                names("route", "Route", "trpc_path", "Procedure"),
                logs(top(25, "route, trpc_path", ERRORS + " | json trpc_path"))))
        .row("Each of them")
        .add(latestErrors(ERRORS))
        .row("What the application said")
        .add(
            log("Log", lines(LOGS + " | line_format `{{.level}} {{.logger}}: {{__line__}}`"))
                .says(
                    "The lines that loki-logback-appender sends; the trace of a line leads to the"
                        + " errors of the same request."));
  }

  /** The latest of these errors, each with its links into the console. */
  static Panel latestErrors(String selector) {
    return records(
            "Latest errors",
            names(
                "timestamp", "Time",
                "service_name", "Service",
                "error_type", "Type",
                "message", "Message",
                "route", "Route",
                "release", "Release",
                "session_id", "Session",
                "event_id", "Error"),
            lines(selector))
        .columnWidth("Time", 190)
        .columnWidth("Service", 110)
        .columnWidth("Type", 180)
        .columnWidth("Route", 150)
        .columnWidth("Release", 90)
        .link("Session", "Watch the session at this moment", Dashboard.TO_SESSION)
        .link("Error", "Open in the console", Dashboard.TO_ERROR);
  }
}
