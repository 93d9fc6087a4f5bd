package dev.observer.example.grafana;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DashboardsTest {
  private static final String WRITE = "observer.docs.write";
  private static final Path DIRECTORY = Path.of("..", "docs", "backends", "grafana", "dashboards");

  private static final ObjectWriter JSON =
      new ObjectMapper()
          .writer(
              new DefaultPrettyPrinter()
                  .withSeparators(
                      Separators.createDefaultInstance()
                          .withObjectFieldValueSpacing(Separators.Spacing.AFTER))
                  .withObjectIndenter(new DefaultIndenter("  ", "\n"))
                  .withArrayIndenter(new DefaultIndenter("  ", "\n")));

  @Test
  void committedFiles_areMadeFromDashboards() throws Exception {
    for (Dashboard dashboard : Dashboards.all()) {
      Path file = DIRECTORY.resolve(dashboard.name() + ".json");
      String made = JSON.writeValueAsString(dashboard.json()) + "\n";
      if (Boolean.getBoolean(WRITE)) {
        Files.writeString(file, made);
      }
      assertEquals(
          made,
          Files.exists(file) ? Files.readString(file) : "",
          file
              + " is out of date. Make it anew with: mvn -pl observer-example test"
              + " -Dtest=DashboardsTest -D"
              + WRITE
              + "=true");
    }
  }

  @Test
  void everyFile_isOneOfThem() throws Exception {
    try (Stream<Path> files = Files.list(DIRECTORY)) {
      assertEquals(
          Dashboards.all().stream().map(dashboard -> dashboard.name() + ".json").sorted().toList(),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
  }
}
