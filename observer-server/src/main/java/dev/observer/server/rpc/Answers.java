package dev.observer.server.rpc;

import io.undertow.server.HttpServerExchange;
import java.util.concurrent.RejectedExecutionException;

/** Takes the answers to the calls of one request. Thread-safe. */
@FunctionalInterface
interface Answers {
  /** One call ended; told once for each. */
  void done(int index, Answer answer);

  /** Has this run by the I/O thread of an exchange. */
  static void send(HttpServerExchange exchange, Runnable sending) {
    try {
      exchange.getIoThread().execute(sending);
    } catch (RejectedExecutionException e) {
      // The host has stopped its server: nobody waits for an answer any more.
    }
  }
}
