package dev.observer.example.grafana;

import static dev.observer.example.grafana.LogQl.CHOSEN;
import static dev.observer.example.grafana.Panel.curves;
import static dev.observer.example.grafana.Panel.log;
import static dev.observer.example.grafana.Query.lines;
import static dev.observer.example.grafana.Query.logsOverTime;

/** Everything of one session, trace or user, records and log together. */
final class FindDashboard {
  private FindDashboard() {}

  static Dashboard dashboard() {
    String records =
        "{kind=~\"error|event|replay|log\", "
            + CHOSEN
            + " | session_id=~`$session.*` | trace_id=~`$trace.*` | user_id=~`$user.*` |~ `(?i)$text`";
    return new Dashboard(
            "find",
            "Observer: find",
            "Everything of one session, trace or user, records and log together.")
        .chooseService()
        .text("session", "Session", "")
        .text("trace", "Trace", "")
        .text("user", "User", "")
        .text("text", "Text", "")
        .add(
            curves(
                    "What there is",
                    "short",
                    true,
                    logsOverTime(
                        "sum by (kind) (count_over_time(" + records + " [$__auto]))", "{{kind}}"))
                .size(24, 6))
        .add(log("Records and log", lines(records)).size(24, 20));
  }
}
