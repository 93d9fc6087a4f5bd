package dev.observer.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigReferenceTest {

  private static final String WRITE = "observer.docs.write";

  /** Surefire runs tests in their module's directory. */
  private static final Path PAGE = Path.of("..", "docs", "reference", "configuration.md");

  @Test
  void committedPage_isMadeFromTheTable() throws Exception {
    if (Boolean.getBoolean(WRITE)) {
      Files.createDirectories(PAGE.getParent());
      Files.writeString(PAGE, ConfigReference.markdown());
    }
    assertEquals(
        ConfigReference.markdown(),
        Files.exists(PAGE) ? Files.readString(PAGE) : "",
        "docs/reference/configuration.md is out of date. Make it anew with: mvn -pl observer-core"
            + " test -Dtest=ConfigReferenceTest -D"
            + WRITE
            + "=true");
  }

  @Test
  void help_namesEveryKey_inAtMost100Columns() {
    String help = ConfigReference.help();
    for (ConfigKey key : ConfigKey.values()) {
      assertTrue(help.contains("  " + key.property() + ", " + key.environmentVariable()), help);
    }
    help.lines().forEach(line -> assertTrue(line.length() <= 100, line));
  }
}
