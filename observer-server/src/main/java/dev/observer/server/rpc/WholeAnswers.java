package dev.observer.server.rpc;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Answers when all calls have ended. Nobody waits meanwhile. */
final class WholeAnswers implements Answers {
  /** The answers differ in their status. */
  private static final int MULTI_STATUS = 207;

  private final HttpServerExchange exchange;
  private final boolean batch;
  private final AtomicReferenceArray<Answer> answers;
  private final AtomicInteger missing;

  WholeAnswers(HttpServerExchange exchange, int count, boolean batch) {
    this.exchange = exchange;
    this.batch = batch;
    this.answers = new AtomicReferenceArray<>(count);
    this.missing = new AtomicInteger(count);
  }

  @Override
  public void done(int index, Answer answer) {
    answers.set(index, answer);
    if (missing.decrementAndGet() == 0) {
      Answers.send(exchange, this::send);
    }
  }

  private void send() {
    if (exchange.isComplete()) {
      return; // its connection was closed
    }
    int status = answers.get(0).httpStatus();
    StringBuilder body = new StringBuilder(batch ? "[" : "");
    for (int i = 0; i < answers.length(); i++) {
      Answer answer = answers.get(i);
      status = answer.httpStatus() == status ? status : MULTI_STATUS;
      body.append(i > 0 ? "," : "").append(answer.json());
    }
    exchange.setStatusCode(status);
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
    byte[] bytes = body.append(batch ? "]" : "").toString().getBytes(StandardCharsets.UTF_8);
    exchange.setResponseContentLength(bytes.length);
    Outlet outlet = Outlet.open(exchange);
    outlet.send(bytes);
    outlet.end();
  }
}
