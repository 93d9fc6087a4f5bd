package dev.observer.example.grafana;

import static dev.observer.example.grafana.Panel.bars;
import static dev.observer.example.grafana.Panel.curves;
import static dev.observer.example.grafana.Panel.log;
import static dev.observer.example.grafana.Panel.namedBars;
import static dev.observer.example.grafana.Panel.number;
import static dev.observer.example.grafana.Panel.records;
import static dev.observer.example.grafana.Panel.table;
import static dev.observer.example.grafana.Query.lines;
import static dev.observer.example.grafana.Query.logs;
import static dev.observer.example.grafana.Query.logsOverTime;
import static dev.observer.example.grafana.Query.meters;
import static dev.observer.example.grafana.Query.metersOverTime;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The dashboards that {@code docs/backends/grafana/dashboards} has, and {@code docs/dashboards.md}
 * explains.
 */
final class Dashboards {
  private static final String CHOSEN = "service_name=~\"$service\", environment=~\"$environment\"}";
  private static final String EVENTS = "{kind=\"event\", " + CHOSEN;
  private static final String ERRORS = "{kind=\"error\", " + CHOSEN;
  private static final String REPLAYS = "{kind=\"replay\", " + CHOSEN;
  private static final String LOGS = "{kind=\"log\", " + CHOSEN;

  private static final String VIEWS = EVENTS + " | json event_type | event_type=`page_view`";
  private static final String OWN = " | json event_name | event_name=`observer.";
  private static final String LEAVES = EVENTS + OWN + "page_leave`";

  /** The application's, not those of the SDK. */
  private static final String CUSTOM =
      EVENTS + " | json event_name | event_name!=`` | event_name!~`observer\\..+`";

  private static final String STARTED =
      REPLAYS + " | json event_type | event_type=`session_replay_started`";

  /** An error of a storm stands for several; see docs/browser.md. */
  private static final String OCCURRENCES =
      " | json occurrences=\"properties.occurrences\""
          + " | label_format occurrences=`{{ if .occurrences }}{{ .occurrences }}{{ else }}1{{ end }}`"
          + " | unwrap occurrences | __error__=``";

  private static final String TO_SESSION =
      "${console:raw}#/sessions/${__data.fields.Session}?at=${__data.fields.Time}";
  private static final String TO_ERROR =
      "${console:raw}#/errors/${__data.fields.Error}?at=${__data.fields.Time}";

  private static final int FUNNEL_STEPS = 3;

  private Dashboards() {}

  static List<Dashboard> all() {
    return List.of(overview(), errors(), web(), product(), replays(), server(), find());
  }

  private static String count(String selector) {
    return "sum(count_over_time(" + selector + " [$__range]))";
  }

  private static String countBy(String labels, String selector) {
    return "sum by (" + labels + ") (count_over_time(" + selector + " [$__range]))";
  }

  private static String top(int most, String labels, String selector) {
    return "topk(" + most + ", " + countBy(labels, selector) + ")";
  }

  /** How many values of a piece of metadata there are. */
  private static String distinct(String metadata, String selector) {
    return "count(" + countBy(metadata, selector + " | " + metadata + "!=``") + ")";
  }

  private static String occurred(String by, String range) {
    return "sum" + by + " (sum_over_time(" + ERRORS + OCCURRENCES + " [" + range + "]))";
  }

  /** A Web Vital. */
  private static String vital(String metric) {
    return EVENTS
        + " | json event_name, metric=\"properties.metric\", value=\"properties.value\""
        + " | event_name=`observer.web_vital` | metric=`"
        + metric
        + "` | unwrap value | __error__=``";
  }

  private static String quantile(String metric, String by) {
    return "quantile_over_time(0.75, " + vital(metric) + " [$__range]) by (" + by + ")";
  }

  private static Panel vitalNumber(String metric, String unit, double needsWork, double poor) {
    return number(metric, unit, logs(quantile(metric, "")))
        .worseAbove(needsWork, poor)
        .decimals(unit.isEmpty() ? 2 : 0);
  }

  /** Labels or fields, and what their columns are called. */
  private static Map<String, String> names(String... pairs) {
    Map<String, String> names = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      names.put(pairs[i], pairs[i + 1]);
    }
    return names;
  }

  private static Panel latestErrors(String selector) {
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
        .link("Session", "Watch the session at this moment", TO_SESSION)
        .link("Error", "Open in the console", TO_ERROR);
  }

  private static Dashboard overview() {
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
        .add(vitalNumber("LCP", "ms", 2500, 4000).says("Largest Contentful Paint."))
        .add(vitalNumber("INP", "ms", 200, 500).says("Interaction to Next Paint."))
        .add(vitalNumber("CLS", "", 0.1, 0.25).says("Cumulative Layout Shift."))
        .add(vitalNumber("FCP", "ms", 1800, 3000).says("First Contentful Paint."))
        .add(vitalNumber("TTFB", "ms", 800, 1800).says("Time to First Byte."))
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
        .add(latestErrors(ERRORS));
  }

  private static Dashboard errors() {
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

  private static Panel byRoute(
      String title, String metric, String unit, double needsWork, double poor) {
    return bars(title, unit, logs("topk(15, " + quantile(metric, "route") + ")"))
        .worseAbove(needsWork, poor)
        .decimals(unit.isEmpty() ? 2 : 0);
  }

  private static Dashboard web() {
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
        .add(byRoute("Largest Contentful Paint", "LCP", "ms", 2500, 4000))
        .add(byRoute("Interaction to Next Paint", "INP", "ms", 200, 500))
        .add(byRoute("Cumulative Layout Shift", "CLS", "", 0.1, 0.25))
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

  private static Dashboard product() {
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
                .link("Session", "Watch the session at this moment", TO_SESSION));
  }

  private static Dashboard replays() {
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
                .link("Session", "Watch the session", TO_SESSION))
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

  private static Panel perSecond(String title, String meter, String by) {
    return curves(
        title,
        "cps",
        false,
        metersOverTime(
            "sum by (" + by + ") (rate(" + meter + "[$__rate_interval]))",
            "{{" + by.replace(", ", "}} {{") + "}}"));
  }

  private static Dashboard server() {
    String slow = " (rate(%s_bucket[$__rate_interval])))";
    return new Dashboard(
            "server",
            "Observer: server and JVM",
            "Whether what is sent is taken and stored, and what it costs.")
        .row("Taking")
        .add(perSecond("Requests", "observer_http_requests_seconds_count", "status"))
        .add(
            curves(
                "99th percentile by path",
                "s",
                false,
                metersOverTime(
                    "histogram_quantile(0.99, sum by (le, path)"
                        + slow.formatted("observer_http_requests_seconds"),
                    "{{path}}")))
        .add(perSecond("Records accepted", "observer_records_accepted_total", "kind"))
        .add(
            perSecond("Not kept where it belongs", "observer_dropped_total", "reason")
                .says(
                    "Refused, turned away, or set aside, with the reason; docs/concepts.md lists them."))
        .add(
            perSecond("Lost in browsers", "observer_client_dropped_total", "reason")
                .says("Before it came here, as browsers say."))
        .add(
            curves(
                "Captured, not yet on the disk",
                "bytes",
                false,
                metersOverTime("sum by (instance) (observer_capture_queue_bytes)", "{{instance}}")))
        .row("Storing")
        .add(
            curves(
                "Oldest in the spool",
                "s",
                false,
                metersOverTime(
                    "max by (instance, lane) (observer_spool_oldest_seconds)",
                    "{{instance}} {{lane}}")))
        .add(
            curves(
                "Waiting in the spool",
                "bytes",
                false,
                metersOverTime(
                    "sum by (instance, lane) (observer_spool_bytes)", "{{instance}} {{lane}}")))
        .add(perSecond("Delivered", "observer_delivered_records_total", "sink"))
        .add(
            curves(
                    "Delivery attempts that failed",
                    "percentunit",
                    false,
                    metersOverTime(
                        // Without a failure there is no series that counts them.
                        "(sum by (sink) (rate(observer_delivery_seconds_count{outcome=\"failure\"}[$__rate_interval]))"
                            + " or 0 * sum by (sink) (rate(observer_delivery_seconds_count[$__rate_interval])))"
                            + " / sum by (sink) (rate(observer_delivery_seconds_count[$__rate_interval]))",
                        "{{sink}}"))
                .says("Those are tried again; the spool holds what waits."))
        .add(
            curves(
                "Time of a delivery",
                "s",
                false,
                metersOverTime(
                    "sum by (sink) (rate(observer_delivery_seconds_sum[$__rate_interval]))"
                        + " / sum by (sink) (rate(observer_delivery_seconds_count[$__rate_interval]))",
                    "{{sink}}")))
        .add(
            curves(
                "Stored",
                "bytes",
                false,
                metersOverTime(
                    "sum by (instance, sink) (observer_store_bytes)", "{{instance}} {{sink}}")))
        .row("Procedures")
        .add(perSecond("Calls", "observer_procedure_seconds_count", "procedure"))
        .add(
            curves(
                "95th percentile",
                "s",
                false,
                metersOverTime(
                    "histogram_quantile(0.95, sum by (le, procedure)"
                        + slow.formatted("observer_procedure_seconds"),
                    "{{procedure}}")))
        .add(
            curves(
                "Failed",
                "cps",
                false,
                metersOverTime(
                    "sum by (procedure, outcome) (rate(observer_procedure_seconds_count{outcome!=\"success\"}[$__rate_interval]))",
                    "{{procedure}} {{outcome}}")))
        .row("JVM")
        .add(
            curves(
                "Heap",
                "bytes",
                false,
                metersOverTime(
                    "sum by (instance) (jvm_memory_used_bytes{job=\"observer\", area=\"heap\"})",
                    "{{instance}} used"),
                metersOverTime(
                    "sum by (instance) (jvm_memory_max_bytes{job=\"observer\", area=\"heap\"} > 0)",
                    "{{instance}} most")))
        .add(
            curves(
                    "Processor",
                    "percentunit",
                    false,
                    metersOverTime(
                        "sum by (instance) (rate(process_cpu_seconds_total{job=\"observer\"}[$__rate_interval]))",
                        "{{instance}}"))
                .says("1 is one processor."))
        .add(
            curves(
                "Time in collections",
                "percentunit",
                false,
                metersOverTime(
                    "sum by (instance) (rate(jvm_gc_pause_seconds_sum{job=\"observer\"}[$__rate_interval]))",
                    "{{instance}}")))
        .add(
            curves(
                "Threads",
                "short",
                false,
                metersOverTime(
                    "sum by (instance) (jvm_threads_live_threads{job=\"observer\"})",
                    "{{instance}}")))
        .add(
            curves(
                "Memory beside the heap",
                "bytes",
                false,
                metersOverTime(
                    "sum by (instance) (jvm_memory_used_bytes{job=\"observer\", area=\"nonheap\"})",
                    "{{instance}} JVM"),
                metersOverTime(
                    "sum by (instance) (jvm_buffer_memory_used_bytes{job=\"observer\"})",
                    "{{instance}} buffers")))
        .add(
            number("Up since", "s", meters("max(process_uptime_seconds{job=\"observer\"})", ""))
                .size(8, 8)
                .decimals(0));
  }

  private static Dashboard find() {
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
