package dev.observer.server.rpc;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Answers each call when it ends, on a line of its own, as tRPC's {@code httpBatchStreamLink} reads
 * it: first a line that promises a value for every call, then for each {@code [index, 0,
 * [[value]]]}. The thread on which a call ended writes its line, and may wait for the client to
 * read.
 */
final class StreamedAnswers implements Answers {
  private final HttpServerExchange exchange;
  private int missing;
  private boolean begun;
  private boolean broken;

  StreamedAnswers(HttpServerExchange exchange, int count) {
    this.exchange = exchange;
    this.missing = count;
  }

  @Override
  public synchronized void begin() {
    if (begun) {
      return;
    }
    begun = true;
    exchange.startBlocking();
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
    write(
        IntStream.range(0, missing)
            .mapToObj(i -> "\"" + i + "\":[[0],[null,0," + i + "]]")
            .collect(Collectors.joining(",", "{", "}\n")));
  }

  @Override
  public synchronized void done(int index, Answer answer) {
    begin();
    write("[" + index + ",0,[[" + answer.json() + "]]]\n");
    missing--;
    if (missing == 0) {
      exchange.endExchange();
    }
  }

  private void write(String line) {
    if (broken) {
      return;
    }
    try {
      OutputStream out = exchange.getOutputStream();
      out.write(line.getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      broken = true; // the client is gone; the calls end all the same
    }
  }
}
