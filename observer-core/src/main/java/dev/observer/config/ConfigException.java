package dev.observer.config;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The configuration is wrong and nothing was started. The message names every wrong setting, where
 * it came from and what is allowed; it never contains a secret.
 */
public final class ConfigException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // An unmodifiable list of the JDK, which is serializable.
  private final List<ConfigProblem> problems;

  ConfigException(List<ConfigProblem> problems) {
    super(message(problems));
    this.problems = List.copyOf(problems);
  }

  /**
   * Settings that are well formed and that a backend refuses, such as wrong credentials.
   *
   * @param reason what the backend says; without secrets
   */
  public static ConfigException refused(List<ConfigKey> keys, String reason) {
    return new ConfigException(
        keys.stream()
            .map(key -> new ConfigProblem(key.property(), null, "refused", reason))
            .toList());
  }

  /** Everything that is wrong, in the order of the reference; never empty. */
  public List<ConfigProblem> problems() {
    return problems;
  }

  private static String message(List<ConfigProblem> problems) {
    return problems.stream()
        .map(problem -> "\n  - " + problem)
        .collect(
            Collectors.joining(
                "",
                problems.size() == 1
                    ? "1 setting of Observer is wrong; nothing was started:"
                    : problems.size() + " settings of Observer are wrong; nothing was started:",
                ""));
  }
}
