package dev.observer.server.query;

/** The store could not answer now. */
public final class QueryException extends Exception {
  private static final long serialVersionUID = 1L;

  /** With the store's own reason. */
  public QueryException(String message, Throwable cause) {
    super(message, cause);
  }
}
