package dev.observer.server.rpc;

/** Takes the answers to the calls of one request. Thread-safe. */
@FunctionalInterface
interface Answers {
  /** One call ended; told once for each. */
  void done(int index, Answer answer);
}
