package dev.observer.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pages that do to the browser's own objects what pages do. */
@WithChromium
final class HostilePageIT {
  /** What a page does before the script runs. */
  enum Deed {
    FREEZES_EVERYTHING(
        "",
        """
        for (const one of [
          Object, Array, Function, Promise, String, Number, Map, Set, WeakMap, WeakSet, Error, Date,
          RegExp, Request, Response, XMLHttpRequest, EventTarget, History, Storage, IDBFactory,
          IDBObjectStore, IDBKeyRange, Headers, URL, AbortController, TextEncoder,
        ]) {
          Object.freeze(one.prototype);
          Object.freeze(one);
        }
        for (const one of [console, history, JSON, Math, Reflect, navigator, performance, crypto]) {
          Object.freeze(one);
        }
        """),
    TEACHES_JSON_OLD_WAYS(
        "",
        """
        for (const { prototype } of [Array, Object, String, Number]) {
          prototype.toJSON = function () { return "[" + this + "]"; };
        }
        """),
    HAS_ANOTHER_BASE("<base href=\"https://cdn.example/assets/\">", ""),
    REPLACES_FETCH_LATER(
        "",
        """
        addEventListener("load", () => {
          window.fetch = () => { throw new Error("not for you"); };
        });
        """);

    private final String head;
    private final String script;

    Deed(String head, String script) {
      this.head = head;
      this.script = script;
    }
  }

  @ParameterizedTest
  @EnumSource(Deed.class)
  void whateverThePageDoes_whatHappensOnItArrives(Deed deed, @TempDir Path data, Browser browser)
      throws Exception {
    try (Site site = Site.open(Shops.config(data));
        BrowserContext context = browser.newContext()) {
      context.addInitScript(deed.script);
      site.head(deed.head);
      site.attributes("data-endpoint=\"/api/observer\" data-replay=\"always\"");
      Page page = context.newPage();
      BrowserLog log = BrowserLog.of(page);
      page.navigate(site.uri("hello").toString());
      page.waitForFunction("() => window.observer !== undefined");
      Shops.awaitRecorder(page);
      page.evaluate(
          """
          () => new Promise((resolve) => {
            window.observer.track("list", { list: [1, ["two"], { three: [4] }] });
            setTimeout(() => {
              resolve();
              throw new Error("of the page");
            });
          })
          """);
      page.navigate("about:blank");

      Reading reading = site.reading();
      Shops.sessionOf(reading, 1, 1, 1, "A page without a framework");
      List<JsonNode> events = reading.records("event");
      assertEquals(2, events.size());
      JsonNode list = events.get(events.get(0).has("event_name") ? 0 : 1).path("properties");
      assertEquals("{\"list\":[1,[\"two\"],{\"three\":[4]}]}", list.toString());
      JsonNode error = reading.records("error").get(0);
      assertEquals("of the page", error.path("message").asText());
      assertEquals(List.of("Error: of the page"), log.uncaught());
    }
  }

  /**
   * Nothing may be stored there, and its origin is none that a server allows. See docs/browser.md.
   */
  @Test
  void sandboxedFrame_isNotHarmed_andSaysWhatItCannot(@TempDir Path data, Browser browser)
      throws Exception {
    try (Site site = Site.open(Shops.config(data));
        BrowserContext context = browser.newContext()) {
      site.attributes("data-replay=\"always\" data-autocapture=\"true\"");
      Page page = context.newPage();
      BrowserLog log = BrowserLog.of(page);
      page.navigate(site.uri("hello").toString());
      page.evaluate(
          """
          () => new Promise((resolve) => {
            const frame = document.createElement("iframe");
            frame.sandbox = "allow-scripts";
            frame.src = "/frame";
            frame.onload = resolve;
            document.body.append(frame);
          })
          """);
      page.frames().get(1).waitForFunction("() => window.observer !== undefined");
      page.frames()
          .get(1)
          .evaluate(
              """
              async () => {
                window.observer.track("framed");
                window.observer.captureException(new Error("framed"));
                window.observer.identify("user");
                window.observer.reset();
                await window.observer.flush();
              }
              """);
      Eventually.get(
          "an attempt of the frame, refused", () -> site.sent("/events").size(), size -> size >= 2);
      page.frames()
          .get(1)
          .waitForFunction("() => window.observer.drops()['storage_failed:event'] === 1");
      page.frames().get(1).evaluate("() => window.observer.close()");
      assertEquals(List.of(), log.uncaught());
      assertEquals(List.of(), site.reading().records("error"));
    }
  }
}
