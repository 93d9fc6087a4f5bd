package dev.observer.server.capture;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Remembers who noticed a throwable first, so that one that is logged, thrown on, and ends a
 * request is one error and not three. The same throwable is another error when the same one notices
 * it again, or in another trace: some are made once and thrown often. Keeps no throwable alive;
 * thread-safe.
 */
final class Seen {
  private record First(Mechanism mechanism, @Nullable String traceId, String eventId) {}

  private final Map<Object, First> firsts = new ConcurrentHashMap<>();
  private final Set<Object> ending = ConcurrentHashMap.newKeySet();
  private final ReferenceQueue<Throwable> gone = new ReferenceQueue<>();

  /** A throwable by its identity. */
  private static final class Key extends WeakReference<Throwable> {
    private final int hash;

    Key(Throwable thrown, ReferenceQueue<Throwable> queue) {
      super(thrown, queue);
      hash = System.identityHashCode(thrown);
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      if (this == other) {
        return true;
      }
      Throwable own = get();
      return own != null && other instanceof Key key && key.get() == own;
    }
  }

  private Key key(Throwable thrown) {
    Object unreachable;
    while ((unreachable = gone.poll()) != null) {
      firsts.remove(unreachable);
      ending.remove(unreachable);
    }
    return new Key(thrown, gone);
  }

  /** The id under which another noticed it before, or null: then this is the first. */
  @Nullable String before(
      Throwable thrown, Mechanism mechanism, @Nullable String traceId, String eventId) {
    Key key = key(thrown);
    First now = new First(mechanism, traceId, eventId);
    First first = firsts.putIfAbsent(key, now);
    if (first == null) {
      return null;
    }
    if (first.mechanism() != mechanism && Objects.equals(first.traceId(), traceId)) {
      return first.eventId();
    }
    firsts.put(key, now);
    return null;
  }

  /** Nothing came of this id: the next who notices the throwable is the first. */
  void forget(Throwable thrown, String eventId) {
    firsts.computeIfPresent(
        key(thrown), (key, first) -> first.eventId().equals(eventId) ? null : first);
  }

  /** A request is about to end with it. */
  void endsRequest(Throwable thrown) {
    ending.add(key(thrown));
  }

  /** Whether a request was about to end with it; once. */
  boolean endedRequest(Throwable thrown) {
    return ending.remove(key(thrown));
  }
}
