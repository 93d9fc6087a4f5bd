package dev.observer.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import dev.observer.example.Site.Gate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A browser that is killed, not closed, loses nothing that was on its disk. */
@WithChromium
final class KilledBrowserIT {
  private static final Logger log = LoggerFactory.getLogger(KilledBrowserIT.class);

  /** From {@code track} until the entry can be read by another connection, in milliseconds. */
  private static final String TRACK_AND_WAIT =
      """
      async (name) => {
        const opening = indexedDB.open("@observer/client", 1);
        const db = await new Promise((resolve) => {
          opening.onsuccess = () => resolve(opening.result);
        });
        const count = () => new Promise((resolve) => {
          const asked = db.transaction("queue").objectStore("queue").count();
          asked.onsuccess = () => resolve(asked.result);
        });
        const before = await count();
        const started = performance.now();
        window.observer.track(name);
        while ((await count()) === before);
        db.close();
        return performance.now() - started;
      }
      """;

  /** A Chromium of our own with a profile that outlives it. */
  private record Chromium(Process process, Browser browser) implements AutoCloseable {
    static Chromium start(Playwright playwright, Path profile) throws Exception {
      Path portFile = profile.resolve("DevToolsActivePort");
      Files.deleteIfExists(portFile);
      List<String> command = new ArrayList<>();
      command.add(ChromiumExtension.executable().orElseThrow().toString());
      command.addAll(ChromiumExtension.ARGUMENTS);
      command.addAll(
          List.of("--remote-debugging-port=0", "--user-data-dir=" + profile, "about:blank"));
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      String port =
          Eventually.get(
              "the port of Chromium",
              () -> Files.exists(portFile) ? Files.readString(portFile) : "",
              text -> text.contains("\n"));
      return new Chromium(
          process,
          playwright
              .chromium()
              .connectOverCDP("http://127.0.0.1:" + port.lines().findFirst().orElseThrow()));
    }

    /** The browser's processes get no chance to write anything. */
    void kill() throws InterruptedException {
      List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
      all.add(0, process.toHandle());
      all.forEach(ProcessHandle::destroyForcibly);
      assertTrue(process.waitFor(10, TimeUnit.SECONDS));
    }

    @Override
    public void close() throws InterruptedException {
      kill();
    }
  }

  @Test
  void browserThatIsKilled_sendsWithItsNextStart(@TempDir Path data, @TempDir Path profile)
      throws Exception {
    try (Site site = Site.open(Shops.config(data));
        Playwright playwright = ChromiumExtension.playwright()) {
      site.gate(Gate.HANGING);
      try (Chromium chromium = Chromium.start(playwright, profile)) {
        Page page = site.visit(chromium.browser().contexts().get(0));
        DeliveryIT.awaitKept(page, kept -> kept >= 1);
        Object first = page.evaluate("() => performance.now()");
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          Object took = page.evaluate(TRACK_AND_WAIT, "killed " + i);
          millis.add(((Number) took).doubleValue());
        }
        millis.sort(null);
        log.info(
            "the page view is on disk {} ms after the navigation began, what follows after {} ms"
                + " (median of {}), at most {} ms",
            first,
            millis.get(millis.size() / 2),
            millis.size(),
            millis.get(millis.size() - 1));
        chromium.kill();
      }
      site.gate(Gate.OPEN);
      try (Chromium chromium = Chromium.start(playwright, profile)) {
        site.visit(chromium.browser().contexts().get(0));
        Reading reading = site.reading();
        Eventually.get("events", () -> reading.records("event").size(), size -> size >= 22);
        Eventually.get("delivery", reading::delivered, delivered -> delivered);
        assertEquals(
            22,
            reading.records("event").stream()
                .map(event -> event.path("event_id").asText())
                .distinct()
                .count());
        assertEquals(22, reading.records("event").size());
      }
    }
  }
}
