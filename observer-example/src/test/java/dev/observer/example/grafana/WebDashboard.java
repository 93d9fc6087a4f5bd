package dev.observer.example.grafana;

import static dev.observer.example.grafana.LogQl.EVENTS;
import static dev.observer.example.grafana.LogQl.LEAVES;
import static dev.observer.example.grafana.LogQl.VIEWS;
import static dev.observer.example.grafana.LogQl.count;
import static dev.observer.example.grafana.LogQl.countBy;
import static dev.observer.example.grafana.LogQl.distinct;
import static dev.observer.example.grafana.LogQl.top;
import static dev.observer.example.grafana.Panel.bars;
import static dev.observer.example.grafana.Panel.curves;
import static dev.observer.example.grafana.Panel.names;
import static dev.observer.example.grafana.Panel.number;
import static dev.observer.example.grafana.Panel.table;
import static dev.observer.example.grafana.Query.logs;
import static dev.observer.example.grafana.Query.logsOverTime;

/** Who comes, from where, to which pages, and how fast these are. */
final class WebDashboard {
  private WebDashboard() {}

  static Dashboard dashboard() {
    String perSession = countBy("session_id", VIEWS + " | session_id!=``");
    String engaged = LEAVES + " | json ms=\"properties.engaged_ms\" | unwrap ms | __error__=`` ";
    String source =
        VIEWS
            + " | json initial_referrer=\"properties.initial_referrer\" | initial_referrer!=``"
            + " | line_format `{{.initial_referrer}}` | regexp `https?://(?P<site>[^/]+)`";
    String campaign =
        VIEWS
            + " | json campaign=\"properties.initial_utm_campaign\","
            + " source=\"properties.initial_utm_source\" | campaign!=``"
            + " | label_format campaign=`{{.source}} / {{.campaign}}`";
    String browser =
        VIEWS
            + " | json user_agent | label_format browser=`"
            + "{{ if contains \"Edg/\" .user_agent }}Edge"
            + "{{ else if contains \"Firefox/\" .user_agent }}Firefox"
            + "{{ else if contains \"Chrome/\" .user_agent }}Chrome"
            + "{{ else if contains \"Safari/\" .user_agent }}Safari"
            + "{{ else }}other{{ end }}`";
    return new Dashboard(
            "web",
            "Observer: web analytics",
            "Who comes, from where, to which pages, and how fast these are.")
        .chooseService()
        .add(number("Visitors", "short", logs(distinct("visitor_id", EVENTS))))
        .add(number("Sessions", "short", logs(distinct("session_id", EVENTS))))
        .add(number("Page views", "short", logs(count(VIEWS))))
        .add(
            number("Views a session", "short", logs(count(VIEWS) + " / count(" + perSession + ")"))
                .decimals(1))
        .add(
            number(
                    "Sessions of one page",
                    "percentunit",
                    logs(
                        "(count("
                            + perSession
                            + " == 1) or vector(0)) / count("
                            + perSession
                            + ")"))
                .decimals(0))
        .add(
            number(
                    "Engaged, a view",
                    "ms",
                    logs("sum(sum_over_time(" + engaged + "[$__range])) / " + count(VIEWS)))
                .decimals(0)
                .says(
                    "Time in which the page was visible and its visitor did something, docs/browser.md."))
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
                    "Sessions and visitors",
                    "short",
                    false,
                    logsOverTime(
                        distinct("session_id", EVENTS).replace("$__range", "$__auto"), "sessions"),
                    logsOverTime(
                        distinct("visitor_id", EVENTS).replace("$__range", "$__auto"), "visitors"))
                .size(12, 8)
                .says("Those seen within each step of the curve."))
        .row("Pages")
        .add(bars("Views", "short", logs(top(15, "route", VIEWS))))
        .add(
            bars(
                    "Engaged time a view",
                    "ms",
                    logs(
                        "topk(15, sum by (route) (sum_over_time("
                            + engaged
                            + "[$__range])) / "
                            + countBy("route", VIEWS)
                            + ")"))
                .decimals(0))
        .add(
            bars(
                    "Scrolled",
                    "percentunit",
                    logs(
                        "topk(15, avg_over_time("
                            + LEAVES
                            + " | json depth=\"properties.scroll_depth\" | unwrap depth | __error__=`` "
                            + "[$__range]) by (route))"))
                .decimals(0)
                .says("How far down the page was seen, on average."))
        .row("Where they come from")
        .add(
            bars(
                "Sessions by site",
                "short",
                logs("topk(15, count by (site) (" + countBy("site, session_id", source) + "))")))
        .add(
            bars(
                "Sessions by campaign",
                "short",
                logs(
                    "topk(15, count by (campaign) ("
                        + countBy("campaign, session_id", campaign)
                        + "))")))
        .add(
            bars(
                "Sessions by browser",
                "short",
                logs("count by (browser) (" + countBy("browser, session_id", browser) + ")")))
        .row("Web Vitals by route, 75th percentile")
        .add(Vital.LCP.byRoute())
        .add(Vital.INP.byRoute())
        .add(Vital.CLS.byRoute())
        .row("What annoys them")
        .add(
            table(
                "Rage and dead clicks",
                "Clicks",
                names("event_name", "What", "route", "Route", "target", "Element"),
                logs(
                    top(
                        25,
                        "event_name, route, target",
                        EVENTS
                            + " | json event_name, target=\"properties.target\""
                            + " | event_name=~`observer\\.(rage|dead)_click`"))))
        .add(
            table(
                    "Time in long tasks",
                    "ms",
                    names("route", "Route", "script", "Script"),
                    logs(
                        "topk(25, sum by (route, script) (sum_over_time("
                            + EVENTS
                            + " | json event_name, script=\"properties.script\","
                            + " ms=\"properties.total_ms\" | event_name=`observer.long_tasks`"
                            + " | unwrap ms | __error__=`` [$__range])))"))
                .says("Tasks of the page's thread that took more than 50 ms."));
  }
}
