package dev.observer.example.traffic;

import java.time.Instant;
import java.util.List;

/**
 * Somebody who comes to the shop, perhaps more than once.
 *
 * @param id lasts over visits, as it does in a browser
 * @param slowness what their device and line make of a time, 1 being usual
 * @param name theirs, and of many others
 * @param bucket which of a hundred parts of all visitors they belong to, for feature flags
 */
record Visitor(
    String id, Device device, String language, String name, double slowness, int bucket) {

  /** What a visitor looks through. Sizes are in CSS pixels. */
  record Device(
      String userAgent,
      boolean narrow,
      int screenWidth,
      int screenHeight,
      int viewportWidth,
      int viewportHeight) {}

  private static final Device LAPTOP =
      new Device(
          "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
              + " Chrome/148.0.0.0 Safari/537.36",
          false,
          1920,
          1080,
          1280,
          800);

  private static final List<Device> DEVICES =
      List.of(
          LAPTOP,
          new Device(
              "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
                  + " Chrome/147.0.0.0 Safari/537.36 Edg/147.0.0.0",
              false,
              1920,
              1200,
              1280,
              800),
          new Device(
              "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like"
                  + " Gecko) Version/19.1 Safari/605.1.15",
              false,
              1512,
              982,
              1280,
              800),
          new Device(
              "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0",
              false,
              1680,
              1050,
              1280,
              800),
          new Device(
              "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15"
                  + " (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1",
              true,
              390,
              844,
              390,
              844),
          new Device(
              "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"
                  + " Chrome/148.0.0.0 Mobile Safari/537.36",
              true,
              390,
              844,
              390,
              844));

  private static final List<String> LANGUAGES =
      List.of("en-GB", "en-US", "de-DE", "fr-FR", "nl-NL", "ja-JP");

  private static final List<String> FIRST_NAMES =
      List.of("Mila", "Jon", "Aiko", "Noor", "Théo", "Greta", "Sami", "Ines", "Olu", "Wren");

  private static final List<String> LAST_NAMES =
      List.of("Potter", "Ishikawa", "Okafor", "Lindqvist", "Moreau", "de Vries", "Haas", "Quinn");

  /** Visitors were made when the shop opened, so that the same one has the same id. */
  private static final Instant OPENING = Instant.parse("2026-01-05T09:00:00Z");

  /** An address of no one. */
  String email() {
    return id.substring(24) + "@visitors.example";
  }

  /** The visitor with this number, always the same. */
  static Visitor numbered(int number, long seed) {
    Chance chance = new Chance(seed, -1L - number);
    Device device = chance.oneOf(DEVICES);
    return new Visitor(
        chance.uuid(OPENING),
        device,
        chance.oneOf(LANGUAGES),
        chance.oneOf(FIRST_NAMES) + " " + chance.oneOf(LAST_NAMES),
        chance.skewed(device.narrow() ? 1.7 : 0.9),
        chance.between(0, 99));
  }
}
