package dev.observer.config;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Tells the environment variables that mean nothing from those that belong to others. */
final class EnvironmentNames {

  /** Names the configuration file. */
  static final String FILE = "OBSERVER_CONFIG";

  private static final String PREFIX = "OBSERVER_";

  /** Read by the project's own tests. */
  private static final String TEST_PREFIX = "OBSERVER_TEST_";

  /**
   * What Kubernetes puts into every container when a service is called observer or observer-…:
   * "Environment variables" in its documentation of services.
   */
  private static final Pattern KUBERNETES =
      Pattern.compile(
          "OBSERVER_([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?"
              + "|PORT_[0-9]+_(TCP|UDP|SCTP)(_PROTO|_PORT|_ADDR)?)");

  private static final Pattern KUBERNETES_PORT_VALUE = Pattern.compile("(tcp|udp|sctp)://.*");

  private EnvironmentNames() {}

  /** What the environment says of a key; empty if nothing, or if it means a service's address. */
  static String value(Map<String, String> variables, ConfigKey key) {
    String name = key.environmentVariable();
    String value = variables.getOrDefault(name, "").strip();
    return isKubernetesPort(name, value) ? "" : value;
  }

  /** One problem for each variable that starts with {@code OBSERVER_} and is nobody's. */
  static List<ConfigProblem> unknown(Map<String, String> variables) {
    List<String> known =
        Arrays.stream(ConfigKey.values()).map(ConfigKey::environmentVariable).toList();
    return variables.entrySet().stream()
        .filter(variable -> variable.getKey().startsWith(PREFIX))
        .filter(variable -> !known.contains(variable.getKey()) && !isOthers(variable))
        .map(Map.Entry::getKey)
        .sorted()
        .map(name -> problem(name, NearestName.of(name, known)))
        .toList();
  }

  private static boolean isOthers(Map.Entry<String, String> variable) {
    String name = variable.getKey();
    return name.equals(FILE)
        || name.startsWith(TEST_PREFIX)
        || KUBERNETES.matcher(name).matches()
        || isKubernetesPort(name, variable.getValue());
  }

  /** A service called observer-http puts its address where {@code http.port} is looked for. */
  private static boolean isKubernetesPort(String name, String value) {
    return name.endsWith("_PORT") && KUBERNETES_PORT_VALUE.matcher(value).matches();
  }

  private static ConfigProblem problem(String name, Optional<String> meant) {
    // The value may be a secret under a misspelt name.
    return new ConfigProblem(
        name, ConfigProblem.MASK, "environment variable", Settings.unknown(meant));
  }
}
