package dev.observer.server.rpc;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.type.TypeFactory;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A procedure as its method declares it. Methods take at most one input, and may take the {@link
 * ProcedureCall} too.
 *
 * @param path such as {@code orders.place}
 * @param input null: it takes none
 * @param inputOptional whether it may be called without
 * @param inputIndex of the parameter, or -1
 * @param callIndex of the parameter, or -1
 * @param output of a subscription, what it tells; void: nothing
 * @param tracked whether a subscription tells it as {@link Tracked}
 */
record Procedure(
    String path,
    ProcedureType type,
    Method method,
    @Nullable JavaType input,
    boolean inputOptional,
    int inputIndex,
    int callIndex,
    JavaType output,
    AnnotatedType declaredOutput,
    boolean tracked) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  /** Names that mean something else to the client, which is a proxy. */
  private static final List<String> RESERVED = List.of("then", "call", "apply");

  /**
   * The procedures of a class, by their names.
   *
   * @param prefix of their paths; empty: none
   * @throws IllegalArgumentException if one is not as procedures must be; it says which
   */
  static List<Procedure> of(String prefix, Class<?> implementation, TypeFactory types) {
    if (!prefix.isEmpty()) {
      for (String part : prefix.split("\\.", -1)) {
        checkName(part);
      }
    }
    List<Procedure> procedures = new ArrayList<>();
    for (Class<?> from = implementation;
        from != null && from != Object.class;
        from = from.getSuperclass()) {
      for (Method method : from.getDeclaredMethods()) {
        Procedure procedure = of(prefix, method, types);
        if (procedure != null) {
          procedures.add(procedure);
        }
      }
    }
    if (procedures.isEmpty()) {
      throw new IllegalArgumentException(
          implementation.getName()
              + " has no method with the annotation Query, Mutation or Subscription");
    }
    procedures.sort(Comparator.comparing(Procedure::path));
    return procedures;
  }

  private static @Nullable Procedure of(String prefix, Method method, TypeFactory types) {
    Query query = method.getAnnotation(Query.class);
    Mutation mutation = method.getAnnotation(Mutation.class);
    Subscription subscription = method.getAnnotation(Subscription.class);
    if (query != null) {
      return of(prefix, query.value(), ProcedureType.QUERY, method, types);
    }
    if (mutation != null) {
      return of(prefix, mutation.value(), ProcedureType.MUTATION, method, types);
    }
    return subscription == null
        ? null
        : of(prefix, subscription.value(), ProcedureType.SUBSCRIPTION, method, types);
  }

  private static Procedure of(
      String prefix, String given, ProcedureType type, Method method, TypeFactory types) {
    String name = given.isEmpty() ? method.getName() : given;
    checkName(name);
    int inputIndex = -1;
    int callIndex = -1;
    Parameter[] parameters = method.getParameters();
    for (int i = 0; i < parameters.length; i++) {
      if (parameters[i].getType() == ProcedureCall.class && callIndex < 0) {
        callIndex = i;
      } else if (inputIndex < 0) {
        inputIndex = i;
      } else {
        throw new IllegalArgumentException(
            method + " takes more than one input; a record can hold several values");
      }
    }
    JavaType output = types.constructType(method.getGenericReturnType());
    boolean tracked = false;
    if (type == ProcedureType.SUBSCRIPTION) {
      if (!Flow.Publisher.class.isAssignableFrom(method.getReturnType())) {
        throw new IllegalArgumentException(method + " must return a Flow.Publisher");
      }
      output = output.findTypeParameters(Flow.Publisher.class)[0];
      tracked = output.getRawClass() == Tracked.class;
      output = tracked ? output.findTypeParameters(Tracked.class)[0] : output;
    }
    method.setAccessible(true);
    return new Procedure(
        prefix.isEmpty() ? name : prefix + "." + name,
        type,
        method,
        inputIndex < 0 ? null : types.constructType(parameters[inputIndex].getParameterizedType()),
        inputIndex >= 0 && Nullness.isNullable(parameters[inputIndex]),
        inputIndex,
        callIndex,
        output,
        method.getAnnotatedReturnType(),
        tracked);
  }

  private static void checkName(String name) {
    if (!NAME.matcher(name).matches() || RESERVED.contains(name)) {
      throw new IllegalArgumentException(
          "a name of procedures is letters, digits and _, does not begin with a digit, and is none"
              + " of "
              + RESERVED
              + ": "
              + name);
    }
  }

  Object[] arguments(@Nullable Object input, ProcedureCall call) {
    Object[] arguments = new Object[method.getParameterCount()];
    if (inputIndex >= 0) {
      arguments[inputIndex] = input;
    }
    if (callIndex >= 0) {
      arguments[callIndex] = call;
    }
    return arguments;
  }

  @Override
  public String toString() {
    return type.wireName() + " " + path + " " + Arrays.toString(method.getParameterTypes());
  }
}
