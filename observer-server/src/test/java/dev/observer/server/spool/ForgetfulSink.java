package dev.observer.server.spool;

import dev.observer.event.Field;
import dev.observer.server.sink.RecallingSink;
import dev.observer.server.sink.SinkException;
import dev.observer.server.sink.SpooledRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A sink that keeps what it gets in memory, and can be made to lose it. */
final class ForgetfulSink implements RecallingSink {
  private final Map<String, SpooledRecord> kept = new LinkedHashMap<>();
  private final Set<String> refused = new HashSet<>();
  private final Set<String> outgrown = new HashSet<>();
  private long restarts;
  private int appended;
  private int asked;
  private boolean silent;
  private boolean hiding;

  /** Loses these, and everybody may see that it began again. */
  synchronized void restart(Collection<String> lost) {
    lose(lost);
    restarts++;
  }

  /** Loses these, and nobody sees why. */
  synchronized void lose(Collection<String> lost) {
    lost.forEach(kept::remove);
  }

  /** Does not take what is restored of these. */
  synchronized void refuse(Collection<String> names) {
    refused.addAll(names);
  }

  /** Would not take these again. */
  synchronized void outgrow(Collection<String> names) {
    outgrown.addAll(names);
  }

  /** Whether it does not say what it has. */
  synchronized void silent(boolean now) {
    silent = now;
  }

  /** Does not show what it has. */
  synchronized void hide() {
    hiding = true;
  }

  synchronized List<String> names() {
    return kept.keySet().stream().sorted().toList();
  }

  synchronized Map<String, Long> times() {
    Map<String, Long> times = new LinkedHashMap<>();
    kept.forEach((name, record) -> times.put(name, record.arrivalNanos()));
    return times;
  }

  /** How many records were given to {@link #append}. */
  synchronized int appended() {
    return appended;
  }

  /** How often it was asked what it has. */
  synchronized int asked() {
    return asked;
  }

  @Override
  public String name() {
    return "forgetful";
  }

  @Override
  public synchronized void append(List<SpooledRecord> records) {
    appended += records.size();
    records.forEach(record -> kept.put(name(record), record));
  }

  @Override
  public synchronized long restarts() {
    return restarts;
  }

  @Override
  public synchronized List<SpooledRecord> missing(List<SpooledRecord> records)
      throws SinkException {
    asked++;
    if (silent) {
      throw SinkException.retryable("not now", null);
    }
    List<SpooledRecord> missing = new ArrayList<>(records);
    missing.removeIf(record -> !hiding && kept.containsKey(name(record)));
    return missing;
  }

  @Override
  public synchronized boolean wouldTakeAgain(SpooledRecord record) {
    return !outgrown.contains(name(record));
  }

  @Override
  public synchronized void restore(List<SpooledRecord> records) throws SinkException {
    if (records.stream().anyMatch(record -> refused.contains(name(record)))) {
      throw SinkException.refused("never");
    }
    records.forEach(record -> kept.put(name(record), record));
  }

  private static String name(SpooledRecord record) {
    return String.valueOf(record.record().text(Field.EVENT_NAME));
  }

  @Override
  public void close() {}
}
