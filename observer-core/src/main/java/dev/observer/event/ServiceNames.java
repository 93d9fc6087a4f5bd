package dev.observer.event;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The pairs of service name and environment that records may carry. They become labels, so there
 * may only be so many: a pair beyond the bound is refused, and the server's own is always allowed.
 * Thread-safe.
 */
public final class ServiceNames {
  static final String TOO_MANY =
      "is one more pair of service_name and environment than the server allows";

  /** One pair. */
  public record Service(String name, String environment) implements Comparable<Service> {
    private static final Comparator<Service> ORDER =
        Comparator.comparing(Service::name).thenComparing(Service::environment);

    @Override
    public int compareTo(Service other) {
      return ORDER.compare(this, other);
    }
  }

  private final Service own;
  private final int max;
  private final Set<Service> known = ConcurrentHashMap.newKeySet();

  /**
   * Starts with the server's own pair.
   *
   * @param max how many different pairs there may be, the server's own among them
   */
  public ServiceNames(String ownName, String ownEnvironment, int max) {
    this.own = new Service(ownName, ownEnvironment);
    this.max = max;
    known.add(own);
  }

  /** The same defaults for records that were admitted before. */
  public ServiceNames unbounded() {
    return new ServiceNames(own.name(), own.environment(), Integer.MAX_VALUE);
  }

  /**
   * Takes in pairs that records carried before a restart, in this order, while there is room: so
   * that the bound holds over restarts, and those that were there keep their places.
   */
  public void restore(List<Service> before) {
    before.forEach(this::admit);
  }

  /** Whether a record may carry this pair; a new one is remembered if there is room. */
  public boolean admit(Service service) {
    if (known.contains(service)) {
      return true;
    }
    synchronized (known) { // so that two new pairs do not share the last place
      return (known.size() < max && known.add(service)) || known.contains(service);
    }
  }

  /** Every pair that is remembered, in the order of their names. */
  public List<Service> all() {
    return known.stream().sorted().toList();
  }

  /** The server's own pair, for records that bring none. */
  Service own() {
    return own;
  }
}
