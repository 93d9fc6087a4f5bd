package dev.observer.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.TimeoutError;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The replay is, at marked moments, the document that the visitor had, with what was typed as
 * stars.
 */
@WithChromium
final class ReplayFidelityIT {
  private static final String CANONICAL = RecordedSite.file("canonical.js");

  private static final List<String> STEPS =
      List.of("a list", "a route", "shadow roots", "style sheets", "a frame", "fields", "a storm");

  private record Moment(String name, Instant at, String document) {}

  @Test
  void replay_isThePage_throughChangesOfEveryKind_andAReload(@TempDir Path data, Browser browser)
      throws Exception {
    try (RecordedSite site = RecordedSite.open(data)) {
      List<Moment> moments = visit(site, browser, 1);
      assertReplayed(site, browser, moments);
    }
  }

  @Test
  void replay_isThePage_onASlowMachine(@TempDir Path data, Browser browser) throws Exception {
    try (RecordedSite site = RecordedSite.open(data)) {
      List<Moment> moments = visit(site, browser, 6);
      assertReplayed(site, browser, moments);
    }
  }

  private static List<Moment> visit(RecordedSite site, Browser browser, int slower)
      throws Exception {
    List<Moment> moments = new ArrayList<>();
    try (BrowserContext context = browser.newContext()) {
      Page page = site.visit(context, "changing.html");
      JsonObject rate = new JsonObject();
      rate.addProperty("rate", slower);
      context.newCDPSession(page).send("Emulation.setCPUThrottlingRate", rate);
      moments.add(mark(page, "the beginning"));
      for (String step : STEPS) {
        page.evaluate("(name) => steps[name]()", step);
        moments.add(mark(page, step));
      }
      page.locator("#name").pressSequentially("typed by hand");
      moments.add(mark(page, "typing"));
      page.waitForResponse(
          answer -> answer.url().contains("/replay-events"),
          () -> page.navigate(site.uri("changing.html").toString()));
      moments.add(mark(page, "after a reload"));
      page.evaluate("() => steps['a list']()");
      moments.add(mark(page, "a change after it"));
      page.evaluate("() => observer.flush()");
      page.close();
    }
    Eventually.get("delivery", site.reading()::delivered, delivered -> delivered);
    return moments;
  }

  /** The document as it is, at a moment at which nothing waits to be recorded. */
  private static Moment mark(Page page, String name) {
    String quiet =
        "() => new Promise((resolve) => setTimeout(() => requestIdleCallback(resolve), 250))";
    page.evaluate(quiet);
    Object document =
        page.evaluate("() => { const canonical = " + CANONICAL + "; return canonical(document); }");
    double now = ((Number) page.evaluate("() => Date.now()")).doubleValue();
    page.evaluate(quiet);
    return new Moment(name, Instant.ofEpochMilli((long) now), document.toString());
  }

  private static void assertReplayed(RecordedSite site, Browser browser, List<Moment> moments)
      throws Exception {
    Reading reading = site.reading();
    String session = reading.onlySession().path("session_id").asText();
    try (BrowserContext context = browser.newContext()) {
      Page console = context.newPage();
      console.navigate(reading.consoleLink());
      for (Moment moment : moments) {
        console.navigate("about:blank");
        console.navigate(reading.console() + "#/sessions/" + session + "?at=" + moment.at());
        assertEquals(moment.document(), replayed(console, moment.document()), moment.name());
      }
    }
  }

  /** The replayed document, once it is the expected one; as it is in the end when it is not. */
  private static String replayed(Page console, String expected) {
    String read =
        "(expected) => { const canonical = "
            + CANONICAL
            + """
            ;
              const replay = document.querySelector('.stage iframe')?.contentDocument;
              const said = replay?.body ? canonical(replay) : '';
              return expected === '' || said === expected ? said || 'nothing' : false;
            }
            """;
    try {
      console.waitForFunction(
          read,
          expected,
          new Page.WaitForFunctionOptions().setTimeout(10_000).setPollingInterval(100));
    } catch (TimeoutError e) {
      // Then the difference is shown.
    }
    return console.evaluate(read, "").toString();
  }
}
