package dev.observer.server.loki;

import com.github.loki4j.client.batch.LogRecord;
import com.github.loki4j.client.batch.LogRecordBatch;
import com.github.loki4j.client.writer.JsonWriter;
import dev.observer.server.sink.SinkException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Pushes entries of one stream, and says what Loki's answer means for them. Only 204 is success; an
 * answer that says too much at once makes the next pushes smaller; 400 says that some entry is
 * refused and not which.
 *
 * <p>Whether it is the entry that is refused or whoever sends it, by a limit of the tenant or by a
 * proxy, is not in the answer. So when one entry alone is refused, a probe of the same labels, but
 * for the kind, is pushed: if Loki refuses that too, it is an outage.
 *
 * <p>An entry that is too new comes in when its time has come, but for one that is further ahead of
 * our own clock than Loki's order reaches back: that clock was wrong and was set back, and Loki,
 * once it had the entry, would refuse what arrived since.
 *
 * <p>Not thread-safe but for {@link #restarts}.
 */
final class LokiPush {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int MAX_BYTES = 1 << 20;

  /** How long an entry that is sent alone is told that it is too much, until that is believed. */
  static final Duration ALONE = Duration.ofMinutes(1);

  /** How far behind the newest of its stream Loki takes an entry. */
  static final Duration ORDER = Duration.ofHours(1);

  /** What Loki says when one entry has more bytes than it takes in a second. */
  private static final Pattern OVER_LIMIT =
      Pattern.compile("limit: (\\d{1,18}) bytes/sec\\).* '1' lines totaling '(\\d{1,18})' bytes");

  private static final String PROBE =
      "{\"message\":\"Loki refused a record, and Observer asked with this line whether it takes"
          + " any: if you read it, that record was set aside in the directory rejected, with the"
          + " reason beside it.\"}";

  private final LokiClient client;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final JsonWriter writer = new JsonWriter(64 << 10);
  private int maxBytes = MAX_BYTES;

  /**
   * What was not too large of late. It grows by little, so that pushes are seldom too large where
   * somebody's limit is fixed, and it is found out when the limit is not there any more.
   */
  private int ceiling = MAX_BYTES;

  /** The last entry that was too much with nothing beside it. */
  private @Nullable Alone alone;

  /** Whether Loki may have ended since it took something. */
  private boolean unsure = true;

  private final AtomicLong restarts = new AtomicLong();

  /**
   * An entry that is too much with nothing beside it.
   *
   * @param since on the clock of {@code nanoTime}
   */
  private record Alone(LogRecord entry, long since) {}

  LokiPush(LokiClient client, InstantSource clock, LongSupplier nanoTime) {
    this.client = client;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /** How many bytes a push may have now, unless one entry has more. */
  int maxBytes() {
    return maxBytes;
  }

  /** How often it took something after it did not answer, or not as one that is well does. */
  long restarts() {
    return restarts.get();
  }

  /** Pushes nothing, which Loki answers after it has looked at the credentials. */
  LokiClient.Answer nothing(Duration patience) throws IOException, InterruptedException {
    return client.push(gzip("{\"streams\":[]}".getBytes(StandardCharsets.UTF_8)), patience);
  }

  /**
   * Pushes entries; Loki has them when it returns.
   *
   * @param bytes of them, about
   */
  void push(List<LogRecord> entries, int bytes) throws SinkException {
    LokiClient.Answer answer = answer(entries);
    switch (answer.status()) {
      case 204 -> took();
      case 400 -> {
        // A page is a proxy's opinion about the request, not Loki's about the entries.
        if (answer.page() || (answer.text().contains("too new") && !isFarAhead(entries))) {
          throw SinkException.retryable(answer.toString(), null);
        }
        throw refused(answer.toString(), entries);
      }
      case 413 -> throw tooLarge(answer, entries, bytes);
      case 429 -> throw tooMuch(answer, entries, bytes);
      default -> {
        if (answer.text().contains("message larger than max")) {
          throw tooLarge(answer, entries, bytes);
        }
        unsure = true;
        throw SinkException.retryable(answer.toString(), null);
      }
    }
  }

  private LokiClient.Answer answer(List<LogRecord> entries) throws SinkException {
    try {
      return client.push(gzip(encoded(entries)), PATIENCE);
    } catch (IOException e) {
      unsure = true;
      throw SinkException.retryable(String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SinkException.retryable("interrupted", e);
    }
  }

  private boolean isFarAhead(List<LogRecord> entries) {
    long far = clock.millis() + ORDER.toMillis();
    return entries.stream().anyMatch(entry -> entry.timestampMs > far);
  }

  /** One entry is refused for good only if Loki takes another. */
  private SinkException refused(String why, List<LogRecord> entries) throws SinkException {
    if (entries.size() == 1) {
      LokiClient.Answer answer = answer(List.of(probe(entries.get(0))));
      // Whether there is a stream left for the probe is asked last, when it has passed all else.
      if (answer.status() != 204 && !answer.text().contains("active stream limit")) {
        return SinkException.retryable(why + "; and of a probe: " + answer, null);
      }
    }
    return SinkException.refused(why);
  }

  private LogRecord probe(LogRecord refused) {
    Map<String, String> labels = new LinkedHashMap<>(refused.stream);
    labels.put("kind", "probe");
    // Of all in one minute, which are the same, Loki keeps one.
    long minute = clock.millis() / 60_000 * 60_000;
    return LogRecord.create(minute, 0, labels, PROBE, Map.of("event_id", "probe"));
  }

  private void took() {
    ceiling = Math.min(MAX_BYTES, ceiling + ceiling / 256 + 256);
    maxBytes = Math.min(ceiling, Math.max(2 * maxBytes, 1024));
    if (unsure) {
      unsure = false;
      restarts.incrementAndGet();
    }
  }

  private SinkException tooLarge(LokiClient.Answer answer, List<LogRecord> entries, int bytes)
      throws SinkException {
    if (entries.size() == 1) {
      return refused(answer.toString(), entries);
    }
    ceiling = Math.max(1, bytes / 2);
    maxBytes = ceiling;
    return SinkException.retryable(answer.toString(), null);
  }

  /**
   * Either too much in this second, or too many streams, or more than may ever come at once. An
   * entry is of the last kind if it is over the limit by Loki's own words, and was refused alone
   * for so long that a burst would have let it in.
   */
  private SinkException tooMuch(LokiClient.Answer answer, List<LogRecord> entries, int bytes)
      throws SinkException {
    maxBytes = Math.max(1, bytes / 2);
    if (entries.size() == 1 && (isOverLimit(answer) || isOfStream(answer))) {
      LogRecord entry = entries.get(0);
      long now = nanoTime.getAsLong();
      if (alone == null || !alone.entry().equals(entry)) {
        alone = new Alone(entry, now);
      } else if (now - alone.since() >= ALONE.toNanos()) {
        return refused("for " + ALONE.toSeconds() + " s, sent alone: " + answer, entries);
      }
    }
    return SinkException.retryable(answer.toString(), null);
  }

  /** The limit of a stream is nobody else's, as the streams are ours. */
  private static boolean isOfStream(LokiClient.Answer answer) {
    return answer.text().contains("stream rate limit exceeded");
  }

  private static boolean isOverLimit(LokiClient.Answer answer) {
    Matcher over = OVER_LIMIT.matcher(answer.text());
    return over.find() && Long.parseLong(over.group(2)) > Long.parseLong(over.group(1));
  }

  private byte[] encoded(List<LogRecord> entries) {
    try {
      writer.serializeBatch(new LogRecordBatch(entries.toArray(LogRecord[]::new)));
      return writer.toByteArray();
    } finally {
      writer.reset();
    }
  }

  private static byte[] gzip(byte[] json) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(json.length / 4 + 64);
    try (GZIPOutputStream gzip = new FastGzip(bytes)) {
      gzip.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return bytes.toByteArray();
  }

  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(ByteArrayOutputStream bytes) throws IOException {
      super(bytes, 8192);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
