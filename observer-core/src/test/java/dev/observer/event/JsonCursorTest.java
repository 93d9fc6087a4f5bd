package dev.observer.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonCursorTest {
  private static final JsonFactory JACKSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Reads in an array that is longer, because what lies behind the text must not matter. */
  private static boolean isJson(byte[] json, byte behind) {
    byte[] longer = Arrays.copyOf(json, json.length + 9);
    Arrays.fill(longer, json.length, longer.length, behind);
    return isJson(longer, json.length);
  }

  private static boolean isJson(byte[] json, int length) {
    JsonCursor cursor = new JsonCursor(json, length, 100);
    try {
      cursor.skip();
      cursor.expectEnd();
      return true;
    } catch (BatchException e) {
      return false;
    }
  }

  private static boolean isJsonForJackson(byte[] json) {
    try (JsonParser parser = JACKSON.createParser(json)) {
      if (parser.nextToken() == null) {
        return false;
      }
      do {
        if (parser.getText() == null) { // makes it read the whole token
          return false;
        }
      } while (parser.nextToken() != null);
      return parser.getParsingContext().inRoot();
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void bentJson_isJudgedAsJacksonJudgesIt() {
    byte[] sample =
        utf8(
            "{\"ab\":[1,-2.5e3,true,null,{\"x\":\"a\\u0041\\n\",\"y\":{}},[[]]],\"c\":\"d\",\"e\":0}");
    byte[] alphabet = utf8("{}[]:,\"\\ 0123456789eE+-.tfnulasabx/\n\t");
    Random random = new Random(42);
    int accepted = 0;
    for (int i = 0; i < 60_000; i++) {
      byte[] bent = sample.clone();
      for (int changes = random.nextInt(3); changes >= 0; changes--) {
        bent[random.nextInt(bent.length)] = alphabet[random.nextInt(alphabet.length)];
      }
      if (random.nextInt(4) == 0) {
        bent = Arrays.copyOf(bent, random.nextInt(bent.length));
      }
      boolean expected = isJsonForJackson(bent);
      accepted += expected ? 1 : 0;
      String text = new String(bent, StandardCharsets.UTF_8);
      assertEquals(expected, isJson(bent, bent.length), text);
      assertEquals(expected, isJson(bent, alphabet[random.nextInt(alphabet.length)]), text);
    }
    assertTrue(accepted > 1000, "only " + accepted + " were JSON");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":1,\"\\u0061\":2}",
        "{\"é\":1,\"\\u00e9\":2}",
        "{\"😀\":1,\"\\ud83d\\ude00\":2}",
        "{\"\\/\":1,\"/\":2}",
        "{\"a name of sixteen\":1,\"a name of sixt\\u0065en\":2}",
        "[{\"x\":{\"a\":1,\"b\":2,\"a\":3}}]"
      })
  void nameThatStandsTwice_isRefused_howeverItIsWritten(String json) {
    JsonCursor cursor = new JsonCursor(utf8(json), utf8(json).length, 100);
    BatchException e = assertThrows(BatchException.class, cursor::skip);
    assertEquals(BatchException.Reason.MALFORMED, e.reason());
  }

  @Test
  void differentNames_areNotTheSame() {
    for (String json :
        List.of(
            "{\"a\":1,\"a\\u0000\":2,\"a\\u0000\\u0000\":3}",
            "{\"12345678\":1,\"12345678\\u0000\":2,\"1234567\":3}",
            "{\"\":1,\"\\u0000\":2}",
            "{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":1}}")) {
      assertTrue(isJson(utf8(json), utf8(json).length), json);
    }
  }

  @Test
  void nesting_isBoundedByTheDepthAlone() {
    String open = "[".repeat(100_000);
    byte[] deep = utf8(open + "]".repeat(100_000));
    assertTrue(skips(deep, 100_000));
    JsonCursor cursor = new JsonCursor(deep, deep.length, 99_999);
    BatchException e = assertThrows(BatchException.class, cursor::skip);
    assertEquals(BatchException.Reason.TOO_LARGE, e.reason());
  }

  private static boolean skips(byte[] json, int maxDepth) {
    try {
      new JsonCursor(json, json.length, maxDepth).skip();
      return true;
    } catch (BatchException e) {
      return false;
    }
  }

  @Test
  void fields_areFoundByTheirNames_andOthersAreNot() throws Exception {
    for (Field field : Field.values()) {
      assertEquals(field, find(field.wireName()));
      assertNull(find(field.wireName() + "s"));
      assertNull(find(field.wireName().substring(1)));
    }
    assertEquals(Field.EVENT_NAME, find("event_n\\u0061me"));
    assertNull(find(""));
  }

  private static @org.jspecify.annotations.Nullable Field find(String name) throws BatchException {
    byte[] json = utf8("{\"" + name + "\":1}");
    JsonCursor cursor = new JsonCursor(json, json.length, 1);
    cursor.peek();
    cursor.enterObject();
    assertTrue(cursor.nextName());
    return cursor.field();
  }

  @Test
  void nameHash_isTheSame_inOnePieceAndByteByByte() {
    byte[] text = utf8("a name with more than sixteen bytes, é");
    NameHash single = new NameHash();
    for (int from = 0; from < text.length; from++) {
      for (int to = from; to <= text.length; to++) {
        single.start();
        for (int i = from; i < to; i++) {
          single.add(text[i]);
        }
        assertEquals(single.value(), NameHash.of(text, from, to));
      }
    }
    assertFalse(NameHash.of(text, 0, 8) == NameHash.of(text, 0, 9));
  }

  @Test
  void text_endsWhereItWouldByteByByte() {
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      byte[] text = new byte[random.nextInt(40)];
      for (int at = 0; at < text.length; at++) {
        text[at] = (byte) (random.nextInt(20) == 0 ? random.nextInt(256) : 'a' + at);
      }
      int expected = 0;
      while (expected < text.length
          && text[expected] != '"'
          && text[expected] != '\\'
          && (text[expected] < 0 || text[expected] >= ' ')) {
        expected++;
      }
      assertEquals(expected, JsonCursor.textEnd(text, 0, text.length));
    }
  }
}
