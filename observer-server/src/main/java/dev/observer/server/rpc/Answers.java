package dev.observer.server.rpc;

/** Takes the answers to the calls of one request. Thread-safe. */
interface Answers {
  /** May be told, once, that calls have begun. */
  void begin();

  /** One call ended; told once for each. */
  void done(int index, Answer answer);
}
