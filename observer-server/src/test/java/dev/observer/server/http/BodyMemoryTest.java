package dev.observer.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class BodyMemoryTest {
  private static final long SMALL = BodyMemory.SMALL;

  @Test
  void whatIsTaken_isNotGivenTwice_andComesBackOnce() {
    BodyMemory memory = new BodyMemory(2 * SMALL);
    BodyMemory.Share first = memory.share();
    assertTrue(first.take(SMALL));
    BodyMemory.Share second = memory.share();
    assertTrue(second.take(SMALL));
    assertFalse(memory.share().take(1));
    assertEquals(2 * SMALL, memory.used(), "what was refused is not counted");
    first.release();
    first.release();
    assertEquals(SMALL, memory.used());
    assertTrue(memory.share().take(SMALL));
  }

  @Test
  void largeBodies_leaveAQuarterToSmallOnes() {
    BodyMemory memory = new BodyMemory(16 * SMALL);
    assertTrue(memory.share().take(12 * SMALL));
    BodyMemory.Share growing = memory.share();
    assertTrue(growing.take(SMALL));
    assertFalse(growing.take(1), "it is not small any more");
    for (int i = 0; i < 3; i++) {
      assertTrue(memory.share().take(SMALL));
    }
    assertFalse(memory.share().take(1));
  }

  @Test
  void ofHeap_isAQuarter_andTakesTheLargestBodyHoweverSmallTheHeap() {
    long heap = Runtime.getRuntime().maxMemory();
    assertTrue(BodyMemory.ofHeap(1).share().take(heap / 4 - heap / 16));
    assertFalse(BodyMemory.ofHeap(1).share().take(heap / 4));
    assertTrue(BodyMemory.ofHeap(heap).share().take(heap));
  }
}
