package dev.observer.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A value found in the surroundings, for a key that nobody set.
 *
 * @param origin where it was found, for people
 */
record Detected(String value, String origin) {

  /** Variables by which common frameworks name the environment, in the order they are asked. */
  static final List<String> ENVIRONMENT_VARIABLES =
      List.of(
          "APP_ENV",
          "SPRING_PROFILES_ACTIVE",
          "QUARKUS_PROFILE",
          "MICRONAUT_ENVIRONMENTS",
          "NODE_ENV");

  /**
   * The environment: what the first of {@link #ENVIRONMENT_VARIABLES} says that says one we know;
   * {@code test} when {@code CI} is {@code true}; else {@code development}.
   */
  static Detected environment(Map<String, String> variables) {
    for (String variable : ENVIRONMENT_VARIABLES) {
      for (String word : variables.getOrDefault(variable, "").split(",", -1)) {
        String environment = environmentNamed(word.strip().toLowerCase(Locale.ROOT));
        if (!environment.isEmpty()) {
          return new Detected(environment, "detected from " + variable);
        }
      }
    }
    return "true".equalsIgnoreCase(variables.get("CI"))
        ? new Detected("test", "detected from CI")
        : new Detected("development", "default");
  }

  private static String environmentNamed(String word) {
    return switch (word) {
      case "prod", "production", "live" -> "production";
      case "stage", "staging" -> "staging";
      case "test", "testing", "ci" -> "test";
      case "dev", "development", "local" -> "development";
      default -> "";
    };
  }

  /** The host name: as the environment says, which costs nothing, else as the resolver does. */
  static Detected instance(Map<String, String> variables) {
    for (String variable : List.of("HOSTNAME", "COMPUTERNAME")) {
      String name = variables.getOrDefault(variable, "");
      if (name.matches(Rules.NAME)) {
        return new Detected(name, "detected from " + variable);
      }
    }
    try {
      String name = InetAddress.getLocalHost().getHostName();
      if (name.matches(Rules.NAME)) {
        return new Detected(name, "host name");
      }
    } catch (UnknownHostException e) {
      // A machine whose own name does not resolve, common in containers: one process is still a
      // good instance, and who runs several sets the key.
      return new Detected("localhost", "default");
    }
    return new Detected("localhost", "default");
  }
}
