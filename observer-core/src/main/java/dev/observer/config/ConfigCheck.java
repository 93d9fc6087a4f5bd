package dev.observer.config;

import jakarta.validation.ConstraintViolation;
import jakarta.validation.ElementKind;
import jakarta.validation.Path;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.StreamSupport;
import org.hibernate.validator.HibernateValidator;
import org.hibernate.validator.messageinterpolation.ParameterMessageInterpolator;

/** Holds a configuration against the constraints of its records. */
final class ConfigCheck {

  // Expensive to make, immutable, thread-safe. No XML: a host's validation.xml is not about us. No
  // expression language: it would be one more dependency, and messages never need it.
  private static final Validator VALIDATOR =
      Validation.byProvider(HibernateValidator.class)
          .configure()
          .ignoreXmlConfiguration()
          .messageInterpolator(new ParameterMessageInterpolator())
          .buildValidatorFactory()
          .getValidator();

  private ConfigCheck() {}

  /**
   * The keys whose values break a rule, each once.
   *
   * @param origins says where the value of a key came from
   */
  static Map<ConfigKey, ConfigProblem> problems(
      ObserverConfig config, Function<ConfigKey, String> origins) {
    Map<ConfigKey, ConfigProblem> problems = new EnumMap<>(ConfigKey.class);
    for (ConstraintViolation<ObserverConfig> violation : VALIDATOR.validate(config)) {
      ConfigKey key = keyAt(violation.getPropertyPath());
      // A rule between settings says what is wrong itself; a rule of one names what is allowed.
      boolean between =
          violation.getConstraintDescriptor().getAnnotation().annotationType() == Coherent.class;
      String reason = between ? violation.getMessage() : allowed(key);
      Object value = key.read(config);
      ConfigProblem problem =
          new ConfigProblem(
              key.property(),
              value == null ? null : key.shown(value),
              value == null ? "not set" : origins.apply(key),
              reason);
      problems.merge(key, problem, (first, second) -> between ? first : second);
    }
    return problems;
  }

  static String allowed(ConfigKey key) {
    return "allowed: " + key.allowed();
  }

  private static ConfigKey keyAt(Path path) {
    List<String> names =
        StreamSupport.stream(path.spliterator(), false)
            .filter(node -> node.getKind() == ElementKind.PROPERTY)
            .map(Path.Node::getName)
            .toList();
    return Arrays.stream(ConfigKey.values())
        .filter(key -> key.path().equals(names))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no key for " + path));
  }
}
