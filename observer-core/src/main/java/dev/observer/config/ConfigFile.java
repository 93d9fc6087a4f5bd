package dev.observer.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * A properties file in UTF-8. It may be shared with the host application: names that neither start
 * with {@code observer.} nor nearly spell one of our keys belong to others.
 *
 * @param entries by full property name
 * @param problems what cannot be read, and names that mean nothing
 */
record ConfigFile(Map<String, String> entries, List<ConfigProblem> problems) {

  static final ConfigFile NONE = new ConfigFile(Map.of(), List.of());

  private static final String PREFIX = "observer.";

  /**
   * Reads the file.
   *
   * @param origin who named the file, for the error when it cannot be read
   */
  static ConfigFile read(Path path, String origin) {
    Map<String, String> entries = new HashMap<>();
    List<ConfigProblem> problems = new ArrayList<>();
    Properties properties =
        new Properties() {
          private static final long serialVersionUID = 1L;

          @Override
          public synchronized Object put(Object key, Object value) {
            Object before = super.put(key, value);
            if (before != null && key.toString().startsWith(PREFIX)) {
              problems.add(
                  new ConfigProblem(
                      key.toString(), ConfigProblem.MASK, origin(path), "is there more than once"));
            }
            return before;
          }
        };
    try (Reader reader = Files.newBufferedReader(path)) {
      properties.load(reader);
    } catch (NoSuchFileException e) {
      return unreadable(path, origin, "there is no such file");
    } catch (CharacterCodingException | IllegalArgumentException e) {
      return unreadable(path, origin, "not a properties file in UTF-8");
    } catch (IOException e) {
      return unreadable(path, origin, "cannot be read: " + e.getClass().getSimpleName());
    }
    for (String name : properties.stringPropertyNames()) {
      entries.put(name, properties.getProperty(name));
      unknown(name, path).ifPresent(problems::add);
    }
    return new ConfigFile(entries, problems);
  }

  static String origin(Path path) {
    return "file " + path;
  }

  private static ConfigFile unreadable(Path path, String origin, String reason) {
    return new ConfigFile(
        Map.of(),
        List.of(new ConfigProblem("configuration file", path.toString(), origin, reason)));
  }

  private static Optional<ConfigProblem> unknown(String name, Path path) {
    List<String> known = Arrays.stream(ConfigKey.values()).map(ConfigKey::property).toList();
    if (known.contains(name)) {
      return Optional.empty();
    }
    Optional<String> meant =
        known.contains(PREFIX + name) ? Optional.of(PREFIX + name) : NearestName.of(name, known);
    if (meant.isEmpty() && !name.startsWith(PREFIX)) {
      return Optional.empty();
    }
    // The value may be a secret under a misspelt name.
    return Optional.of(
        new ConfigProblem(name, ConfigProblem.MASK, origin(path), Settings.unknown(meant)));
  }
}
