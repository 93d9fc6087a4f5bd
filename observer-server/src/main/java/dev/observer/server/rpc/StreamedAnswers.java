package dev.observer.server.rpc;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Answers each call when it ends, on a line of its own, as tRPC's {@code httpBatchStreamLink} reads
 * it: first a line that promises a value for every call, then for each {@code [index, 0,
 * [[value]]]}.
 */
final class StreamedAnswers implements Answers {
  private final HttpServerExchange exchange;
  private final Outlet outlet;
  private int missing; // counted by the I/O thread

  private StreamedAnswers(HttpServerExchange exchange, int count) {
    this.exchange = exchange;
    this.outlet = Outlet.open(exchange);
    this.missing = count;
  }

  /** Promises the answers to so many calls. */
  static StreamedAnswers begin(HttpServerExchange exchange, int count) {
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
    StreamedAnswers answers = new StreamedAnswers(exchange, count);
    answers.line(
        IntStream.range(0, count)
            .mapToObj(i -> "\"" + i + "\":[[0],[null,0," + i + "]]")
            .collect(Collectors.joining(",", "{", "}")),
        0);
    return answers;
  }

  @Override
  public void done(int index, Answer answer) {
    line("[" + index + ",0,[[" + answer.json() + "]]]", 1);
  }

  private void line(String line, int answered) {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    Answers.send(
        exchange,
        () -> {
          outlet.send(bytes);
          missing -= answered;
          if (missing == 0) {
            outlet.end();
          }
        });
  }
}
