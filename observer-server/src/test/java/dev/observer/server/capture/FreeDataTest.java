package dev.observer.server.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FreeDataTest {
  private static final Path PAGE = Path.of("..", "docs", "procedures.md");

  @Test
  void valuesOfDeniedKeys_areLeftOut_whereverTheyAre() {
    FreeData sanitised = FreeData.sanitised(List.of("diagnosis"));
    Map<String, Object> card = new LinkedHashMap<>();
    card.put("Card-Number", 4242);
    card.put("valid", true);
    card.put("main_diagnosis", List.of("x"));
    assertEquals(
        "{\"cards\":[{\"Card-Number\":\"[denied]\",\"valid\":true,\"main_diagnosis\":\"[denied]\"}]}",
        sanitised.text(Map.of("cards", List.of(card))));
    assertEquals("{\"token\":1}", FreeData.all().text(Map.of("token", 1)));
  }

  @ParameterizedTest
  @CsvSource({
    "pin, true",
    "PIN, true",
    "cardPin, true",
    "card_pin, true",
    "CARD-PIN, true",
    "newPIN2, true",
    "pinHash, true",
    "PINHash, true",
    "pin1, true",
    "shipping, false",
    "pinned, false",
    "SHIPPING, false",
    "spin, false",
    "opinion, false",
    "pwd, true",
    "newPwd, true",
    "pass_code, true",
    "jwt, true",
    "creditCard, true",
    "quantity, false",
  })
  void wordsThatArePrivate_areFoundInKeys(String key, boolean denied) {
    Object below = List.of(Map.of("inner", "hunter2"));
    String kept = denied ? "\"[denied]\"" : "[{\"inner\":\"hunter2\"}]";
    assertEquals(
        "{\"" + key + "\":" + kept + "}", FreeData.sanitised(List.of()).text(Map.of(key, below)));
  }

  @Test
  void textsWithoutAKey_areDenied() {
    FreeData sanitised = FreeData.sanitised(List.of());
    assertEquals("\"[denied]\"", sanitised.text("hunter2"));
    assertEquals("\"[denied]\"", sanitised.text(Optional.of("hunter2")));
    assertEquals(
        "[\"[denied]\",7,true,{\"note\":[\"kept\"]},[\"[denied]\"]]",
        sanitised.text(
            List.of(
                "hunter2", 7, true, Map.of("note", List.of("kept")), new String[] {"hunter2"})));
    assertEquals("\"hunter2\"", FreeData.all().text("hunter2"));
  }

  @Test
  void deniedKeys_areThoseOfTheDocumentation() throws Exception {
    String page = Files.readString(PAGE);
    int from = page.indexOf("one of: `password`");
    List<String> listed = new ArrayList<>();
    Matcher word =
        Pattern.compile("`(\\w+)`")
            .matcher(page.substring(from, page.indexOf(", or one of", from)));
    while (word.find()) {
      listed.add(word.group(1));
    }
    assertEquals(FreeData.DENIED_KEYS, listed);
  }

  @Test
  void whatMerelyCanBeIteratedOver_isItsText() {
    ObjectNode node = JsonNodeFactory.instance.objectNode().put("id", 7);
    SQLException failure = new SQLException("no table");
    Iterator<Integer> once = List.of(1).iterator();
    Iterable<Integer> rows =
        new Iterable<>() {
          @Override
          public Iterator<Integer> iterator() {
            return once;
          }

          @Override
          public String toString() {
            return "rows";
          }
        };
    List<Object> values =
        List.of(Path.of("a", "b"), node, failure, rows, new ArrayDeque<>(Set.of(1)));
    assertEquals(
        "[\"%s\",\"{\\\"id\\\":7}\",\"java.sql.SQLException: no table\",\"rows\",[1]]"
            .formatted(Path.of("a", "b")),
        FreeData.all().text(values));
    assertTrue(once.hasNext());
  }

  @Test
  void overflowOfTheStack_isNotTakenForTheEndOfAMap() {
    // It may have come in the middle of a text that was being written.
    Map<String, Object> map =
        new AbstractMap<>() {
          @Override
          public Set<Map.Entry<String, Object>> entrySet() {
            throw new StackOverflowError();
          }
        };
    assertThrows(StackOverflowError.class, () -> FreeData.all().text(map));
  }

  @Test
  void valueThatFailsWithAnError_isReplaced() {
    Object text =
        new Object() {
          @Override
          public String toString() {
            throw new NoClassDefFoundError("gone");
          }
        };
    Map<String, Object> map =
        new AbstractMap<>() {
          @Override
          public Set<Map.Entry<String, Object>> entrySet() {
            throw new NoClassDefFoundError("gone");
          }
        };
    List<Object> list =
        new AbstractList<>() {
          @Override
          public Object get(int index) {
            throw new NoClassDefFoundError("gone");
          }

          @Override
          public int size() {
            return 1;
          }
        };
    assertEquals(
        "[\"[its toString failed: java.lang.NoClassDefFoundError]\",{},[]]",
        FreeData.all().text(List.of(text, map, list)));
  }

  @Test
  void muchData_isBounded_andSaysSo() {
    Map<String, Object> wide = new LinkedHashMap<>();
    for (int i = 0; i < 10_000; i++) {
      wide.put("key" + i, "x".repeat(1_000));
    }
    FreeData.Written written = FreeData.all().write(wide);
    assertTrue(written.shortened());
    assertTrue(written.json().length() < FreeData.MAX_CHARACTERS + FreeData.MAX_STRING_BYTES);
    assertTrue(written.json().endsWith("\"}"));

    Object deep = "end";
    for (int i = 0; i < 1_000; i++) {
      deep = List.of(deep);
    }
    FreeData.Written cut = FreeData.all().write(Map.of("deep", deep));
    assertTrue(cut.shortened());
    assertEquals("{\"deep\":[[[[[[[\"…\"]]]]]]]}", cut.json());
    assertFalse(FreeData.all().write(Map.of("a", List.of(1, 2))).shortened());
  }
}
