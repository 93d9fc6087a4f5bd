package dev.observer.server.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.event.ClientDrop;
import dev.observer.server.TestServer;
import dev.observer.server.rpc.ProcedureCall;
import dev.observer.server.rpc.ProcedureType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users read about meters and losses is what a server that was used shows. */
class MetricsReferenceTest {
  private static final String WRITE = "observer.docs.write";

  /** Surefire runs tests in their module's directory. */
  private static final Path PAGE = Path.of("..", "docs", "reference", "metrics.md");

  private static final Path CONCEPTS = Path.of("..", "docs", "concepts.md");

  private static final Pattern HELP = Pattern.compile("# HELP (\\S+) (.*)");
  private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? \\S+");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"(?:[^\"\\\\]|\\\\.)*\"");

  /** Meters of the JVM, which differ with its version and its garbage collector. */
  private static final Pattern FOREIGN = Pattern.compile("(?:jvm|process|system)_.*");

  @TempDir Path directory;

  private record Meter(String type, String help, TreeSet<String> labels) {}

  private static Map<String, Meter> meters(String scrape) {
    Map<String, String> help = new TreeMap<>();
    Map<String, Meter> meters = new TreeMap<>();
    scrape
        .lines()
        .forEach(
            line -> {
              Matcher text = HELP.matcher(line);
              Matcher type = TYPE.matcher(line);
              Matcher sample = SAMPLE.matcher(line);
              if (text.matches()) {
                help.put(text.group(1), text.group(2));
              } else if (type.matches()) {
                meters.put(
                    type.group(1),
                    new Meter(
                        type.group(2), help.getOrDefault(type.group(1), ""), new TreeSet<>()));
              } else {
                assertTrue(sample.matches(), line);
                LABEL
                    .matcher(sample.group(2) == null ? "" : sample.group(2))
                    .results()
                    .map(label -> label.group(1))
                    .filter(label -> !label.equals("le"))
                    .forEach(owner(meters, sample.group(1)).labels()::add);
              }
            });
    meters.keySet().removeIf(name -> FOREIGN.matcher(name).matches());
    return meters;
  }

  private static Meter owner(Map<String, Meter> meters, String sample) {
    Meter meter = meters.get(sample);
    if (meter == null) {
      meter = meters.get(sample.replaceFirst("_(?:bucket|count|sum)$", ""));
    }
    assertTrue(meter != null, sample + " has no type");
    return meter;
  }

  private static String table(Map<String, Meter> meters) {
    StringBuilder table = new StringBuilder();
    table.append("| name | type | unit | labels | meaning |\n|---|---|---|---|---|\n");
    meters.forEach(
        (name, meter) ->
            table
                .append("| `" + name + "` | " + meter.type() + " | " + unit(name) + " | ")
                .append(
                    meter.labels().stream()
                        .map(label -> "`" + label + "`")
                        .collect(Collectors.joining(", ")))
                .append(" | " + meter.help())
                .append(name.endsWith("_max") ? ": the longest of the last minutes |\n" : " |\n"));
    return table.toString();
  }

  private static String unit(String name) {
    Matcher unit = Pattern.compile("_(seconds|bytes)(?:_max|_total)?$").matcher(name);
    return unit.find() ? unit.group(1) : "";
  }

  private static String scrapeAfterTraffic(Path directory) throws Exception {
    try (TestServer server = TestServer.start(directory)) {
      server.post("/events", TestServer.events(TestServer.event(TestServer.id(), "a")));
      server.post("/replay-events", TestServer.replay("session-1", "recording-1", 0, "[1]"));
      server.readUntil("/records?kind=replay", page -> page.get("records").size() == 1);
      server.readUntil("/replays/session-1", page -> page.at("/recordings/0/batches").size() == 1);
      server
          .observer()
          .interceptor()
          .intercept(new ProcedureCall("orders.place", ProcedureType.MUTATION, null), () -> null);
      return server.metrics();
    }
  }

  @Test
  void table_isWhatAServerShowsAfterTraffic() throws Exception {
    String table = table(meters(scrapeAfterTraffic(directory)));
    String page = Files.readString(PAGE);
    int from = page.indexOf("| name |");
    int to = page.indexOf("\n\n", from) + 1;
    assertTrue(from > 0 && to > from, "the page has a table, and something after it");
    if (Boolean.getBoolean(WRITE)) {
      page = page.substring(0, from) + table + page.substring(to);
      Files.writeString(PAGE, page);
      to = from + table.length();
    }
    assertEquals(
        table,
        page.substring(from, to),
        "docs/reference/metrics.md is out of date. Make it anew with: mvn -pl observer-server"
            + " test -Dtest=MetricsReferenceTest -D"
            + WRITE
            + "=true");
  }

  @Test
  void everyMeter_saysWhatItIs_andWhereTimeOrSizeIsMeant_itsUnit() throws Exception {
    meters(scrapeAfterTraffic(directory))
        .forEach(
            (name, meter) -> {
              assertTrue(name.startsWith("observer_"), name);
              assertTrue(meter.help().length() > 10, name);
              assertTrue(!meter.type().equals("counter") || name.endsWith("_total"), name);
            });
  }

  @Test
  void everyReasonOfALoss_isExplained_andNoOther() throws Exception {
    String page = Files.readString(CONCEPTS);
    assertEquals(
        Arrays.stream(DropReason.values()).map(DropReason::label).toList(),
        firstColumn(page, "| reason | what happened | where it is |"));
    assertEquals(
        Arrays.stream(ClientDrop.Reason.values()).map(ClientDrop.Reason::wireName).toList(),
        firstColumn(page, "| reason | what happened in the browser |"));
  }

  private static List<String> firstColumn(String page, String head) {
    return page.substring(page.indexOf(head))
        .lines()
        .skip(2)
        .takeWhile(line -> line.startsWith("|"))
        .map(line -> line.replaceFirst("\\| `(\\w+)` \\|.*", "$1"))
        .toList();
  }
}
