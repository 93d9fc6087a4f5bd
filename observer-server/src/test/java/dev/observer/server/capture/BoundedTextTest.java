package dev.observer.server.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class BoundedTextTest {
  @Test
  void whatFits_staysAsItIs() {
    assertEquals("abé😀", BoundedText.of("abé😀", 8));
    assertFalse(BoundedText.exceeds("abé😀", 8));
    assertTrue(BoundedText.exceeds("abé😀", 7));
  }

  @Test
  void whatDoesNot_isCutBetweenCharacters() {
    for (int max = 3; max < 40; max++) {
      String cut = BoundedText.of("é😀€a".repeat(10), max);
      assertTrue(cut.getBytes(StandardCharsets.UTF_8).length <= max, cut);
      assertTrue(cut.endsWith("…"), cut);
      assertFalse(cut.contains("?"), cut);
    }
    assertEquals("", BoundedText.of("long", 2));
  }

  @Test
  void loneSurrogates_areReplaced() {
    assertEquals("a?b?😀?", BoundedText.of("a\ud800b\udc00😀\ud83d", 100));
  }

  @Test
  void id_isOneOrNone() {
    assertEquals("session-1", BoundedText.id("session-1"));
    for (String none : new String[] {"short", "no/slash", "spa ce--", "ümlaut-1", "x".repeat(65)}) {
      assertNull(BoundedText.id(none), none);
    }
  }
}
