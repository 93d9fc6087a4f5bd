package dev.observer.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FingerprintTest {
  @Test
  void namesWithoutEnd_takeNoLonger() {
    String frame = "at node_modules/" + "-".repeat(900) + "A\n";
    assertTimeout(
        Duration.ofSeconds(5),
        () -> {
          for (int i = 0; i < 500; i++) {
            Fingerprint.of("TypeError", "", frame.repeat(16));
          }
        });
  }

  @Test
  void longName_hasNoContentHash_andItsBeginningCounts() {
    String frame = "at a (https://s.example/%s_components_cart_js.%s.js:1:2)\n";
    String name = "vendors-node_modules_".repeat(9);
    String hashed = of(frame.formatted(name, "0a1b2c3d4e5f6a7b"));
    assertEquals(hashed, of(frame.formatted(name, "7b6a5f4e3d2c1b0a")));
    assertNotEquals(hashed, of(frame.formatted("x" + name, "0a1b2c3d4e5f6a7b")));
  }

  @Test
  void framesOfLibraries_countOnlyWhereThereAreNoOthers_andNoMoreThanFive() {
    String library = "at a (https://s.example/node_modules/a.js:1:2)\n".repeat(5);
    String other = "at b (https://s.example/node_modules/b.js:1:2)\n";
    String own = "at c (https://s.example/c.js:1:2)\n";
    assertEquals(of(library), of(library + other));
    assertNotEquals(of(library), of(other));
    assertEquals(of(own), of(library + other + own));
  }

  private static String of(String stackTrace) {
    return Fingerprint.of("TypeError", "", stackTrace);
  }
}
