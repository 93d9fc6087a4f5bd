package dev.observer.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class Uuid7Test {
  @Test
  void id_carriesItsTimeVersionAndVariant() {
    long millis = Instant.parse("2026-11-22T10:00:00.123Z").toEpochMilli();
    Uuid7 ids = new Uuid7(InstantSource.fixed(Instant.ofEpochMilli(millis)), new Random(1));
    UUID id = ids.next();
    assertEquals(7, id.version());
    assertEquals(2, id.variant());
    assertEquals(millis, id.getMostSignificantBits() >>> 16);
    assertNotEquals(id, ids.next());
  }

  @Test
  void ids_sortByTime() {
    String earlier =
        new Uuid7(InstantSource.fixed(Instant.ofEpochMilli(1000)), new Random(1)).next().toString();
    String later =
        new Uuid7(InstantSource.fixed(Instant.ofEpochMilli(1001)), new Random(2)).next().toString();
    assertTrue(earlier.compareTo(later) < 0);
  }

  @Test
  void onlyThe36CharacterForm_isAUuid() {
    assertTrue(isUuid("0193B1C2-7A10-7000-8000-00000000000a"));
    for (String text :
        new String[] {
          "",
          "1-1-1-1-1",
          "{0193b1c2-7a10-7000-8000-00000000000}",
          "0193b1c27a10-7000-8000-00000000000a-",
          "0193b1c2-7a10-7000-8000-00000000000g"
        }) {
      assertFalse(isUuid(text));
    }
  }

  private static boolean isUuid(String text) {
    byte[] bytes = (">" + text + "<").getBytes(StandardCharsets.UTF_8);
    return Uuid7.isUuid(bytes, 1, bytes.length - 1);
  }
}
