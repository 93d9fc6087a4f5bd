package dev.observer.example;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recording of which one batch was lost on its way, looked at in the console. */
@WithChromium
final class LostBatchIT {
  private static final int FULL_SNAPSHOT = 2;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** The page says this one after the other; between the third and the fourth lie five minutes. */
  private static final List<String> MARKS =
      List.of("Mark one", "Mark two", "Mark three", "Mark four", "Mark five");

  private static final int LONG_PAUSE_AFTER = 3;

  @Test
  void whicheverBatchIsLost_itIsAGap_andThePlayerGoesOn(@TempDir Path data, Browser browser)
      throws Exception {
    int lost = 0;
    while (isLostAndPlayed(lost, data.resolve("lost-" + lost), browser)) {
      lost++;
    }
    assertTrue(lost > MARKS.size(), "a snapshot and each mark were batches: " + lost);
  }

  /** False: there is no such batch. */
  private static boolean isLostAndPlayed(int sequence, Path data, Browser browser)
      throws Exception {
    try (RecordedSite site = RecordedSite.open(data)) {
      Optional<JsonNode> lost = record(site, browser, sequence);
      if (lost.isEmpty()) {
        return false;
      }
      Reading reading = site.reading();
      Eventually.get("delivery", reading::delivered, delivered -> delivered);
      JsonNode recordings =
          Eventually.get(
                  "the replay",
                  reading::onlySession,
                  session -> session.path("has_replay").asBoolean())
              .path("recordings");
      assertEquals(1, recordings.size(), recordings::toPrettyString);
      JsonNode batches = recordings.get(0).path("batches");
      boolean wasLast = sequence > batches.get(batches.size() - 1).path("sequence").asInt();
      try (BrowserContext context = browser.newContext()) {
        Page page = context.newPage();
        BrowserLog log = BrowserLog.of(page);
        page.navigate(reading.consoleLink());
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Sessions")).click();
        page.locator("table.sessions .row-link").click();
        assertThat(page.locator(".stage iframe")).isVisible();
        // Nobody can know of the last one.
        assertThat(page.locator(".notice-warning")).hasCount(wasLast ? 0 : 1);
        assertThat(page.locator(".track-gap")).hasCount(wasLast ? 0 : 1);
        if (!wasLast) {
          assertThat(page.locator(".notice-warning"))
              .containsText("Part " + sequence + " of this recording is missing.");
        }

        playToTheEnd(page);
        // What a lost snapshot names, the changes after it cannot find; the page stays as it was.
        boolean lostTheLastSnapshot = sequence > 0 && hasSnapshot(lost.get());
        if (!wasLast && !lostTheLastSnapshot) {
          assertEquals(MARKS.get(MARKS.size() - 1), heading(page), "after the loss of " + sequence);
          page.getByText("Go on after it").click();
          assertTrue(
              MARKS.subList(LONG_PAUSE_AFTER - 1, MARKS.size()).contains(heading(page)),
              () -> "whole again after the loss of " + sequence + ": " + heading(page));
        }
        assertEquals(List.of(), log.complaints(), "after the loss of " + sequence);
        assertEquals(List.of(), log.uncaught(), "after the loss of " + sequence);
      }
      return true;
    }
  }

  /** What the server was said to have and never got; empty if it was never sent. */
  private static Optional<JsonNode> record(RecordedSite site, Browser browser, int sequence) {
    AtomicReference<JsonNode> lost = new AtomicReference<>();
    try (BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      page.route(
          url -> url.contains("/replay-events"),
          route -> {
            JsonNode batch = bodyOf(route);
            if (batch.path("sequence").asInt() == sequence) {
              lost.set(batch);
              route.fulfill(
                  new Route.FulfillOptions()
                      .setStatus(202)
                      .setBody("{\"accepted\":1,\"rejected\":[]}"));
            } else {
              route.resume();
            }
          });
      page.clock().install();
      page.waitForRequestFinished(
          new Page.WaitForRequestFinishedOptions()
              .setPredicate(request -> request.url().contains("/replay-")),
          () -> page.navigate(site.uri("ticking.html?replay=always").toString()));
      page.clock().runFor(1_000);
      page.evaluate("() => observer.flush()");
      for (int at = 0; at < MARKS.size(); at++) {
        if (at == LONG_PAUSE_AFTER) {
          page.clock().fastForward("03:00");
          // Somebody is there, or nothing more would be recorded.
          page.locator("p#tick").click();
          page.clock().runFor(1_000);
          page.clock().fastForward("02:30");
        }
        page.evaluate(
            "(mark) => { document.querySelector('h1').textContent = mark; }", MARKS.get(at));
        page.clock().runFor(1_000);
        page.evaluate("() => observer.flush()");
      }
    }
    return Optional.ofNullable(lost.get());
  }

  private static JsonNode bodyOf(Route route) {
    byte[] body = route.request().postDataBuffer();
    try {
      boolean isGzip = body[0] == 0x1f && (body[1] & 0xff) == 0x8b;
      return MAPPER.readTree(isGzip ? Reading.gunzip(body) : body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean hasSnapshot(JsonNode batch) {
    return Packed.events(batch).stream()
        .anyMatch(event -> event.path("type").asInt() == FULL_SNAPSHOT);
  }

  /** From the start into the long pause, over it, and on to the end, without stopping. */
  private static void playToTheEnd(Page page) {
    page.getByLabel("Speed").selectOption("8");
    page.locator(".control-play").click();
    page.waitForFunction("() => document.querySelector('.track input').valueAsNumber > 8000");
    page.evaluate(
        """
        () => {
          const position = document.querySelector(".track input");
          position.value = Number(position.max) - 4000;
          position.dispatchEvent(new Event("input", { bubbles: true }));
        }
        """);
    assertThat(page.locator(".control-play")).hasAttribute("aria-label", "Pause");
    assertThat(page.locator(".control-play"))
        .hasAttribute(
            "aria-label", "Play", new LocatorAssertions.HasAttributeOptions().setTimeout(60_000));
    page.waitForFunction(
        "() => { const at = document.querySelector('.track input');"
            + " return at.valueAsNumber >= Number(at.max) - 100; }");
  }

  private static String heading(Page page) {
    return String.valueOf(
        page.evaluate(
            "() => document.querySelector('.stage iframe').contentDocument"
                + ".querySelector('h1')?.innerText"));
  }
}
