package dev.observer.standalone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class StandaloneTest {
  @Test
  void closingThatTakesLong_isNotWaitedFor_andOneThatEndsIs() {
    CountDownLatch ended = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () -> {
          Standalone.stop(ended::countDown, Duration.ofSeconds(30));
          assertEquals(0, ended.getCount());
          Standalone.stop(
              () -> {
                try {
                  never.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              },
              Duration.ofMillis(1));
        });
  }
}
