package dev.observer.server.rpc;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The types of procedures for a front end in TypeScript: a module that exports {@code AppRouter},
 * for {@code createTRPCClient<AppRouter>}, and an interface or union for each record and enum. It
 * needs {@code @trpc/server} for its types alone. To be called by a build, with the classes and the
 * mapper that are served.
 */
public final class TypeScript {
  private static final String HEAD =
      """
      // Made from the procedures of the server. Do not edit: the build makes it anew.
      import type {
        TRPCBuiltRouter,
        TRPCDefaultErrorData,
        TRPCDefaultErrorShape,
        TRPCMutationProcedure,
        TRPCQueryProcedure,
        TRPCSubscriptionProcedure,
      } from "@trpc/server";

      /** What is wrong at one place of the input, a JSON pointer. */
      export interface Violation {
        pointer: string;
        reason: string;
      }

      export interface ErrorShape extends TRPCDefaultErrorShape {
        data: TRPCDefaultErrorData & { trace_id: string; errors?: Violation[] };
      }

      type Query<I, O> = TRPCQueryProcedure<{ input: I; output: O; meta: object }>;
      type Mutation<I, O> = TRPCMutationProcedure<{ input: I; output: O; meta: object }>;
      type Subscription<I, O> = TRPCSubscriptionProcedure<{
        input: I;
        output: AsyncIterable<O, void, unknown>;
        meta: object;
      }>;
      """;

  private TypeScript() {}

  /**
   * The module.
   *
   * @param mapper as it is given to {@link Procedures#mapper}: it says how properties are named
   * @param procedures the classes, by the names that they are added with
   * @throws IllegalArgumentException if a method is not as procedures must be, or a type is none
   *     that can be said in TypeScript
   */
  public static String of(ObjectMapper mapper, Map<String, Class<?>> procedures) {
    TypeNames types = new TypeNames(mapper);
    Node root = new Node();
    procedures.forEach(
        (name, implementation) ->
            Procedure.of(name, implementation, mapper.getTypeFactory())
                .forEach(procedure -> root.put(procedure, member(types, procedure))));
    StringBuilder module = new StringBuilder(HEAD);
    types.declarations().forEach(declaration -> module.append('\n').append(declaration));
    module.append("\nexport type AppRouter = TRPCBuiltRouter<\n");
    module.append("  { ctx: object; meta: object; errorShape: ErrorShape; transformer: false },\n");
    module.append("  {\n");
    root.write(module, "    ");
    return module.append("  }\n>;\n").toString();
  }

  private static String member(TypeNames types, Procedure procedure) {
    String output = output(types, procedure);
    String kind =
        switch (procedure.type()) {
          case QUERY -> "Query";
          case MUTATION -> "Mutation";
          case SUBSCRIPTION -> "Subscription";
        };
    return kind + "<" + input(types, procedure) + ", " + output + ">";
  }

  private static String input(TypeNames types, Procedure procedure) {
    JavaType input = procedure.input();
    if (input == null) {
      return "void";
    }
    String name = types.name(input);
    return procedure.inputOptional() ? name + " | null | undefined" : name;
  }

  private static String output(TypeNames types, Procedure procedure) {
    if (procedure.output().hasRawClass(void.class)) {
      return "undefined";
    }
    String name = types.name(procedure.output());
    if (procedure.type() == ProcedureType.SUBSCRIPTION) {
      return procedure.tracked() ? "{ id: string; data: " + name + " }" : name;
    }
    return Nullness.isNullable(
            procedure.output().getRawClass(), procedure.method(), procedure.declaredOutput())
        ? name + " | null"
        : name;
  }

  /** One level of the router. */
  private static final class Node {
    private final Map<String, Object> members = new TreeMap<>();

    void put(Procedure procedure, String type) {
      List<String> parts = new ArrayList<>(List.of(procedure.path().split("\\.", -1)));
      Node node = this;
      while (parts.size() > 1) {
        Object inner = node.members.computeIfAbsent(parts.remove(0), name -> new Node());
        if (!(inner instanceof Node below)) {
          throw new IllegalArgumentException(
              "something below a procedure is named " + procedure.path());
        }
        node = below;
      }
      if (node.members.putIfAbsent(parts.get(0), type) != null) {
        throw new IllegalArgumentException("two procedures are named " + procedure.path());
      }
    }

    void write(StringBuilder module, String indent) {
      members.forEach(
          (name, member) -> {
            module.append(indent).append(name).append(": ");
            if (member instanceof Node node) {
              module.append("{\n");
              node.write(module, indent + "  ");
              module.append(indent).append('}');
            } else {
              module.append(member);
            }
            module.append(";\n");
          });
    }
  }
}
