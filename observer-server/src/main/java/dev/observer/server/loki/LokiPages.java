package dev.observer.server.loki;

import dev.observer.server.loki.LokiAnswers.Row;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads a Loki page by page, each in the order of time; in smaller pages after it did not manage so
 * much at once, which grow again. Not thread-safe.
 */
final class LokiPages {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Loki refuses to look at more than 30 days and an hour at once. */
  private static final long WINDOW = Duration.ofDays(30).toNanos();

  private final LokiClient client;
  private final int largest;
  private int size;

  /** Takes what was read. */
  interface Reading<E extends Exception> {
    /**
     * Takes a page, which may be empty.
     *
     * @param next where the next one begins, in nanoseconds since 1970
     * @return whether to go on
     */
    boolean take(List<Row> rows, long next) throws IOException, InterruptedException, E;
  }

  /**
   * Reads by this client.
   *
   * @param size lines of a page, at most 5,000, as Loki has it by default
   */
  LokiPages(LokiClient client, int size) {
    this.client = client;
    this.largest = size;
    this.size = size;
  }

  /** The selectors of the streams that have lines in this time. */
  Set<String> streams(String selector, long from, long to)
      throws IOException, InterruptedException {
    Set<String> streams = new LinkedHashSet<>();
    for (long start = from; start < to; start += WINDOW) {
      long end = Math.min(to, start + WINDOW);
      streams.addAll(LokiAnswers.streams(client.series(selector, start, end, PATIENCE)));
    }
    return streams;
  }

  /** A later start of a time before which there are no lines: to ask for streams costs little. */
  long start(String selector, long from, long to) throws IOException, InterruptedException {
    long start = from;
    while (start + WINDOW < to && streams(selector, start, start + WINDOW).isEmpty()) {
      start += WINDOW;
    }
    return start;
  }

  /**
   * Lines by time, which are all there are until {@code next}.
   *
   * @param next where the next page begins
   */
  record Page(List<Row> rows, long next) {}

  /**
   * The first lines of a time; of its first 30 days where it is longer.
   *
   * @param most how many
   * @param ties whether several may have one time, as those of several streams: a page may then end
   *     among them, and the next begins with all of them again
   */
  Page page(String query, long start, long until, int most, boolean ties)
      throws IOException, InterruptedException {
    long end = Math.min(until, start + WINDOW);
    while (true) {
      int limit = Math.min(size, most);
      byte[] content = client.query(query, start, end, limit, PATIENCE);
      if (content != null) {
        List<Row> rows = LokiAnswers.rows(content);
        rows.sort(Comparator.comparingLong(Row::nanos));
        boolean full = rows.size() >= limit;
        if (full) {
          size = Math.min(largest, size + size / 8 + 1);
        }
        long last = rows.isEmpty() ? end : rows.get(rows.size() - 1).nanos();
        return new Page(rows, !full ? end : ties && last > start ? last : last + 1);
      }
      if (size == 1) {
        throw new IOException("Loki does not even answer with a single line");
      }
      size = Math.max(1, size / 4);
    }
  }

  /** Reads from one time up to another. */
  <E extends Exception> void read(
      String query, long from, long to, boolean ties, Reading<E> reading)
      throws IOException, InterruptedException, E {
    long start = from;
    boolean on = true;
    while (on && start < to) {
      Page page = page(query, start, to, largest, ties);
      on = reading.take(page.rows(), page.next());
      start = page.next();
    }
  }
}
