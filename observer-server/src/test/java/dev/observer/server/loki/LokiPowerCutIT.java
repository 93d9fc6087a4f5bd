package dev.observer.server.loki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.server.TestServer;
import dev.observer.server.loki.LokiReader.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Loki comes back without what it had acknowledged, as after a power cut of its machine: its
 * directory is as it was some time before. In the end everything is there, once, and nobody did
 * anything to Observer.
 */
@Timeout(180)
class LokiPowerCutIT {

  @TempDir Path directory;
  private OwnLoki loki;

  @BeforeEach
  void startLoki() throws Exception {
    loki = OwnLoki.start(directory, "power-cut");
  }

  @AfterEach
  void stopLoki() {
    loki.close();
  }

  private TestServer start(Duration keep) {
    return loki.observer(
        directory.resolve("data"),
        "node-1",
        settings -> settings.spool(spool -> spool.keepDelivered(keep)));
  }

  /** Sends events and errors, and gives back their ids when Loki has them. */
  private Set<String> deliver(TestServer server, int count) throws Exception {
    Set<String> ids = new HashSet<>();
    for (int from = 0; from < count; from += 10) {
      List<String> events = new ArrayList<>();
      for (int i = from; i < from + 10; i++) {
        String id = TestServer.id();
        ids.add(id);
        events.add(TestServer.event(id, "e" + i));
      }
      String body = TestServer.events(events.toArray(String[]::new));
      assertEquals(202, server.post("/events", body).statusCode());
    }
    server.readUntil("/health", health -> health.at("/lanes/events/bytes").asLong() == 0);
    return ids;
  }

  private static Set<String> ids(List<Entry> entries) {
    return entries.stream().map(Entry::id).collect(Collectors.toSet());
  }

  private void assertOnce(Set<String> ids) throws Exception {
    List<Entry> entries =
        loki.reader().entriesUntil(OwnLoki.ALL, found -> ids(found).containsAll(ids));
    assertEquals(ids, ids(entries));
    assertEquals(ids.size(), entries.size());
  }

  private static void copy(Path from, Path to) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(from)) {
      files = walk.toList();
    }
    for (Path file : files) {
      Files.copy(file, to.resolve(from.relativize(file)));
    }
  }

  private static void delete(Path tree) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(tree)) {
      files = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }

  /** Kills Loki and starts it with the directory of before. */
  private void putBack(Path copy) throws IOException {
    Path data = loki.server().data();
    loki.server().backend().kill();
    delete(data);
    Files.move(copy, data);
    loki.server().backend().restart();
  }

  private static long checked(TestServer server, String outcome) throws Exception {
    return server
        .metrics()
        .lines()
        .filter(line -> line.startsWith("observer_checked_records_total{outcome=\"" + outcome))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static void assertDocumented(String scrape) throws IOException {
    String page = Files.readString(Path.of("..", "docs", "reference", "metrics.md"));
    List<String> missing =
        scrape
            .lines()
            .filter(line -> line.startsWith("# TYPE observer_"))
            .map(line -> line.split(" ", -1)[2])
            .filter(name -> !page.contains("`" + name + "`"))
            .toList();
    assertEquals(List.of(), missing);
  }

  @Test
  void whatLokiLost_isThereAgain_onceItTakesSomethingNew() throws Exception {
    try (TestServer server = start(Duration.ofMinutes(10))) {
      Set<String> ids = deliver(server, 100);
      Path copy = directory.resolve("copy");
      copy(loki.server().data(), copy);
      ids.addAll(deliver(server, 300));
      assertOnce(ids);
      loki.server().backend().kill();
      // Something waits in the outage, so that it is noticed.
      String id = TestServer.id();
      String body = TestServer.events(TestServer.event(id, "waiting"));
      assertEquals(202, server.post("/events", body).statusCode());
      server.readUntil(
          "/health", health -> health.at("/sinks/loki/status").asText().equals("failing"));
      putBack(copy);
      ids.add(id);
      assertOnce(ids);
      assertTrue(checked(server, "restored") >= 300, "nothing was lost: the test shows nothing");
      assertEquals(0, checked(server, "unchecked"));
      assertDocumented(server.metrics());
      assertEquals(0, server.read("/health").at("/losses").size());
    }
  }

  @Test
  void whatLokiLost_whileNothingCame_isThereAgain_beforeItsFileIsLetGo() throws Exception {
    // Longer than it takes to come to the loss: what is asked for before that is let go.
    try (TestServer server = start(Duration.ofSeconds(20))) {
      Path copy = directory.resolve("copy");
      copy(loki.server().data(), copy);
      Set<String> ids = deliver(server, 50);
      assertOnce(ids);
      putBack(copy);
      assertOnce(ids);
    }
  }

  @Test
  void observerStartedAgain_afterLokiLostWhatItDelivered_restoresIt() throws Exception {
    Path copy = directory.resolve("copy");
    Set<String> ids = new HashSet<>();
    try (TestServer server = start(Duration.ofMinutes(10))) {
      copy(loki.server().data(), copy);
      ids.addAll(deliver(server, 50));
      assertOnce(ids);
    }
    putBack(copy);
    try (TestServer server = start(Duration.ofMinutes(10))) {
      ids.addAll(deliver(server, 10));
      assertOnce(ids);
    }
  }
}
