package dev.observer.server.loki;

import com.github.loki4j.client.batch.LogRecord;
import com.github.loki4j.client.batch.LogRecordBatch;
import com.github.loki4j.client.writer.JsonWriter;
import dev.observer.config.ConfigException;
import dev.observer.config.ConfigKey;
import dev.observer.config.ObserverConfig;
import dev.observer.server.query.EventQuery;
import dev.observer.server.query.QueryException;
import dev.observer.server.sink.EventSink;
import dev.observer.server.sink.SinkException;
import dev.observer.server.sink.SpooledRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers records to Loki, each as one line of the {@link LokiStream} of its labels.
 *
 * <p>What makes it safe, all of it found out with a real Loki:
 *
 * <ul>
 *   <li>One stream a push, because Loki answers only for the last of several; one push at a time,
 *       because Loki can lose entries at its own end when pushes to a stream run side by side.
 *   <li>Only 204 is success. A push that failed is made again with the same times, lines and
 *       metadata, of which Loki keeps one, so that a lost answer does no harm. Times within a
 *       stream only grow.
 *   <li>The time is that of arrival: Loki refuses what is an hour behind the newest of its stream.
 *   <li>400 says that some entry is refused and not which: the whole push is, and whoever calls
 *       finds it by halving. What is already stored is not sent again.
 *   <li>An answer that says too much at once makes the next pushes smaller.
 * </ul>
 *
 * <p>Loki cannot know that an event came before under another time, so that is asked of the
 * embedded store, which must have been given the same records before: a later copy is not sent.
 *
 * <p>204 means that it survives the end of Loki's process, not a power cut of its machine.
 *
 * <p>Thread-safe, by doing one thing after another.
 */
public final class LokiSink implements EventSink {
  private static final Logger log = LoggerFactory.getLogger(LokiSink.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration PATIENCE_AT_START = Duration.ofSeconds(3);
  private static final int MAX_ENTRIES = 1_000;
  private static final int MAX_BYTES = 1 << 20;

  private final LokiClient client;
  private final String instance;
  private final EventQuery embedded;
  private final JsonWriter writer = new JsonWriter(64 << 10);

  /** The last record that Loki is known to have, by stream. */
  private final Map<LokiStream, SpooledRecord> delivered = new HashMap<>();

  /** How many bytes a push has at most, unless one entry has more. */
  private int pushBytes = MAX_BYTES;

  private LokiSink(LokiClient client, String instance, EventQuery embedded) {
    this.client = client;
    this.instance = instance;
    this.embedded = embedded;
  }

  /**
   * A sink for this Loki. One that does not answer is no error, the spool holds; one that refuses
   * the credentials is.
   *
   * @param instance the label; must differ between processes that write to one Loki
   * @param embedded is given each record before this sink is
   * @throws ConfigException if Loki refuses the credentials
   */
  public static LokiSink open(
      URI url, ObserverConfig.Loki settings, String instance, EventQuery embedded) {
    LokiSink sink = new LokiSink(new LokiClient(url, settings), instance, embedded);
    sink.introduce(url, settings);
    return sink;
  }

  /** Pushes nothing, which Loki answers after it has looked at the credentials. */
  private void introduce(URI url, ObserverConfig.Loki settings) {
    try {
      LokiClient.Answer answer =
          client.push(gzip("{\"streams\":[]}".getBytes(StandardCharsets.UTF_8)), PATIENCE_AT_START);
      if (answer.status() == 401 || answer.status() == 403) {
        throw ConfigException.refused(credentials(settings, answer), answer.toString());
      }
      log.info("records are delivered to Loki at {}", url);
    } catch (IOException e) {
      log.warn("Loki at {} is not there yet; records wait in the spool", url, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static List<ConfigKey> credentials(
      ObserverConfig.Loki settings, LokiClient.Answer answer) {
    if (answer.text().contains("org id")) {
      return List.of(ConfigKey.LOKI_TENANT);
    }
    return settings.username() != null
        ? List.of(ConfigKey.LOKI_USERNAME, ConfigKey.LOKI_PASSWORD)
        : List.of(ConfigKey.LOKI_TOKEN);
  }

  @Override
  public String name() {
    return "loki";
  }

  @Override
  public synchronized void append(List<SpooledRecord> records) throws SinkException {
    Map<LokiStream, List<SpooledRecord>> streams = new LinkedHashMap<>();
    for (SpooledRecord record : firstCopies(records)) {
      LokiStream stream = LokiStream.of(record.record(), instance);
      SpooledRecord last = delivered.get(stream);
      if (last == null || record.isAfter(last)) {
        streams.computeIfAbsent(stream, none -> new ArrayList<>()).add(record);
      }
    }
    for (Map.Entry<LokiStream, List<SpooledRecord>> stream : streams.entrySet()) {
      deliver(stream.getKey(), stream.getValue());
    }
  }

  /** Without those that arrived again after the first was stored. */
  private List<SpooledRecord> firstCopies(List<SpooledRecord> records) throws SinkException {
    try {
      Map<String, Long> arrivals =
          embedded.arrivals(records.stream().map(SpooledRecord::record).toList());
      return records.stream()
          .filter(
              record -> {
                Long first = arrivals.get(record.record().eventId());
                return first == null || first == record.record().receivedAt();
              })
          .toList();
    } catch (QueryException e) {
      throw SinkException.retryable("the embedded store does not say what came before", e);
    }
  }

  private void deliver(LokiStream stream, List<SpooledRecord> records) throws SinkException {
    Map<String, String> labels = stream.labels();
    List<LogRecord> push = new ArrayList<>();
    int bytes = 0;
    SpooledRecord last = null;
    for (SpooledRecord record : records) {
      LokiEntry entry = LokiEntry.of(record);
      if (last != null && (push.size() == MAX_ENTRIES || bytes + entry.bytes() > pushBytes)) {
        push(push, bytes);
        delivered.put(stream, last);
        push.clear();
        bytes = 0;
      }
      push.add(entry.in(labels));
      bytes += entry.bytes();
      last = record;
    }
    if (last != null) {
      push(push, bytes);
      delivered.put(stream, last);
    }
  }

  private void push(List<LogRecord> entries, int bytes) throws SinkException {
    LokiClient.Answer answer;
    try {
      answer = client.push(gzip(encoded(entries)), PATIENCE);
    } catch (IOException e) {
      throw SinkException.retryable(String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SinkException.retryable("interrupted", e);
    }
    switch (answer.status()) {
      case 204 -> pushBytes = Math.min(MAX_BYTES, Math.max(2 * pushBytes, 1024));
      case 400 -> {
        if (answer.page()) { // a proxy's opinion about the request, not Loki's about the entries
          throw SinkException.retryable(answer.toString(), null);
        }
        throw SinkException.refused(answer.toString());
      }
      case 413 -> throw tooLarge(answer, entries, bytes);
      case 429 -> {
        // Either too much in this second or more than may ever come at once: it does not say.
        pushBytes = Math.max(1, bytes / 2);
        throw SinkException.retryable(answer.toString(), null);
      }
      default -> {
        if (answer.text().contains("message larger than max")) {
          throw tooLarge(answer, entries, bytes);
        }
        throw SinkException.retryable(answer.toString(), null);
      }
    }
  }

  private SinkException tooLarge(LokiClient.Answer answer, List<LogRecord> entries, int bytes) {
    if (entries.size() == 1) {
      return SinkException.refused(answer.toString());
    }
    pushBytes = Math.max(1, bytes / 2);
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

  @Override
  public void close() {
    // The client's threads end by themselves.
  }
}
