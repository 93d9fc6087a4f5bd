package dev.observer.example.traffic;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Web Vitals, as a visitor's device and line make them. */
final class Vitals {
  /** A metric, up to which value it is good, from which it is poor, and what it usually is. */
  private record Metric(String name, double good, double poor, double usual) {}

  private static final Metric TTFB = new Metric("TTFB", 800, 1800, 210);
  private static final Metric FCP = new Metric("FCP", 1800, 3000, 900);
  private static final Metric LCP = new Metric("LCP", 2500, 4000, 1500);
  private static final Metric INP = new Metric("INP", 200, 500, 95);
  private static final Metric CLS = new Metric("CLS", 0.1, 0.25, 0.035);

  private Vitals() {}

  /** Those of a page that was loaded. */
  static List<Map<String, Object>> ofLoading(Chance chance, Visitor visitor, Page page) {
    // The pictures of one piece are the largest thing on its page; the collection draws eight.
    double weight = page.equals(Page.COLLECTION) ? 1.25 : 1;
    Map<String, Object> largest = metric(LCP, chance, visitor.slowness() * weight);
    largest.put("target", page.equals(Page.COLLECTION) ? "h1" : "div.picture > svg.piece");
    return List.of(
        metric(TTFB, chance, visitor.slowness()), metric(FCP, chance, visitor.slowness()), largest);
  }

  /** Those of a page that is left. */
  static List<Map<String, Object>> ofLeaving(Chance chance, Visitor visitor, Page page) {
    List<Map<String, Object>> vitals = new ArrayList<>();
    Map<String, Object> interaction =
        metric(INP, chance, visitor.slowness() * (page.equals(Page.CHECKOUT) ? 1.9 : 1));
    interaction.put("event", "pointerup");
    interaction.put("target", "button.button");
    vitals.add(interaction);
    if (chance.percent(40)) {
      Map<String, Object> shift = metric(CLS, chance, page.equals(Page.CART) ? 2.4 : 1);
      shift.put("target", "main > section");
      vitals.add(shift);
    }
    return vitals;
  }

  private static Map<String, Object> metric(Metric metric, Chance chance, double factor) {
    double value = chance.skewed(metric.usual * factor);
    Map<String, Object> said = new LinkedHashMap<>();
    said.put("metric", metric.name);
    said.put("metric_id", "v5-" + chance.hex(16));
    said.put("value", Math.round(value * 1e4) / 1e4);
    said.put(
        "rating",
        value <= metric.good ? "good" : value <= metric.poor ? "needs-improvement" : "poor");
    said.put("navigation_type", "navigate");
    return said;
  }
}
