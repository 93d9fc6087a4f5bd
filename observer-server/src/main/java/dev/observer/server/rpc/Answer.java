package dev.observer.server.rpc;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.observer.server.capture.Scope;
import dev.observer.server.rpc.ProcedureException.Violation;
import org.jspecify.annotations.Nullable;

/**
 * What a client gets for one call.
 *
 * @param httpStatus of an answer that holds nothing else
 * @param json on one line
 */
record Answer(int httpStatus, String json) {

  /**
   * It went well.
   *
   * @param json null: nothing was returned, which is {@code undefined} to the client
   */
  static Answer data(@Nullable String json) {
    return new Answer(
        200, json == null ? "{\"result\":{}}" : "{\"result\":{\"data\":" + json + "}}");
  }

  static Answer error(ProcedureException failure, @Nullable String path, Scope scope) {
    return new Answer(
        failure.code().httpStatus(), "{\"error\":" + shape(failure, path, scope) + "}");
  }

  /**
   * tRPC's shape of an error. Beside its own {@code data} there is {@code trace_id}, by which it is
   * found here, and {@code errors}, which say what is wrong with the input.
   */
  static String shape(ProcedureException failure, @Nullable String path, Scope scope) {
    ObjectNode shape = JsonNodeFactory.instance.objectNode();
    shape.put("message", failure.getMessage());
    shape.put("code", failure.code().number());
    ObjectNode data = shape.putObject("data");
    data.put("code", failure.code().name());
    data.put("httpStatus", failure.code().httpStatus());
    if (path != null) {
      data.put("path", path);
    }
    data.put("trace_id", scope.trace().traceId());
    if (!failure.errors().isEmpty()) {
      ArrayNode errors = data.putArray("errors");
      for (Violation violation : failure.errors()) {
        errors.addObject().put("pointer", violation.pointer()).put("reason", violation.reason());
      }
    }
    return shape.toString();
  }
}
