package dev.observer;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** The version of this server, from the build. */
final class Version {
  static final String NAME = read();

  private Version() {}

  private static String read() {
    Properties properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      return "unknown";
    }
    return properties.getProperty("version", "unknown");
  }
}
