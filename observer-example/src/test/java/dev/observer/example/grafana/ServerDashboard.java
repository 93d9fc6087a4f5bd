package dev.observer.example.grafana;

import static dev.observer.example.grafana.Panel.curves;
import static dev.observer.example.grafana.Panel.number;
import static dev.observer.example.grafana.Query.meters;
import static dev.observer.example.grafana.Query.metersOverTime;

/** Whether what is sent is taken and stored, and what it costs. */
final class ServerDashboard {
  private ServerDashboard() {}

  static Dashboard dashboard() {
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
                .size(12, 8)
                .says("Those are tried again; the spool holds what waits."))
        .add(
            curves(
                    "Time of a delivery",
                    "s",
                    false,
                    metersOverTime(
                        "sum by (sink) (rate(observer_delivery_seconds_sum[$__rate_interval]))"
                            + " / sum by (sink) (rate(observer_delivery_seconds_count[$__rate_interval]))",
                        "{{sink}}"))
                .size(12, 8))
        .add(
            curves(
                    "Stored",
                    "bytes",
                    false,
                    metersOverTime(
                        "sum by (instance, sink) (observer_store_bytes)", "{{instance}} {{sink}}"))
                .size(12, 8))
        .add(
            curves(
                    "Left on the disk",
                    "bytes",
                    false,
                    metersOverTime("min by (instance) (observer_disk_free_bytes)", "{{instance}}"))
                .size(12, 8)
                .says("Of data-dir, where the spool and the embedded store are."))
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

  private static Panel perSecond(String title, String meter, String by) {
    return curves(
        title,
        "cps",
        false,
        metersOverTime(
            "sum by (" + by + ") (rate(" + meter + "[$__rate_interval]))",
            "{{" + by.replace(", ", "}} {{") + "}}"));
  }
}
