package dev.observer.example.traffic;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How a visit begins.
 *
 * @param referrer the page that linked here; empty if there was none
 * @param campaign parameters of the link
 */
record Arrival(Page page, String referrer, Map<String, String> campaign) {

  /** Where visitors come from. */
  private record Source(int share, String referrer, Map<String, String> campaign) {}

  private static final List<Source> SOURCES =
      List.of(
          new Source(34, "", Map.of()),
          new Source(26, "https://www.google.com/", Map.of()),
          new Source(12, "", campaign("newsletter", "email", "firing-42")),
          new Source(
              11, "https://l.instagram.com/", campaign("instagram", "social", "studio-tour")),
          new Source(
              7,
              "https://www.google.com/",
              Map.of(
                  "utm_source", "google",
                  "utm_medium", "cpc",
                  "utm_campaign", "stoneware",
                  "gclid", "EAIaIQobChMI8vS9")),
          new Source(6, "https://duckduckgo.com/", Map.of()),
          new Source(4, "https://clay-journal.example/teapots-that-do-not-drip", Map.of()));

  private static Map<String, String> campaign(String source, String medium, String name) {
    return Map.of("utm_source", source, "utm_medium", medium, "utm_campaign", name);
  }

  static Arrival by(Chance chance, Page page) {
    int at = chance.between(0, 99);
    for (Source source : SOURCES) {
      at -= source.share;
      if (at < 0) {
        return new Arrival(page, source.referrer, source.campaign);
      }
    }
    throw new IllegalStateException("the shares of the sources are not a hundred");
  }

  /** The query of the first address: {@code ?utm_source=…}, or nothing. */
  String query() {
    return campaign.isEmpty()
        ? ""
        : campaign.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining("&", "?", ""));
  }

  /** What a page view says of it, as docs/browser.md has it. */
  Map<String, String> properties(boolean first) {
    Map<String, String> properties = new LinkedHashMap<>();
    if (first) {
      properties.putAll(campaign);
    }
    if (!referrer.isEmpty()) {
      properties.put("initial_referrer", referrer);
    }
    campaign.forEach((name, value) -> properties.put("initial_" + name, value));
    return properties;
  }
}
