package dev.observer.example.grafana;

import static dev.observer.example.grafana.LogQl.CUSTOM;
import static dev.observer.example.grafana.LogQl.EVENTS;
import static dev.observer.example.grafana.LogQl.count;
import static dev.observer.example.grafana.LogQl.countBy;
import static dev.observer.example.grafana.LogQl.distinct;
import static dev.observer.example.grafana.LogQl.top;
import static dev.observer.example.grafana.Panel.curves;
import static dev.observer.example.grafana.Panel.namedBars;
import static dev.observer.example.grafana.Panel.names;
import static dev.observer.example.grafana.Panel.number;
import static dev.observer.example.grafana.Panel.records;
import static dev.observer.example.grafana.Panel.table;
import static dev.observer.example.grafana.Query.lines;
import static dev.observer.example.grafana.Query.logs;
import static dev.observer.example.grafana.Query.logsOverTime;

import java.util.LinkedHashMap;
import java.util.Map;

/** What visitors do, and how far they get. */
final class ProductDashboard {
  private static final int FUNNEL_STEPS = 3;

  private ProductDashboard() {}

  static Dashboard dashboard() {
    Map<String, Query> funnel = new LinkedHashMap<>();
    for (int step = 1; step <= FUNNEL_STEPS; step++) {
      funnel.put(step + ". $step" + step, logs(reached(step)));
    }
    String goal = EVENTS + " | json event_name | event_name=`$goal`";
    return new Dashboard(
            "product", "Observer: product events", "What visitors do, and how far they get.")
        .chooseService()
        .linksToConsole()
        .text("step1", "Funnel: 1", "signup_started")
        .text("step2", "2", "signup_details_completed")
        .text("step3", "3", "signup_completed")
        .text("goal", "Goal", "checkout_completed")
        .add(number("Events", "short", logs(count(CUSTOM))))
        .add(
            number(
                "Different events", "short", logs("count(" + countBy("event_name", CUSTOM) + ")")))
        .add(number("Sessions with events", "short", logs(distinct("session_id", CUSTOM))))
        .add(
            number("Goal reached", "short", logs(count(goal) + " or vector(0)"))
                .says("Events called as the variable Goal says."))
        .add(
            number(
                    "Of sessions",
                    "percentunit",
                    logs(
                        "(%s or vector(0)) / %s"
                            .formatted(
                                distinct("session_id", goal), distinct("session_id", EVENTS))))
                .decimals(1)
                .says("Sessions that reached the goal, of all."))
        .add(
            number(
                    "Value",
                    "short",
                    logs(
                        "sum(sum_over_time("
                            + goal
                            + " | json value=\"properties.value\" | unwrap value | __error__=`` [$__range]))"))
                .decimals(2)
                .says("The sum of properties.value of the goal."))
        .row("Funnel")
        .add(
            namedBars("Sessions that came so far", "short", funnel)
                .size(16, 8)
                .says(
                    "Sessions with this step and all before it, in whatever order. The steps are"
                        + " variables: put the names of your own events there."))
        .add(
            number(
                    "All steps",
                    "percentunit",
                    logs(
                        "("
                            + reached(FUNNEL_STEPS)
                            + ") / count("
                            + countBy(
                                "session_id", EVENTS + " | json event_name | event_name=`$step1`")
                            + ")"))
                .size(8, 8)
                .decimals(1)
                .says("Of the sessions with the first step."))
        .row("Events")
        .add(
            curves(
                    "Events",
                    "short",
                    true,
                    logsOverTime(
                        "sum by (event_name) (count_over_time(" + CUSTOM + " [$__auto]))",
                        "{{event_name}}"))
                .size(12, 9))
        .add(
            table(
                    "By name",
                    "Events",
                    names("event_name", "Event"),
                    logs(top(50, "event_name", CUSTOM)))
                .size(6, 9))
        .add(
            table(
                    "By sessions",
                    "Sessions",
                    names("event_name", "Event"),
                    logs(
                        "count by (event_name) ("
                            + countBy("event_name, session_id", CUSTOM + " | session_id!=``")
                            + ")"))
                .size(6, 9))
        .row("Each of them")
        .add(
            records(
                    "Latest events",
                    names(
                        "timestamp", "Time",
                        "service_name", "Service",
                        "event_name", "Event",
                        "route", "Route",
                        "properties", "Properties",
                        "user_id", "User",
                        "session_id", "Session"),
                    lines(CUSTOM))
                .columnWidth("Time", 190)
                .columnWidth("Service", 110)
                .link("Session", "Watch the session at this moment", Dashboard.TO_SESSION));
  }

  /** Sessions that did this step and all before it. */
  private static String reached(int step) {
    StringBuilder query = new StringBuilder("count(");
    for (int i = step; i >= 1; i--) {
      query
          .append(
              countBy("session_id", EVENTS + " | json event_name | event_name=`$step" + i + "`"))
          .append(i > 1 ? " and " : ")");
    }
    return query + " or vector(0)";
  }
}
