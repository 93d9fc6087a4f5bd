package dev.observer.server.spool;

import dev.observer.event.Arrival;
import dev.observer.event.BatchException;
import dev.observer.event.ReplayHead;
import dev.observer.event.ReplayReader;
import dev.observer.event.ServiceNames;
import dev.observer.event.Source;
import dev.observer.server.metrics.DropReason;
import dev.observer.server.metrics.Meters;
import dev.observer.server.sink.ReplayKey;
import dev.observer.server.sink.ReplayStore;
import dev.observer.server.sink.SinkException;
import dev.observer.server.task.SafeLog;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Delivers files of the replay lane to the replay store, and tells {@link OpenRecordings}, which
 * records when a recording began and ended. The file is let go when all of it is on the disk.
 */
public final class ReplayDelivery implements Delivery.Step<ReplayFile> {
  private static final SafeLog log = new SafeLog(ReplayDelivery.class);
  private static final int AT_ONCE = 8;

  /** Times that a file does not go in, after which the log says so. */
  private static final int OFTEN = 10;

  private final ReplayLane lane;
  private final ReplayStore store;
  private final OpenRecordings recordings;
  private final ServiceNames services;
  private final Rejected rejected;
  private final Meters meters;
  private final RetryPolicy lateRetry;
  private final Executor threads;
  private final RandomGenerator random = new SplittableRandom();

  /** How many are given to the store now. */
  private int atOnce = AT_ONCE;

  /** Files that did not go in; which failed last is last. */
  private final Map<ReplayFile, Late> late = new LinkedHashMap<>();

  /** How often files were read in vain. */
  private final Map<ReplayFile, Integer> unreadable = new HashMap<>();

  /**
   * What is known of a file that did not go in.
   *
   * @param due when it is tried again, by the clock of nanoseconds
   */
  private record Late(int failures, long due) {}

  private ReplayDelivery(
      ReplayLane lane,
      ReplayStore store,
      OpenRecordings recordings,
      ServiceNames services,
      Rejected rejected,
      RetryPolicy retry,
      Meters meters) {
    this.lane = lane;
    this.store = store;
    this.recordings = recordings;
    this.services = services.unbounded(); // what was acknowledged is not refused any more
    this.rejected = rejected;
    // One that hangs may hold up its round for a minute.
    this.lateRetry = new RetryPolicy(retry.first(), retry.max().multipliedBy(60));
    this.meters = meters;
    this.threads = store.isLocal() ? Runnable::run : threads();
  }

  /** Those of a store on another machine; they end when there is nothing to do. */
  private static ThreadPoolExecutor threads() {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            AT_ONCE,
            AT_ONCE,
            5,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "observer-replay-put");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  /** Starts to deliver a lane. */
  public static Delivery<?> start(
      ReplayLane lane,
      ReplayStore store,
      OpenRecordings recordings,
      ServiceNames services,
      Rejected rejected,
      RetryPolicy retry,
      Meters meters) {
    ReplayDelivery step =
        new ReplayDelivery(lane, store, recordings, services, rejected, retry, meters);
    return new Delivery<>(store.name(), lane.directory(), step, retry, meters);
  }

  /** What came of giving a file to the store. */
  private sealed interface Given {
    /** The store has it. */
    record Stored(ReplayHead head) implements Given {}

    /** The store will never take it. */
    record Refused(String why) implements Given {}

    /** The spool no longer has what was written. */
    record Damaged(String why) implements Given {}

    /** The disk does not give it out now. */
    record Unreadable(IOException why) implements Given {}
  }

  /**
   * Delivers the oldest, up to {@value #AT_ONCE}; to a store on another machine, where most of the
   * time is spent waiting for its answers, at once. What it took leaves the lane. What did not go
   * in is late and in nobody's way: it is tried again beside the others, and this fails only when
   * nothing went. Then the next is given alone, as it may be that the line is too slow for more.
   */
  @Override
  public void deliver(ReplayFile oldest) throws SinkException, IOException, InterruptedException {
    Map<ReplayFile, FutureTask<Given>> given = new LinkedHashMap<>();
    next().forEach(file -> given.put(file, new FutureTask<>(() -> give(file))));
    given.values().forEach(threads::execute);
    boolean went = false;
    boolean all = true;
    Throwable failure = null;
    for (Map.Entry<ReplayFile, FutureTask<Given>> each : given.entrySet()) {
      Throwable failed;
      try {
        settle(each.getKey(), each.getValue().get());
        went = true;
        continue;
      } catch (ExecutionException e) {
        failed = Objects.requireNonNullElse(e.getCause(), e);
      } catch (IOException | RuntimeException e) {
        failed = e;
      }
      failure = failure == null ? failed : failure;
      all &= wasLate(each.getKey(), failed);
    }
    if (went) {
      atOnce = all ? Math.min(AT_ONCE, 2 * atOnce) : atOnce;
      return;
    }
    atOnce = 1;
    if (failure instanceof SinkException e) {
      throw e;
    }
    throw new IOException("a replay batch could not be delivered", failure);
  }

  /** The oldest that are not late, and one of those that are or as many as there is room for. */
  private List<ReplayFile> next() {
    Map<ReplayKey, ReplayFile> files = new LinkedHashMap<>();
    for (ReplayFile file : lane.directory().oldest(AT_ONCE + late.size())) {
      files.putIfAbsent(file.key(), file); // a key comes twice at most, and then the first first
    }
    files.values().removeAll(late.keySet());
    long now = System.nanoTime();
    List<ReplayFile> due =
        late.entrySet().stream()
            .filter(each -> each.getValue().due() - now <= 0)
            .map(Map.Entry::getKey)
            .toList();
    List<ReplayFile> next = new ArrayList<>(due.subList(0, atOnce > 1 && !due.isEmpty() ? 1 : 0));
    next.addAll(files.values());
    next.addAll(due);
    if (next.isEmpty()) {
      next.addAll(late.keySet());
      return next.subList(0, 1);
    }
    return next.stream().distinct().limit(atOnce).toList();
  }

  /** Notes that a file did not go in; whether it did not before. */
  private boolean wasLate(ReplayFile file, Throwable why) {
    Late before = late.remove(file);
    int failures = before == null ? 1 : before.failures() + 1;
    if (failures == OFTEN) {
      log.warn(
          "{} did not go in ten times, and is tried again beside the others", file.path(), why);
    }
    Duration pause = lateRetry.pause(failures, null, random);
    late.put(file, new Late(failures, System.nanoTime() + pause.toNanos()));
    return before != null;
  }

  private Given give(ReplayFile file) throws SinkException, IOException {
    ReplayHead head;
    try {
      head = head(file);
    } catch (BatchException | ZipException | NoSuchFileException e) {
      return new Given.Damaged("the file is not as it was written: " + e);
    } catch (IOException e) {
      return new Given.Unreadable(e);
    }
    try {
      return store.put(file.key(), file.path()) || lane.isStored(file)
          ? new Given.Stored(head)
          : new Given.Refused("it has another batch under this key, which came first");
    } catch (SinkException e) {
      if (e.retryable()) {
        throw e;
      }
      return new Given.Refused(String.valueOf(e.getMessage()));
    }
  }

  private void settle(ReplayFile file, Given given) throws IOException, InterruptedException {
    if (given instanceof Given.Stored stored) {
      recordings.batch(stored.head(), file.receivedAt());
      letGo(file);
      meters.delivered(store.name(), 1);
    } else if (given instanceof Given.Refused refused) {
      setAside(file, DropReason.SINK_REFUSED, store.name() + ": " + refused.why());
      meters.rejected(store.name(), 1);
    } else if (given instanceof Given.Damaged damaged) {
      setAside(file, DropReason.SPOOL_DAMAGED, damaged.why());
    } else if (given instanceof Given.Unreadable tried) {
      if (unreadable.merge(file, 1, Integer::sum) < EventDelivery.ATTEMPTS) {
        throw tried.why();
      }
      setAside(file, DropReason.SPOOL_DAMAGED, "the file cannot be read: " + tried.why());
    }
  }

  private void setAside(ReplayFile file, DropReason reason, String why) throws IOException {
    rejected.keep(file.path(), String.valueOf(file.path().getFileName()), why);
    meters.dropped(reason, "replay", 1);
    letGo(file);
  }

  private void letGo(ReplayFile file) throws IOException {
    lane.remove(file);
    unreadable.remove(file);
    late.remove(file);
  }

  /** Reads what stands before the events, and the rest for its checksum's sake. */
  private ReplayHead head(ReplayFile file) throws IOException, BatchException {
    Arrival arrival = new Arrival(file.receivedAt(), Source.CLIENT, null, services);
    ReplayReader reader = new ReplayReader(Integer.MAX_VALUE, Integer.MAX_VALUE, arrival);
    try (InputStream stored = Files.newInputStream(file.path());
        GZIPInputStream inflated = new GZIPInputStream(stored, 8192)) {
      byte[] buffer = new byte[8192];
      @Nullable ReplayHead head = null;
      for (int n = inflated.read(buffer); n >= 0; n = inflated.read(buffer)) {
        if (head == null) {
          reader.accept(buffer, 0, n);
          head = reader.head();
        }
      }
      return head != null ? head : reader.finish();
    } catch (java.io.EOFException e) {
      throw new ZipException("it ends too early");
    }
  }
}
