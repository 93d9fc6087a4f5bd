package dev.observer.server.rpc;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What declarations say about null, in the annotations of whatever library. */
final class Nullness {
  /** With one of these a value must be there, though before validation it may be null. */
  private static final Set<String> REQUIRED = Set.of("NotNull", "NotBlank", "NotEmpty");

  private Nullness() {}

  /** Whether null is a value of it; where nothing is said, it is not. */
  static boolean isNullable(Parameter parameter) {
    return isNullable(
        parameter.getType(),
        Stream.of(parameter, parameter.getAnnotatedType()).toArray(AnnotatedElement[]::new));
  }

  static boolean isNullable(Class<?> type, AnnotatedElement... declarations) {
    if (type == Optional.class) {
      return true;
    }
    return has(declarations, Set.of("Nullable", "CheckForNull")) && !has(declarations, REQUIRED);
  }

  private static boolean has(AnnotatedElement[] declarations, Set<String> names) {
    return Arrays.stream(declarations)
        .flatMap(declaration -> Arrays.stream(declaration.getAnnotations()))
        .map(Annotation::annotationType)
        .anyMatch(type -> names.contains(type.getSimpleName()));
  }
}
