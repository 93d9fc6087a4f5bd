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
