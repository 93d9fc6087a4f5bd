package dev.observer.config;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The table of keys, written out for people. */
public final class ConfigReference {

  private static final int HELP_WIDTH = 100;
  private static final int HELP_INDENT = 6;

  private ConfigReference() {}

  /** The part of {@code --help} that lists every key: plain text, at most 100 columns. */
  public static String help() {
    return Arrays.stream(ConfigKey.values())
        .map(
            key ->
                "  %s, %s\n%s\n%s"
                    .formatted(
                        key.property(),
                        key.environmentVariable(),
                        wrapped(key.description()),
                        wrapped(
                            "Default: %s. Takes %s.".formatted(key.defaultWords(), key.allowed()))))
        .collect(Collectors.joining("\n\n", "", "\n"));
  }

  /** The reference page in Markdown. */
  public static String markdown() {
    String groups =
        Arrays.stream(ConfigKey.values())
            .map(ConfigReference::group)
            .distinct()
            .map(ConfigReference::section)
            .collect(Collectors.joining("\n"));
    return INTRODUCTION.formatted(
            Detected.ENVIRONMENT_VARIABLES.stream()
                .map(name -> "`" + name + "`")
                .collect(Collectors.joining(", ")))
        + groups;
  }

  private static String group(ConfigKey key) {
    int dot = key.key().indexOf('.');
    return dot < 0 ? "" : key.key().substring(0, dot);
  }

  private static String section(String group) {
    String rows =
        Arrays.stream(ConfigKey.values())
            .filter(key -> group(key).equals(group))
            .map(ConfigReference::row)
            .collect(Collectors.joining());
    return "## %s\n\n".formatted(title(group))
        + "| key | default | what it is | takes | environment | builder |\n"
        + "|---|---|---|---|---|---|\n"
        + rows;
  }

  private static String title(String group) {
    return switch (group) {
      case "" -> "General";
      case "http" -> "HTTP";
      case "admin" -> "Admin listener";
      case "limits" -> "Limits";
      case "spool" -> "Spool";
      case "loki" -> "Loki";
      case "minio" -> "MinIO";
      case "retention" -> "Retention";
      case "metrics" -> "Metrics";
      case "capture" -> "Capture on the JVM";
      default -> throw new IllegalStateException("give the group " + group + " a title");
    };
  }

  private static String row(ConfigKey key) {
    String byDefault =
        key.defaultValue() == null ? key.defaultWords() : "`" + key.defaultWords() + "`";
    return "| `%s` | %s | %s%s | %s | `%s` | `%s` |\n"
        .formatted(
            key.key(),
            byDefault,
            key.description(),
            key.isSecret() ? " Secret: never logged or shown." : "",
            // A bar would end the cell.
            key.allowed().replace("|", "\\|"),
            key.environmentVariable(),
            builder(key));
  }

  /** How the builder spells a key: {@code .http(h -> h.port(…))}. */
  static String builder(ConfigKey key) {
    List<String> path = key.path();
    String call = "%s(…)".formatted(path.get(path.size() - 1));
    for (int i = path.size() - 2; i >= 0; i--) {
      String group = path.get(i);
      call = "%s(%s -> %s.%s)".formatted(group, group.charAt(0), group.charAt(0), call);
    }
    return "." + call;
  }

  private static String wrapped(String text) {
    StringBuilder lines = new StringBuilder();
    StringBuilder line = new StringBuilder(" ".repeat(HELP_INDENT - 1));
    for (String word : text.split(" ", -1)) {
      if (line.length() + 1 + word.length() > HELP_WIDTH) {
        lines.append(line).append('\n');
        line = new StringBuilder(" ".repeat(HELP_INDENT - 1));
      }
      line.append(' ').append(word);
    }
    return lines.append(line).toString();
  }

  private static final String INTRODUCTION =
      """
      # Configuration

      <!-- Made from the table in ConfigKey.java; ConfigReferenceTest says how to make it anew. -->

      Every setting has one name and three spellings: in the builder of `ObserverConfig`, as an
      environment variable, and in a properties file.

      | where | example |
      |---|---|
      | builder | `ObserverConfig.builder().http(h -> h.port(9000)).build()` |
      | environment | `OBSERVER_HTTP_PORT=9000` |
      | properties file (UTF-8) | `observer.http.port=9000` |

      The builder wins over the environment, the environment over the file, the file over the
      default. A blank value in the environment or the file counts as not set. The file is the one
      given to `ObserverConfig.builder().file(…)` or, for the standalone server, after `--config`;
      otherwise the one that the environment variable `OBSERVER_CONFIG` names. It may be shared with
      your application: only names that start with `observer.` are ours.

      When something is wrong, nothing is started, and one error lists every wrong setting: its
      value, where it came from, and what is allowed. That includes names that start with
      `observer.` or `OBSERVER_` and mean nothing, because they are usually misspelt. Left alone are
      `OBSERVER_TEST_…`, and what Kubernetes sets for a service that is called `observer`
      (`OBSERVER_SERVICE_HOST`, `OBSERVER_PORT=tcp://…` and the like).

      - **Sizes** are bytes, or a whole number with `KiB`, `MiB`, `GiB` or `TiB`: `10MiB`.
      - **Durations** are a whole number with `d`, `h`, `m` or `s` (`90d`), or ISO 8601 (`P90D`,
        `PT12H`).
      - **Lists** are comma-separated.

      When `environment` is not set, it is detected: the first of %s that names one known
      (`prod`, `production`, `live`; `stage`, `staging`; `test`, `testing`, `ci`; `dev`,
      `development`, `local`) decides between `production`, `staging`, `test` and `development`;
      failing that it is `test` where `CI` is `true`, else `development`.

      """;
}
