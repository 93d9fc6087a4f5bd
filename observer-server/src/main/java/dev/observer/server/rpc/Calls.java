package dev.observer.server.rpc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.observer.server.capture.Scope;
import dev.observer.server.rpc.TrpcHandler.Target;
import io.undertow.server.HttpServerExchange;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Calls procedures, with whatever stands around them. Thread-safe. */
final class Calls {
  private final ObjectMapper mapper;
  private final Inputs inputs;
  private final ObservedCalls observed;
  private final List<ProcedureInterceptor> interceptors;

  Calls(
      ObjectMapper mapper,
      Inputs inputs,
      ObservedCalls observed,
      List<ProcedureInterceptor> interceptors) {
    this.mapper = mapper;
    this.inputs = inputs;
    this.observed = observed;
    this.interceptors = interceptors;
  }

  /** The JSON of what a query or mutation returns; null: it returns nothing. */
  @Nullable String call(
      Scope scope, Target target, @Nullable JsonNode input, HttpServerExchange exchange)
      throws Exception {
    ProcedureCall call = callOf(target, input, exchange);
    return (String)
        observed.intercept(scope, call, () -> json(target, intercepted(target, call, input)));
  }

  /** What the calls of a request belong to. To be asked where the request comes in. */
  Scope scope(HttpServerExchange exchange) {
    return observed.scope(exchange);
  }

  /** Counts a call of nothing. */
  ProcedureException unknown(Scope scope, HttpServerExchange exchange, String message) {
    ProcedureException unknown = new ProcedureException(ErrorCode.NOT_FOUND, message);
    observed
        .begin(scope, new ProcedureCall("none", ProcedureType.QUERY, null, exchange))
        .end(unknown);
    return unknown;
  }

  @Nullable String json(Target target, @Nullable Object output) throws JsonProcessingException {
    return target.procedure().output().hasRawClass(void.class)
        ? null
        : mapper
            .writerFor(target.procedure().output())
            .without(SerializationFeature.INDENT_OUTPUT) // it is to be one line
            .writeValueAsString(output);
  }

  /** Begins to observe a subscription. */
  ObservedCalls.Observation begin(
      Scope scope, Target target, @Nullable JsonNode input, HttpServerExchange exchange) {
    return observed.begin(scope, callOf(target, input, exchange));
  }

  /** What a subscription tells. */
  Flow.Publisher<?> subscribe(
      ObservedCalls.Observation observation,
      Target target,
      @Nullable JsonNode input,
      HttpServerExchange exchange)
      throws Exception {
    Object publisher =
        observation.within(() -> intercepted(target, callOf(target, input, exchange), input));
    if (publisher == null) {
      throw new IllegalStateException(target.procedure() + " returned null");
    }
    return (Flow.Publisher<?>) publisher;
  }

  private static ProcedureCall callOf(
      Target target, @Nullable JsonNode input, HttpServerExchange exchange) {
    return new ProcedureCall(target.procedure().path(), target.procedure().type(), input, exchange);
  }

  private @Nullable Object intercepted(Target target, ProcedureCall call, @Nullable JsonNode input)
      throws Exception {
    Callable<@Nullable Object> body = () -> invoke(target, call, input);
    for (int i = interceptors.size() - 1; i >= 0; i--) {
      ProcedureInterceptor interceptor = interceptors.get(i);
      Callable<@Nullable Object> inner = body;
      body = () -> interceptor.intercept(call, inner);
    }
    return body.call();
  }

  private @Nullable Object invoke(Target target, ProcedureCall call, @Nullable JsonNode json)
      throws Exception {
    Procedure procedure = target.procedure();
    Object input = inputs.read(procedure, json, target.implementation());
    try {
      return procedure.method().invoke(target.implementation(), procedure.arguments(input, call));
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e;
    }
  }
}
