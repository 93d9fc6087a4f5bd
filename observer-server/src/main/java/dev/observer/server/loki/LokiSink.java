package dev.observer.server.loki;

import com.github.loki4j.client.batch.LogRecord;
import dev.observer.config.ConfigException;
import dev.observer.config.ConfigKey;
import dev.observer.config.ObserverConfig;
import dev.observer.server.query.EventQuery;
import dev.observer.server.query.QueryException;
import dev.observer.server.sink.RecallingSink;
import dev.observer.server.sink.SinkException;
import dev.observer.server.sink.SpooledRecord;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
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
 *       stream only grow, but where something is restored and when the clock was set back.
 *   <li>The time is that of arrival: Loki refuses what is an hour behind the newest of its stream.
 *       So a push spans half of that, or Loki would refuse what it has when it comes again.
 *   <li>400 says that some entry is refused and not which: the whole push is, and whoever calls
 *       finds it by halving. What is already stored is not sent again.
 *   <li>An answer that says too much at once makes the next pushes smaller.
 * </ul>
 *
 * <p>Loki cannot know that an event came before under another time, so that is asked of the
 * embedded store, which must have been given the same records before: a later copy is not sent.
 *
 * <p>204 means that it survives the end of Loki's process, not a power cut of its machine. What was
 * lost can be restored with the same times, within an hour of the newest of its stream.
 *
 * <p>Thread-safe, by doing one push after another.
 */
public final class LokiSink implements RecallingSink {
  private static final Logger log = LoggerFactory.getLogger(LokiSink.class);
  private static final Duration PATIENCE_AT_START = Duration.ofSeconds(3);
  private static final int MAX_ENTRIES = 1_000;

  /** Of one push, so that Loki takes it again, whole or halved, although it stored some of it. */
  private static final long SPAN = LokiPush.ORDER.dividedBy(2).toNanos();

  /** A page of ids; as many as Loki answers with by default. */
  private static final int IDS = 5_000;

  /**
   * What is older, by a minute more, Loki may hide. What is younger and not shown is lost: refused,
   * and set aside, if it is too far behind.
   */
  private static final long HIDDEN = Duration.ofMinutes(160).toNanos();

  private final LokiClient client;
  private final LokiPush push;
  private final String instance;
  private final EventQuery embedded;
  private final InstantSource clock;

  /** The last record that Loki is known to have, by stream. */
  private final Map<LokiStream, SpooledRecord> delivered = new HashMap<>();

  /** When the newest arrived that Loki was given, by stream, also before this start. */
  private final Map<LokiStream, Long> newest = new ConcurrentHashMap<>();

  private LokiSink(
      LokiClient client, LokiPush push, String instance, EventQuery embedded, InstantSource clock) {
    this.client = client;
    this.push = push;
    this.instance = instance;
    this.embedded = embedded;
    this.clock = clock;
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
    return open(url, settings, instance, embedded, InstantSource.system(), System::nanoTime);
  }

  static LokiSink open(
      URI url,
      ObserverConfig.Loki settings,
      String instance,
      EventQuery embedded,
      InstantSource clock,
      LongSupplier nanoTime) {
    LokiClient client = new LokiClient(url, settings);
    LokiPush push = new LokiPush(client, clock, nanoTime);
    LokiSink sink = new LokiSink(client, push, instance, embedded, clock);
    sink.introduce(url, settings);
    return sink;
  }

  private void introduce(URI url, ObserverConfig.Loki settings) {
    try {
      LokiClient.Answer answer = push.nothing(PATIENCE_AT_START);
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
    for (Map.Entry<LokiStream, List<SpooledRecord>> each :
        byStream(firstCopies(records)).entrySet()) {
      LokiStream stream = each.getKey();
      SpooledRecord last = delivered.get(stream);
      List<SpooledRecord> news =
          last == null
              ? each.getValue()
              : each.getValue().stream().filter(record -> record.isAfter(last)).toList();
      deliver(
          stream,
          news,
          taken -> {
            delivered.put(stream, taken);
            given(stream, taken);
          });
    }
  }

  @Override
  public synchronized void restore(List<SpooledRecord> records) throws SinkException {
    for (Map.Entry<LokiStream, List<SpooledRecord>> each : byStream(records).entrySet()) {
      deliver(each.getKey(), each.getValue(), taken -> {});
    }
  }

  private void given(LokiStream stream, SpooledRecord record) {
    newest.merge(stream, record.arrivalNanos(), Math::max);
  }

  private Map<LokiStream, List<SpooledRecord>> byStream(List<SpooledRecord> records) {
    Map<LokiStream, List<SpooledRecord>> streams = new LinkedHashMap<>();
    for (SpooledRecord record : records) {
      LokiStream stream = LokiStream.of(record.record(), instance);
      streams.computeIfAbsent(stream, none -> new ArrayList<>()).add(record);
    }
    return streams;
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

  private void deliver(
      LokiStream stream, List<SpooledRecord> records, Consumer<SpooledRecord> taken)
      throws SinkException {
    Map<String, String> labels = stream.labels();
    List<LogRecord> entries = new ArrayList<>();
    int bytes = 0;
    long first = 0;
    SpooledRecord last = null;
    for (SpooledRecord record : records) {
      LokiEntry entry = LokiEntry.of(record);
      if (last != null
          && (entries.size() == MAX_ENTRIES
              || bytes + entry.bytes() > push.maxBytes()
              || Math.abs(entry.nanos() - first) > SPAN)) {
        push.push(entries, bytes);
        taken.accept(last);
        entries.clear();
        bytes = 0;
      }
      if (entries.isEmpty()) {
        first = entry.nanos();
      }
      entries.add(entry.in(labels));
      bytes += entry.bytes();
      last = record;
    }
    if (last != null) {
      push.push(entries, bytes);
      taken.accept(last);
    }
  }

  @Override
  public long restarts() {
    return push.restarts();
  }

  @Override
  public List<SpooledRecord> missing(List<SpooledRecord> records) throws SinkException {
    List<SpooledRecord> missing = new ArrayList<>();
    for (Map.Entry<LokiStream, List<SpooledRecord>> each : byStream(records).entrySet()) {
      Set<String> there = ids(each.getKey(), each.getValue());
      for (SpooledRecord record : each.getValue()) {
        given(each.getKey(), record);
        if (!there.contains(record.record().eventId())) {
          missing.add(record);
        }
      }
    }
    return missing.isEmpty() ? missing : firstCopies(missing); // the others it was not given
  }

  @Override
  public boolean wouldTakeAgain(SpooledRecord record) {
    long arrival = record.arrivalNanos();
    long last = newest.getOrDefault(LokiStream.of(record.record(), instance), arrival);
    boolean lost = TimeUnit.MILLISECONDS.toNanos(clock.millis()) - arrival < HIDDEN;
    return lost || last - arrival <= LokiPush.ORDER.toNanos();
  }

  /** What Loki has of a stream in the time of these records. */
  private Set<String> ids(LokiStream stream, List<SpooledRecord> records) throws SinkException {
    LongSummaryStatistics times =
        records.stream().mapToLong(SpooledRecord::arrivalNanos).summaryStatistics();
    Set<String> ids = new HashSet<>();
    try {
      new LokiPages(client, IDS)
          .read(
              LokiAnswers.selector(stream.labels()) + " | line_format \"{{.event_id}}\"",
              times.getMin(),
              times.getMax() + 1,
              true,
              (rows, next) -> {
                rows.forEach(row -> ids.add(row.line()));
                return true;
              });
      return ids;
    } catch (IOException e) {
      throw SinkException.retryable("Loki does not say what it has: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SinkException.retryable("interrupted", e);
    }
  }

  @Override
  public void close() {
    // The client's threads end by themselves.
  }
}
