package dev.observer.example.traffic;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Tasks that held a page up for more than 50 ms, as the browsers tell that count them. */
final class LongTasks {
  private static final int PERCENT = 30;
  private static final int LEAST_MS = 51;

  /** What the longest usually takes: the collection draws eight pieces, its neighbours one. */
  private static final double USUAL_MS = 70;

  private LongTasks() {}

  /** Those of a page that is left, if there were any. */
  static Optional<Map<String, Object>> of(
      Chance chance, Visitor visitor, Page page, String script) {
    if (!visitor.device().userAgent().contains("Chrome/") || !chance.percent(PERCENT)) {
      return Optional.empty();
    }
    double weight = page.equals(Page.COLLECTION) ? 1.6 : 1;
    long longest = LEAST_MS + Math.round(chance.skewed(USUAL_MS * visitor.slowness() * weight) / 2);
    int others = chance.between(0, 2);
    long total = longest;
    for (int other = 0; other < others; other++) {
      total += chance.between(LEAST_MS, (int) longest);
    }
    Map<String, Object> tasks = new LinkedHashMap<>();
    tasks.put("count", 1 + others);
    tasks.put("total_ms", total);
    tasks.put("longest_ms", longest);
    tasks.put("script", script);
    tasks.put("script_function", page.equals(Page.CHECKOUT) ? "placeOrder" : "Piece");
    return Optional.of(tasks);
  }
}
