package dev.observer.example;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is thrown, and however often, is in the server once and bounded. */
@WithChromium
final class ErrorsIT {
  private static final String SCRIPT = "<script src='/page.js'></script>";

  @Test
  void whateverIsThrown_arrivesOnce(@TempDir Path data, Browser browser) throws Exception {
    try (Pages pages =
            Pages.open(data).with("/", "<h1>Home</h1>" + SCRIPT).with("/page.js", THROWS);
        BrowserContext context = browser.newContext()) {
      Page page = pages.visit(context, "/");
      page.waitForFunction("() => window.thrown");
      page.navigate("about:blank");

      List<JsonNode> errors = pages.records("error", "the errors", found -> found.size() >= 9);
      Map<String, JsonNode> byMessage = new TreeMap<>();
      for (JsonNode error : errors) {
        String message = error.path("message").asText();
        byMessage.put(message.substring(0, Math.min(20, message.length())), error);
      }
      assertEquals(
          List.of(
              "a word",
              "again and again",
              "all of it",
              "cyclic",
              "frozen",
              "hostile",
              "rejected",
              "xxxxxxxxxxxxxxxxxxxx",
              "{\"code\":7}"),
          List.copyOf(byMessage.keySet()));
      assertEquals(9, errors.size(), errors::toString);
      assertEquals("string", requireNonNull(byMessage.get("a word")).path("error_type").asText());
      assertEquals(2, requireNonNull(byMessage.get("all of it")).path("causes").size());
      assertEquals(1, requireNonNull(byMessage.get("cyclic")).path("causes").size());
      assertTrue(
          requireNonNull(byMessage.get("xxxxxxxxxxxxxxxxxxxx")).toString().length() < 100_000);
    }
  }

  @Test
  void stormOfErrors_isFewRecordsThatCountAllOfIt(@TempDir Path data, Browser browser)
      throws Exception {
    try (Pages pages =
            Pages.open(data).with("/", "<h1>Home</h1>" + SCRIPT).with("/page.js", STORM);
        BrowserContext context = browser.newContext()) {
      Page page = pages.visit(context, "/");
      page.waitForFunction(
          "() => performance.getEntriesByType('resource').some("
              + "(one) => one.name.includes('/vitals-'))");
      page.evaluate("() => { setTimeout(() => storm(1000)); }");
      page.waitForFunction("() => window.over");
      page.navigate("about:blank");

      List<JsonNode> errors =
          pages.records(
              "error",
              "a thousand errors",
              found -> found.stream().mapToInt(ErrorsIT::occurrences).sum() >= 1000);
      assertEquals(1000, errors.stream().mapToInt(ErrorsIT::occurrences).sum());
      assertTrue(errors.size() <= 12, errors::toString);
    }
  }

  @Test
  void filesThatAreGoneAfterADeploy_areMissedQuietly_andCounted(@TempDir Path data, Browser browser)
      throws Exception {
    try (Pages pages = Pages.open(data).with("/", "data-replay='always'", "<h1>Home</h1>");
        BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      BrowserLog log = BrowserLog.of(page);
      page.route(
          url -> url.matches(".*/api/observer/[a-z]+-.*\\.js.*"),
          route -> route.fulfill(new Route.FulfillOptions().setStatus(404)));
      page.navigate(pages.uri("/").toString());
      page.waitForFunction("() => window.observer.drops()['chunk_unavailable:event'] === 1");
      page.waitForFunction("() => window.observer.drops()['recorder_unavailable:replay'] === 1");
      page.evaluate("() => window.observer.track('goes on')");
      Eventually.get(
          "what was missed",
          () -> {
            page.evaluate("() => window.observer.track('goes on')");
            return pages.reading().json("/health").path("client_losses").toString();
          },
          losses -> losses.contains("chunk_unavailable") && losses.contains("recorder_unavail"));
      assertEquals(List.of(), log.uncaught());
      for (String complaint : log.complaints()) {
        assertTrue(complaint.startsWith("Failed to load resource"), complaint);
      }
    }
  }

  private static int occurrences(JsonNode error) {
    return error.at("/properties/occurrences").asInt(1);
  }

  private static final String THROWS =
      """
      const later = (act) => setTimeout(act);
      later(() => { throw "a word"; });
      later(() => { throw { code: 7 }; });
      later(() => {
        const error = new Error("cyclic");
        error.cause = new Error("inner", { cause: error });
        throw error;
      });
      later(() => { throw new AggregateError([new Error("one"), new TypeError("two")], "all of it"); });
      later(() => { throw Object.freeze(new Error("frozen")); });
      later(() => {
        const error = new Error("hostile");
        Object.defineProperty(error, "cause", { get() { throw new Error("trap"); } });
        throw error;
      });
      later(() => { throw new Error("x".repeat(1 << 20)); });
      later(() => Promise.reject(new Error("rejected")));
      later(() => {
        const error = new Error("again and again");
        window.observer.captureException(error);
        later(() => { throw error; });
        Promise.reject(error);
      });
      for (const tag of ["img", "script"]) {
        const element = document.createElement(tag);
        element.src = "/not-there." + tag;
        element.onerror = () => {};
        document.body.append(element);
      }
      setTimeout(() => { window.thrown = true; }, 300);
      """;
  private static final String STORM =
      """
      function storm(left) {
        if (left === 0) { window.over = true; return; }
        setTimeout(() => storm(left - 1));
        throw new Error("order " + left + " is gone");
      }
      """;
}
