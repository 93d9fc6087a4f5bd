package dev.observer.server.rpc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import dev.observer.server.rpc.ProcedureException.Violation;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ElementKind;
import jakarta.validation.Path;
import jakarta.validation.Validator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes inputs of JSON and validates them. What is wrong is named by its place in the JSON. */
final class Inputs {
  private static final String NOT_VALID = "The input is not valid";

  private final ObjectMapper mapper;
  private final Validator validator;

  Inputs(ObjectMapper mapper, Validator validator) {
    this.mapper = mapper;
    this.validator = validator;
  }

  /**
   * The input of a call.
   *
   * @throws ProcedureException if it is none
   */
  @Nullable Object read(Procedure procedure, @Nullable JsonNode json, Object target) {
    JavaType type = procedure.input();
    if (type == null) {
      return null;
    }
    Object input = bound(type, json);
    if (input == null && !procedure.inputOptional()) {
      throw invalid(List.of(new Violation("", "is required")));
    }
    validate(procedure, type, input, target);
    return input;
  }

  private @Nullable Object bound(JavaType type, @Nullable JsonNode json) {
    if (json == null || json.isNull()) {
      return null;
    }
    try {
      return mapper.treeToValue(json, type);
    } catch (JsonMappingException e) {
      // What Jackson says names our classes.
      String reason =
          e instanceof UnrecognizedPropertyException ? "is not known" : "is not of the right type";
      throw invalid(List.of(new Violation(pointer(e), reason)));
    } catch (JsonProcessingException e) {
      throw invalid(List.of(new Violation("", "cannot be read")));
    }
  }

  private static String pointer(JsonMappingException e) {
    StringBuilder pointer = new StringBuilder();
    for (JsonMappingException.Reference reference : e.getPath()) {
      pointer.append('/');
      if (reference.getFieldName() != null) {
        pointer.append(escaped(reference.getFieldName()));
      } else {
        pointer.append(Math.max(0, reference.getIndex()));
      }
    }
    return pointer.toString();
  }

  private void validate(Procedure procedure, JavaType type, @Nullable Object input, Object target) {
    Set<ConstraintViolation<Object>> found = new HashSet<>();
    if (input != null) {
      found.addAll(validator.validate(input));
    }
    // Constraints of the parameter itself.
    Object[] arguments = new Object[procedure.method().getParameterCount()];
    arguments[procedure.inputIndex()] = input;
    found.addAll(
        validator.forExecutables().validateParameters(target, procedure.method(), arguments));
    if (!found.isEmpty()) {
      throw invalid(
          found.stream()
              .map(violation -> violation(type, violation))
              .distinct()
              .sorted(Comparator.comparing(Violation::pointer).thenComparing(Violation::reason))
              .toList());
    }
  }

  private static ProcedureException invalid(List<Violation> violations) {
    return new ProcedureException(ErrorCode.BAD_REQUEST, NOT_VALID, violations);
  }

  private Violation violation(JavaType type, ConstraintViolation<Object> violation) {
    StringBuilder pointer = new StringBuilder();
    JavaType current = type;
    for (Path.Node node : violation.getPropertyPath()) {
      if (node.getKind() == ElementKind.METHOD || node.getKind() == ElementKind.PARAMETER) {
        continue;
      }
      if (node.isInIterable()) {
        Object key = node.getIndex() != null ? node.getIndex() : node.getKey();
        pointer.append('/').append(escaped(String.valueOf(key)));
        current = content(current);
      }
      if (node.getKind() == ElementKind.PROPERTY && node.getName() != null) {
        BeanPropertyDefinition property = property(current, node.getName());
        pointer.append('/').append(escaped(property == null ? node.getName() : property.getName()));
        current = property == null ? null : property.getPrimaryType();
      }
    }
    return new Violation(pointer.toString(), violation.getMessage());
  }

  private static @Nullable JavaType content(@Nullable JavaType type) {
    return type == null ? null : type.getContentType();
  }

  private @Nullable BeanPropertyDefinition property(@Nullable JavaType type, String name) {
    if (type == null) {
      return null;
    }
    List<BeanPropertyDefinition> properties =
        new ArrayList<>(mapper.getDeserializationConfig().introspect(type).findProperties());
    return properties.stream()
        .filter(property -> property.getInternalName().equals(name))
        .findFirst()
        .orElse(null);
  }

  private static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }
}
