package dev.observer.event;

/** Where a record was made. */
public enum Source {
  /** A browser, over HTTP. */
  CLIENT("client"),
  /** This JVM. */
  SERVER("server");

  private final String wireName;

  Source(String wireName) {
    this.wireName = wireName;
  }

  /** The value of the field {@code source}. */
  public String wireName() {
    return wireName;
  }
}
