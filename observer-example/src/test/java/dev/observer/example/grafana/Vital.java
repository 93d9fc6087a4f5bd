package dev.observer.example.grafana;

import static dev.observer.example.grafana.LogQl.EVENTS;
import static dev.observer.example.grafana.Panel.bars;
import static dev.observer.example.grafana.Panel.number;
import static dev.observer.example.grafana.Query.logs;

/** A Web Vital, shown as its 75th percentile and judged as web.dev does. */
enum Vital {
  LCP("Largest Contentful Paint", "ms", 2500, 4000),
  INP("Interaction to Next Paint", "ms", 200, 500),
  CLS("Cumulative Layout Shift", "", 0.1, 0.25),
  FCP("First Contentful Paint", "ms", 1800, 3000),
  TTFB("Time to First Byte", "ms", 800, 1800);

  private final String title;
  private final String unit;
  private final double needsWork;
  private final double poor;

  Vital(String title, String unit, double needsWork, double poor) {
    this.title = title;
    this.unit = unit;
    this.needsWork = needsWork;
    this.poor = poor;
  }

  /** Of all pages. */
  Panel ofAll() {
    return judged(number(name(), unit, logs(quantile("")))).says(title + ".");
  }

  /** Of each route, the worst first. */
  Panel byRoute() {
    return judged(bars(title, unit, logs("topk(15, " + quantile("route") + ")")));
  }

  private Panel judged(Panel panel) {
    return panel.worseAbove(needsWork, poor).decimals(unit.isEmpty() ? 2 : 0);
  }

  private String quantile(String by) {
    String values =
        EVENTS
            + " | json event_name, metric=\"properties.metric\", value=\"properties.value\""
            + " | event_name=`observer.web_vital` | metric=`"
            + name()
            + "` | unwrap value | __error__=``";
    return "quantile_over_time(0.75, " + values + " [$__range]) by (" + by + ")";
  }
}
