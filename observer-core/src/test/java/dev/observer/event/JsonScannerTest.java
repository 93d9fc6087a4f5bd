package dev.observer.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonScannerTest {
  private static final JsonFactory JACKSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final JsonScanner.Listener NOBODY =
      new JsonScanner.Listener() {
        @Override
        public void name(String name, long position) {}

        @Override
        public void value(int depth, byte first) {}

        @Override
        public void end(int depth) {}
      };

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void scan(byte[] json, int piece) throws BatchException {
    JsonScanner scanner = new JsonScanner(100, NOBODY);
    for (int at = 0; at < json.length; at += piece) {
      scanner.accept(json, at, Math.min(json.length, at + piece));
    }
    scanner.finish();
  }

  private static boolean isJson(byte[] json, int piece) {
    try {
      scan(json, piece);
      return true;
    } catch (BatchException e) {
      return false;
    }
  }

  private static boolean isJsonForJackson(byte[] json) {
    try (JsonParser parser = JACKSON.createParser(json)) {
      boolean container = parser.nextToken() != null && parser.currentToken().isStructStart();
      while (parser.nextToken() != null) {
        if (parser.getText() == null) { // makes it read the whole token
          return false;
        }
      }
      return container;
    } catch (IOException e) {
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        " { \"a\" : [ 1 , -0.5e+10 , 0 , true , false , null , \"\" ] } \n",
        "{\"a\":\"\\u00e9\\\\\\\"\\/\\b\\f\\n\\r\\t\",\"b\":{\"a\":{}}}",
        "[[[],{}],[0E0,-0,10.01]]",
        "{\"\\ud83d\\ude00\":1,\"\\ud83d\":2,\"\\ude00\":3}",
        "[\"é日😀\"]"
      })
  void json_isAccepted_inPiecesOfAnySize(String json) throws Exception {
    for (int piece : new int[] {1, 2, 3, 100}) {
      scan(utf8(json), piece);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "}",
        "[",
        "]",
        "{]",
        "[}",
        "{}}",
        "[1,]",
        "[,1]",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\" 1}",
        "{1:1}",
        "[01]",
        "[1.]",
        "[.5]",
        "[1e]",
        "[1e+]",
        "[-]",
        "[+1]",
        "[NaN]",
        "[Infinity]",
        "[tru]",
        "[truee]",
        "[nul]",
        "[\"\\x\"]",
        "[\"\\u12g4\"]",
        "[\"a\nb\"]",
        "[\"a]",
        "[1 2]",
        "['a']",
        "[1]x",
        "[1][2]",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"é\":1,\"\\u00e9\":2}",
        "{\"😀\":1,\"\\ud83d\\ude00\":2}",
        "[\"\\",
        "[\"\\u12"
      })
  void whatIsNotJson_isRefused_inPiecesOfAnySize(String json) {
    for (int piece : new int[] {1, 2, 3, 100}) {
      BatchException e = assertThrows(BatchException.class, () -> scan(utf8(json), piece), json);
      assertEquals(BatchException.Reason.MALFORMED, e.reason());
    }
  }

  @Test
  void bentJson_isJudgedAsJacksonJudgesIt() {
    byte[] sample =
        utf8(
            "{\"ab\":[1,-2.5e3,true,null,{\"x\":\"a\\u0041\\n\",\"y\":{}},[[]]],\"c\":\"d\",\"e\":0}");
    byte[] alphabet = utf8("{}[]:,\"\\ 0123456789eE+-.tfnulasabx/");
    Random random = new Random(42);
    int accepted = 0;
    for (int i = 0; i < 60_000; i++) {
      byte[] bent = sample.clone();
      for (int changes = random.nextInt(3); changes >= 0; changes--) {
        bent[random.nextInt(bent.length)] = alphabet[random.nextInt(alphabet.length)];
      }
      boolean expected = isJsonForJackson(bent);
      accepted += expected ? 1 : 0;
      assertEquals(
          expected, isJson(bent, 1 + random.nextInt(20)), new String(bent, StandardCharsets.UTF_8));
    }
    assertTrue(accepted > 1000, "only " + accepted + " were JSON");
  }

  @Test
  void manyNames_areComparedToo_andBounded() {
    StringBuilder names = new StringBuilder("{\"n0\":0");
    for (int i = 1; i < 100; i++) {
      names.append(",\"n").append(i).append("\":{\"n1\":1}");
    }
    assertTrue(isJson(utf8(names + "}"), 1000));
    assertFalse(isJson(utf8(names + ",\"n77\":1}"), 1000));
    for (int i = 100; i < Nesting.MAX_MEMBERS; i++) {
      names.append(",\"n").append(i).append("\":1");
    }
    assertTrue(isJson(utf8(names + "}"), 1000));
    BatchException e =
        assertThrows(BatchException.class, () -> scan(utf8(names + ",\"new\":1}"), 1000));
    assertEquals(BatchException.Reason.TOO_LARGE, e.reason());
  }

  @Test
  void namesOfObjectsInEachOther_areBoundedTogether() throws Exception {
    StringBuilder nested = new StringBuilder();
    for (int depth = 0; depth < 4; depth++) {
      for (int i = 0; i < Nesting.MAX_OPEN_NAMES / 4; i++) {
        nested.append(i == 0 ? '{' : ',').append("\"n").append(i).append("\":");
        nested.append(i + 1 < Nesting.MAX_OPEN_NAMES / 4 ? "1" : "");
      }
    }
    assertTrue(isJson(utf8(nested + "1" + "}".repeat(4)), 1000));
    assertTrue(isJson(utf8("[" + (nested + "1" + "}".repeat(4) + ",").repeat(3) + "1]"), 1000));
    BatchException e =
        assertThrows(BatchException.class, () -> scan(utf8(nested + "{\"a\":1"), 1000));
    assertEquals(BatchException.Reason.TOO_LARGE, e.reason());
  }

  @Test
  void tooDeep_isTooLarge() {
    for (String open : List.of("[", "{\"a\":")) {
      BatchException e = assertThrows(BatchException.class, () -> scan(utf8(open.repeat(101)), 10));
      assertEquals(BatchException.Reason.TOO_LARGE, e.reason());
    }
  }
}
