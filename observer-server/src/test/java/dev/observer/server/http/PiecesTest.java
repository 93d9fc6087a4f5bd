package dev.observer.server.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PiecesTest {
  private final List<Long> taken = new ArrayList<>();
  private final Pieces pieces = new Pieces(taken::add);

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private long sum() {
    return taken.stream().mapToLong(Long::longValue).sum();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, -1",
    "1, 1, 1",
    "20000, 16384, 20000",
    "20000, 16384, -1",
    "20000, 16384, 7",
    "32769, 16384, 1000000000",
    "1000000, 16384, 1000000",
    "3000001, 999, -1",
    "700000, 700000, 9"
  })
  void whatWasAdded_isJoined_andItsMemoryWasAskedFor(int length, int step, long announced)
      throws Exception {
    byte[] bytes = random(length);
    for (int at = 0; at < length; at += step) {
      pieces.add(bytes, at, Math.min(length, at + step), announced);
      assertTrue(sum() >= pieces.length(), "no byte before there is memory for it");
    }
    assertEquals(length, pieces.length());
    assertTrue(sum() <= Math.max(2L * length, 32 * 1024), () -> sum() + " for " + length);
    assertTrue(taken.stream().allMatch(size -> size <= 256 * 1024));
    assertArrayEquals(bytes, Arrays.copyOf(pieces.join(), length));
    assertEquals(0, pieces.length());
  }

  @ParameterizedTest
  @CsvSource({"20000, 20000", "32768, 32768"})
  void whatIsAnnouncedAndSmall_isNeverCopied(int length, long announced) throws Exception {
    byte[] bytes = random(length);
    pieces.add(bytes, 0, 10, announced);
    pieces.add(bytes, 10, length, announced);
    assertEquals(List.of(announced), taken);
    byte[] joined = pieces.join();
    assertEquals(length, joined.length);
  }

  @Test
  void withoutMemory_itSaysSo() {
    Pieces refusing =
        new Pieces(
            size -> {
              if (sum() > 0) {
                throw Problem.busy();
              }
              taken.add(size);
            });
    byte[] bytes = random(300_000);
    assertThrows(Problem.Refused.class, () -> refusing.add(bytes, 0, bytes.length, 1000));
    assertEquals(1, taken.size());
  }
}
