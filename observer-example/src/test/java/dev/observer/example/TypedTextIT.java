package dev.observer.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A page that repeats what is typed in some fifty places, and what of it a server gets. */
@WithChromium
final class TypedTextIT {
  /**
   * Letters that make no words, and characters that addresses, JSON and CSS write otherwise. None
   * is a short word in lower case, which is left alone in names of classes.
   */
  private static final List<String> TYPED =
      List.of("Zqvxy Wkjhqf", "Kwyqh & \"jxqzv\" 'vqkzw'", "Wqzjkö/vxqkj?yqzwk=xvjqz");

  @Test
  void nothingTyped_isInWhatAServerGot_howeverThePageRepeatsIt(@TempDir Path data, Browser browser)
      throws Exception {
    try (RecordedSite site = RecordedSite.open(data);
        BrowserContext context = browser.newContext()) {
      String recorded = typeEverywhere(site, context, "typing.html");

      assertTrue(recorded.contains("Authored headline"), "it is a recording of the page");
      assertTrue(recorded.contains("Authored frame"), "and of its frame");
      assertTrue(recorded.contains("You wrote: ****"), "in which the text was repeated");
      assertEquals(List.of(), found(recorded, "replay"));
      for (String kind : List.of("event", "error", "replay")) {
        assertEquals(List.of(), found(site.reading().records(kind).toString(), kind));
      }
    }
  }

  /** Or the test above could not fail. */
  @Test
  void whatIsMarkedToBeShown_isThere(@TempDir Path data, Browser browser) throws Exception {
    try (RecordedSite site = RecordedSite.open(data);
        BrowserContext context = browser.newContext()) {
      String recorded = typeEverywhere(site, context, "typing.html?marks=data-observer-unmask");
      assertTrue(recorded.contains(TYPED.get(0)), "typed and repeated");
    }
  }

  private static String typeEverywhere(RecordedSite site, BrowserContext context, String path)
      throws Exception {
    Page page = site.visit(context, path);
    assertTrue((Integer) page.evaluate("() => placesOfText") >= 30);
    page.locator("#source").pressSequentially(TYPED.get(0));
    page.locator("#note").pressSequentially(TYPED.get(1));
    page.locator("#editor").pressSequentially(TYPED.get(2));
    page.locator("#secret").pressSequentially(TYPED.get(0));
    page.frameLocator("#frame").locator("#inside").pressSequentially(TYPED.get(1));
    assertEquals(List.of(), page.evaluate("() => failures"));
    // As changes until here, and all of it once more as one snapshot.
    page.evaluate(
        "() => { observer.sessionReplay.stop(); observer.sessionReplay.start(); return observer.flush(); }");
    Reading reading = site.reading();
    JsonNode session =
        Eventually.get(
            "two recordings", reading::onlySession, found -> found.path("recordings").size() == 2);
    page.evaluate("() => observer.flush()");
    page.close();
    Eventually.get("delivery", reading::delivered, delivered -> delivered);
    return reading.recorded(reading.json("/sessions/" + session.path("session_id").asText()));
  }

  private static List<String> found(String text, String where) {
    String lower = text.toLowerCase(Locale.ROOT);
    return traces().stream()
        .filter(lower::contains)
        .map(
            trace -> {
              int at = lower.indexOf(trace);
              int from = Math.max(0, at - 60);
              return where + ": …" + text.substring(from, Math.min(text.length(), at + 40));
            })
        .toList();
  }

  /** Runs of letters, down to four. */
  private static Set<String> traces() {
    Set<String> traces = new TreeSet<>();
    for (String typed : TYPED) {
      for (String word : typed.toLowerCase(Locale.ROOT).split("[^a-z]+", -1)) {
        for (int at = 0; at + 4 <= word.length(); at++) {
          traces.add(word.substring(at, at + 4));
        }
      }
    }
    return traces;
  }
}
