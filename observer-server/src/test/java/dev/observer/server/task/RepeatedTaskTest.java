package dev.observer.server.task;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.server.BrokenLog;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RepeatedTaskTest {
  @Test
  void whateverIsThrown_alsoByTheLog_itIsDoneAgain() throws Exception {
    CountDownLatch times = new CountDownLatch(4);
    RepeatedTask.Work work =
        () -> {
          times.countDown();
          if (times.getCount() == 3) {
            throw new OutOfMemoryError("none");
          }
          if (times.getCount() == 2) {
            throw new NoClassDefFoundError("gone");
          }
        };
    try (BrokenLog log = new BrokenLog(RepeatedTask.class);
        RepeatedTask task = new RepeatedTask("observer-test", "it cannot be done", work)) {
      task.start(Duration.ZERO, Duration.ofMillis(1));
      assertTrue(times.await(10, TimeUnit.SECONDS), log + ": it is not done any more");
    }
  }
}
