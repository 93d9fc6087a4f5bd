package dev.observer.example.grafana;

import static dev.observer.example.grafana.LogQl.ERRORS;
import static dev.observer.example.grafana.LogQl.STARTED;
import static dev.observer.example.grafana.LogQl.count;
import static dev.observer.example.grafana.LogQl.countBy;
import static dev.observer.example.grafana.LogQl.distinct;
import static dev.observer.example.grafana.Panel.curves;
import static dev.observer.example.grafana.Panel.names;
import static dev.observer.example.grafana.Panel.number;
import static dev.observer.example.grafana.Panel.records;
import static dev.observer.example.grafana.Panel.table;
import static dev.observer.example.grafana.Query.lines;
import static dev.observer.example.grafana.Query.logs;
import static dev.observer.example.grafana.Query.meters;
import static dev.observer.example.grafana.Query.metersOverTime;

/** Which sessions can be watched, and what recording them takes. */
final class ReplaysDashboard {
  private ReplaysDashboard() {}

  static Dashboard dashboard() {
    String withErrors =
        countBy("session_id", ERRORS + " | session_id!=``")
            + " and "
            + countBy("session_id", STARTED + " | session_id!=``");
    return new Dashboard(
            "replays",
            "Observer: replays",
            "Which sessions can be watched, and what recording them takes.")
        .chooseService()
        .linksToConsole()
        .add(number("Recordings", "short", logs(count(STARTED))))
        .add(number("Sessions", "short", logs(distinct("session_id", STARTED))))
        .add(
            number("Sessions with errors", "short", logs("count(" + withErrors + ") or vector(0)"))
                .says("That have a recording."))
        .add(
            number("Open now", "short", meters("sum(observer_recordings_open)", ""))
                .says("Recordings that may still go on."))
        .add(
            number(
                "Taken",
                "bytes",
                meters("sum(increase(observer_replay_bytes_total[$__range]))", "")))
        .add(
            number(
                    "A batch",
                    "bytes",
                    meters(
                        "sum(increase(observer_replay_bytes_total[$__range]))"
                            + " / sum(increase(observer_replay_batches_total[$__range]))",
                        ""))
                .says("Gzipped, on average."))
        .add(
            table(
                    "Sessions with errors and a recording",
                    "Errors",
                    names("session_id", "Session"),
                    logs("topk(50, " + withErrors + ")"))
                .link("Session", "Watch the session", "${console:raw}#/sessions/${__value.raw}")
                .size(8, 9))
        .add(
            records(
                    "Latest recordings",
                    names(
                        "start_time", "Time",
                        "service_name", "Service",
                        "user_id", "User",
                        "initial_url", "Page",
                        "session_id", "Session"),
                    lines(STARTED))
                .size(16, 9)
                .columnWidth("Time", 190)
                .columnWidth("Service", 110)
                .link("Session", "Watch the session", Dashboard.TO_SESSION))
        .row("Recording")
        .add(
            curves(
                "Bytes",
                "Bps",
                false,
                metersOverTime(
                    "sum by (instance) (rate(observer_replay_bytes_total[$__rate_interval]))",
                    "{{instance}}")))
        .add(
            curves(
                "Batches and events",
                "cps",
                false,
                metersOverTime(
                    "sum(rate(observer_replay_batches_total[$__rate_interval]))", "batches"),
                metersOverTime(
                    "sum(rate(observer_replay_events_total[$__rate_interval]))", "events")))
        .add(
            curves(
                    "Recordings that ended",
                    "cps",
                    false,
                    metersOverTime(
                        "sum by (cause) (rate(observer_recordings_ended_total[$__rate_interval]))",
                        "{{cause}}"))
                .says("quiet: nothing came any more; crowded: too many were open."))
        .row("Storing")
        .add(
            curves(
                "Waiting in the spool",
                "bytes",
                false,
                metersOverTime(
                    "sum by (instance) (observer_spool_bytes{lane=\"replays\"})", "{{instance}}")))
        .add(
            curves(
                    "Delivery",
                    "s",
                    false,
                    metersOverTime(
                        "sum by (sink, outcome) (rate(observer_delivery_seconds_sum{sink=~\"minio|files\"}[$__rate_interval]))"
                            + " / sum by (sink, outcome) (rate(observer_delivery_seconds_count{sink=~\"minio|files\"}[$__rate_interval]))",
                        "{{sink}} {{outcome}}"))
                .red(".*failure"))
        .add(
            curves(
                    "Lost in browsers",
                    "cps",
                    false,
                    metersOverTime(
                        "sum by (reason) (rate(observer_client_dropped_total{kind=\"replay\"}[$__rate_interval])) > 0"
                            + " or sum(rate(observer_client_dropped_total{kind=\"replay\"}[$__rate_interval]))",
                        "{{reason}}"))
                .says("As browsers say, with the reason; docs/concepts.md lists them."));
  }
}
