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
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Pushes entries of one stream, and says what Loki's answer means for them. Only 204 is success; an
 * answer that says too much at once makes the next pushes smaller; 400 says that some entry is
 * refused and not which. Not thread-safe but for {@link #restarts}.
 */
final class LokiPush {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int MAX_BYTES = 1 << 20;

  /** How long an entry that is sent alone is told that it is too much, until that is believed. */
  static final Duration ALONE = Duration.ofMinutes(1);

  private final LokiClient client;
  private final LongSupplier nanoTime;
  private final JsonWriter writer = new JsonWriter(64 << 10);
  private int maxBytes = MAX_BYTES;

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

  LokiPush(LokiClient client, LongSupplier nanoTime) {
    this.client = client;
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
    LokiClient.Answer answer;
    try {
      answer = client.push(gzip(encoded(entries)), PATIENCE);
    } catch (IOException e) {
      unsure = true;
      throw SinkException.retryable(String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SinkException.retryable("interrupted", e);
    }
    switch (answer.status()) {
      case 204 -> took();
      case 400 -> {
        if (answer.page()) { // a proxy's opinion about the request, not Loki's about the entries
          throw SinkException.retryable(answer.toString(), null);
        }
        throw SinkException.refused(answer.toString());
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

  private void took() {
    maxBytes = Math.min(MAX_BYTES, Math.max(2 * maxBytes, 1024));
    if (unsure) {
      unsure = false;
      restarts.incrementAndGet();
    }
  }

  private SinkException tooLarge(LokiClient.Answer answer, List<LogRecord> entries, int bytes) {
    if (entries.size() == 1) {
      return SinkException.refused(answer.toString());
    }
    maxBytes = Math.max(1, bytes / 2);
    return SinkException.retryable(answer.toString(), null);
  }

  /**
   * Either too much in this second or more than may ever come at once: Loki does not say. What is
   * refused alone for so long that its share of any rate must have come is of the second kind.
   */
  private SinkException tooMuch(LokiClient.Answer answer, List<LogRecord> entries, int bytes) {
    maxBytes = Math.max(1, bytes / 2);
    if (entries.size() == 1) {
      LogRecord entry = entries.get(0);
      long now = nanoTime.getAsLong();
      if (alone == null || !alone.entry().equals(entry)) {
        alone = new Alone(entry, now);
      } else if (now - alone.since() >= ALONE.toNanos()) {
        return SinkException.refused("for " + ALONE.toSeconds() + " s, sent alone: " + answer);
      }
    }
    return SinkException.retryable(answer.toString(), null);
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
