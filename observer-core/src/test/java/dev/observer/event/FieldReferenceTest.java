package dev.observer.event;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table of fields in docs/http-api.md. */
class FieldReferenceTest {
  @Test
  void everyField_isInTheTable() throws Exception {
    String page = Files.readString(Path.of("..", "docs", "http-api.md"));
    String table = page.substring(page.indexOf("## A record"));
    List<String> missing =
        Arrays.stream(Field.values())
            .map(Field::wireName)
            .filter(name -> !table.contains("`" + name + "`"))
            .toList();
    assertEquals(List.of(), missing);
  }
}
