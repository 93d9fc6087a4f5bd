package dev.observer.server.rpc;

import io.undertow.server.HttpServerExchange;
import org.jspecify.annotations.Nullable;

/**
 * One call of a procedure.
 *
 * @param path such as {@code orders.place}; of few values, as it is a label of a meter
 * @param type what the procedure is
 * @param input what it is called with, as your code has it or as JSON; null if there is none
 * @param exchange the request, where there is one: for its headers and cookies. Its body was read
 */
public record ProcedureCall(
    String path,
    ProcedureType type,
    @Nullable Object input,
    @Nullable HttpServerExchange exchange) {
  /** A call that did not come in by Undertow. */
  public ProcedureCall(String path, ProcedureType type, @Nullable Object input) {
    this(path, type, input, null);
  }
}
