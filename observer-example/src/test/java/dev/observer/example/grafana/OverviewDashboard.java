package dev.observer.example.grafana;

import static dev.observer.example.grafana.LogQl.CHOSEN;
import static dev.observer.example.grafana.LogQl.ERRORS;
import static dev.observer.example.grafana.LogQl.EVENTS;
import static dev.observer.example.grafana.LogQl.STARTED;
import static dev.observer.example.grafana.LogQl.VIEWS;
import static dev.observer.example.grafana.LogQl.count;
import static dev.observer.example.grafana.LogQl.distinct;
import static dev.observer.example.grafana.LogQl.occurred;
import static dev.observer.example.grafana.Panel.curves;
import static dev.observer.example.grafana.Panel.number;
import static dev.observer.example.grafana.Query.logs;
import static dev.observer.example.grafana.Query.logsOverTime;
import static dev.observer.example.grafana.Query.meters;

/** How the site is doing, in a minute. */
final class OverviewDashboard {
  private OverviewDashboard() {}

  static Dashboard dashboard() {
    String failing = "{kind=\"error\", source=\"client\", " + CHOSEN;
    return new Dashboard("overview", "Observer: overview", "How the site is doing, in a minute.")
        .chooseService()
        .linksToConsole()
        .add(number("Visitors", "short", logs(distinct("visitor_id", EVENTS))))
        .add(number("Sessions", "short", logs(distinct("session_id", EVENTS))))
        .add(number("Page views", "short", logs(count(VIEWS))))
        .add(
            number("Errors", "short", logs(occurred("", "$__range")))
                .says("With those that a folded error stands for."))
        .add(
            number(
                    "Sessions without errors",
                    "percentunit",
                    logs(
                        "1 - (%s or vector(0)) / %s"
                            .formatted(
                                distinct("session_id", failing), distinct("session_id", EVENTS))))
                .betterAbove(0.95, 0.99)
                .decimals(1)
                .says("Sessions in which the browser reported no error."))
        .add(number("Recordings", "short", logs(count(STARTED))))
        .add(
            curves(
                    "Page views",
                    "short",
                    true,
                    logsOverTime(
                        "sum by (service_name) (count_over_time(" + VIEWS + " [$__auto]))",
                        "{{service_name}}"))
                .size(12, 8))
        .add(
            curves(
                    "Errors",
                    "short",
                    true,
                    logsOverTime(occurred(" by (source)", "$__auto"), "{{source}}"))
                .size(12, 8))
        .row("Web Vitals, 75th percentile")
        .add(Vital.LCP.ofAll())
        .add(Vital.INP.ofAll())
        .add(Vital.CLS.ofAll())
        .add(Vital.FCP.ofAll())
        .add(Vital.TTFB.ofAll())
        .add(
            number(
                    "Alerts",
                    "short",
                    meters("count(ALERTS{alertstate=\"firing\"}) or vector(0)", ""))
                .worseAbove(1, 3)
                .says(
                    "Of Prometheus, that are firing now; docs/backends/prometheus.md explains each."))
        .row("Server")
        .add(
            number("Servers", "short", meters("sum(up{job=\"observer\"})", ""))
                .betterAbove(1, 1)
                .says("Servers that answer Prometheus."))
        .add(
            number(
                "Accepted",
                "cps",
                meters("sum(rate(observer_records_accepted_total[$__rate_interval]))", "")))
        .add(
            number(
                    "Ingest, 99th percentile",
                    "s",
                    meters(
                        "histogram_quantile(0.99, sum by (le)"
                            + " (rate(observer_http_requests_seconds_bucket{method=\"POST\","
                            + " path=~\".*/(events|errors|replay-events)\"}[$__rate_interval])))",
                        ""))
                .worseAbove(0.25, 1)
                .says("From the head of a request to the end of its answer, which is on the disk."))
        .add(
            number(
                    "Turned away",
                    "percentunit",
                    meters(
                        "(sum(rate(observer_http_requests_seconds_count{status=~\"5..|429\"}"
                            + "[$__rate_interval])) or vector(0))"
                            + " / sum(rate(observer_http_requests_seconds_count[$__rate_interval]))",
                        ""))
                .worseAbove(0.001, 0.01)
                .decimals(2)
                .says("Requests answered 429 or 5xx."))
        .add(
            number("Oldest in the spool", "s", meters("max(observer_spool_oldest_seconds)", ""))
                .worseAbove(30, 60)
                .says("How far the stores are behind what was acknowledged."))
        .add(
            number("Stored", "bytes", meters("sum(observer_store_bytes)", ""))
                .says("By the embedded store, and by replays where they are files."))
        .row("What went wrong")
        .add(ErrorsDashboard.latestErrors(ERRORS));
  }
}
