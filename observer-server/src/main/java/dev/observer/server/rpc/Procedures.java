package dev.observer.server.rpc;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.undertow.server.HttpHandler;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.hibernate.validator.messageinterpolation.ParameterMessageInterpolator;
import org.jspecify.annotations.Nullable;

/**
 * Procedures written in Java, served by tRPC's protocol over HTTP (version 11), so that {@code
 * @trpc/client} calls them as it calls those of Node.
 *
 * <pre>{@code
 * final class Orders {
 *   @Query Order byId(OrderId id) { … }
 *   @Mutation Placed place(NewOrder order, ProcedureCall call) { … }
 *   @Subscription Flow.Publisher<Status> status(OrderId id) { … }
 * }
 *
 * HttpHandler trpc = observer.procedures().add("orders", new Orders()).handler();
 * Handlers.path(pages).addPrefixPath("/trpc", trpc);
 * }</pre>
 *
 * <p>Inputs and outputs are what Jackson makes of them, records best of all; inputs are checked by
 * Jakarta Validation before a method sees them. Methods run on worker threads, those of a batch at
 * once. Each call is observed ({@link ObservedCalls}).
 *
 * <p>Collects what {@link #handler} then serves. Not thread-safe; handlers are.
 */
public final class Procedures {
  /** The most bytes of one request's body, unless set. */
  public static final int MAX_BODY_BYTES = 1 << 20;

  /** The most calls of one batch, unless set. */
  public static final int MAX_BATCH = 50;

  /** How often an open subscription shows that it is alive, unless set. */
  public static final Duration KEEP_ALIVE = Duration.ofSeconds(15);

  /** How long a client may take nothing of its answer, at least; twice as long at most. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final ObservedCalls observed;
  private final Map<String, Object> implementations = new LinkedHashMap<>();
  private final List<ProcedureInterceptor> interceptors = new ArrayList<>();
  private ObjectMapper mapper = new ObjectMapper();
  private @Nullable Validator validator;
  private @Nullable Executor executor;
  private int maxBodyBytes = MAX_BODY_BYTES;
  private int maxBatch = MAX_BATCH;
  private Duration keepAlive = KEEP_ALIVE;
  private Duration patience = PATIENCE;

  /** Observes each call with this. */
  public Procedures(ObservedCalls observed) {
    this.observed = observed;
  }

  /**
   * Adds the methods of an object that are procedures, below a name: {@code add("orders", …)} makes
   * {@code orders.place}. Names may have several parts, {@code shop.orders}.
   */
  public Procedures add(String name, Object implementation) {
    if (implementations.putIfAbsent(name, Objects.requireNonNull(implementation)) != null) {
      throw new IllegalArgumentException("there are procedures named " + name + " already");
    }
    return this;
  }

  /** How inputs are read and outputs written. */
  public Procedures mapper(ObjectMapper mapper) {
    this.mapper = mapper;
    return this;
  }

  /**
   * What inputs are validated with; by default the provider of Jakarta Validation that is there.
   */
  public Procedures validator(Validator validator) {
    this.validator = validator;
    return this;
  }

  /** Puts an interceptor inside of those before; Observer's own is around them all. */
  public Procedures intercept(ProcedureInterceptor interceptor) {
    interceptors.add(interceptor);
    return this;
  }

  /** Where methods run; by default on the workers of the Undertow that serves them. */
  public Procedures executor(Executor executor) {
    this.executor = executor;
    return this;
  }

  /** Bounds the body of one request; a larger one is answered 413. */
  public Procedures maxBodyBytes(int bytes) {
    this.maxBodyBytes = bytes;
    return this;
  }

  /** Bounds the calls of one batch; a larger one is answered 400. */
  public Procedures maxBatch(int calls) {
    this.maxBatch = calls;
    return this;
  }

  /** How often an open subscription shows that it is alive, and so notices that nobody listens. */
  public Procedures keepAlive(Duration interval) {
    this.keepAlive = interval;
    return this;
  }

  /** How long a client may take nothing of its answer before its connection is ended. */
  Procedures patience(Duration interval) {
    this.patience = interval;
    return this;
  }

  /**
   * Serves them, at whatever path it is mounted; to be given the rest of the path, as {@code
   * Handlers.path().addPrefixPath} does.
   *
   * @throws IllegalArgumentException if a method is not as procedures must be; it says which
   */
  public HttpHandler handler() {
    Map<String, TrpcHandler.Target> targets = new LinkedHashMap<>();
    implementations.forEach(
        (name, implementation) -> {
          for (Procedure procedure :
              Procedure.of(name, implementation.getClass(), mapper.getTypeFactory())) {
            if (targets.put(procedure.path(), new TrpcHandler.Target(procedure, implementation))
                != null) {
              throw new IllegalArgumentException("two procedures are named " + procedure.path());
            }
          }
        });
    Validator checking = validator == null ? validator() : validator;
    return new TrpcHandler(
        Map.copyOf(targets),
        new Calls(
            mapper, new Inputs(mapper, checking), observed.with(mapper), List.copyOf(interceptors)),
        new TrpcHandler.Settings(mapper, executor, maxBodyBytes, maxBatch, keepAlive, patience));
  }

  /** Without an expression language, which messages do not need. */
  private static Validator validator() {
    return Validation.byDefaultProvider()
        .configure()
        .messageInterpolator(new ParameterMessageInterpolator())
        .buildValidatorFactory()
        .getValidator();
  }
}
