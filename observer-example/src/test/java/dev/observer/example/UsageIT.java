package dev.observer.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the script says of how a page is used and how fast it is, as the server has it. */
@WithChromium
final class UsageIT {
  @Test
  void visit_saysHowFastThePageWas_andHowItWasUsed(@TempDir Path data, Browser browser)
      throws Exception {
    try (Pages pages =
            Pages.open(data)
                .with("/tall", "<h1>Tall</h1><button>Work</button><div id='space'></div>" + SCRIPT)
                .with("/page.js", WORK);
        BrowserContext context = browser.newContext()) {
      Page page = pages.visit(context, "/tall?utm_source=news&token=secret");
      BrowserLog log = BrowserLog.of(page);
      page.waitForFunction(
          "() => performance.getEntriesByType('resource').some("
              + "(one) => one.name.includes('/vitals-'))");
      page.getByText("Work").click();
      page.waitForFunction("() => window.worked");
      page.evaluate("() => scrollTo(0, document.documentElement.scrollHeight / 2)");
      page.waitForFunction("() => scrollY > 0");
      page.evaluate(TWO_FRAMES);
      page.navigate("about:blank");

      JsonNode left = pages.ownEvents("page_leave", 1).get(0);
      JsonNode used = left.path("properties");
      assertTrue(used.path("engaged_ms").asInt() > 0, left::toPrettyString);
      double depth = used.path("scroll_depth").asDouble();
      assertTrue(depth > 0.4 && depth < 1, left::toPrettyString);

      List<JsonNode> vitals = pages.ownEvents("web_vital", 5);
      Set<String> metrics = new TreeSet<>();
      for (JsonNode vital : vitals) {
        metrics.add(vital.at("/properties/metric").asText());
        assertTrue(vital.path("url").asText().contains("/tall"), vital::toPrettyString);
      }
      assertEquals(Set.of("CLS", "FCP", "INP", "LCP", "TTFB"), metrics);
      JsonNode inp = vital(vitals, "INP");
      assertEquals("body > button", inp.path("target").asText(), inp::toPrettyString);
      // The press waits for the paint behind the click, in whose handler the time goes.
      double waited = inp.path("processing_ms").asDouble() + inp.path("presentation_ms").asDouble();
      assertTrue(waited >= 100, inp::toPrettyString);
      assertFalse(vital(vitals, "LCP").path("target").asText().isEmpty(), vitals::toString);

      JsonNode tasks = pages.ownEvents("long_tasks", 1).get(0).path("properties");
      assertTrue(tasks.path("longest_ms").asInt() >= 100, tasks::toPrettyString);
      assertEquals("/page.js", tasks.path("script").asText(), tasks::toPrettyString);

      JsonNode view = pages.records("event", "the view", found -> !found.isEmpty()).get(0);
      assertEquals("page_view", view.path("event_type").asText());
      assertEquals("news", view.at("/properties/utm_source").asText(), view::toPrettyString);
      assertFalse(view.path("properties").toString().contains("secret"), view::toPrettyString);
      for (JsonNode event : vitals) {
        assertEquals(
            view.path("event_id").asText(),
            event.at("/properties/page_view_id").asText(),
            event::toPrettyString);
      }
      assertEquals(0, pages.reading().onlySession().path("custom_events").asInt());
      assertEquals(List.of(), log.complaints());
    }
  }

  @Test
  void autocapture_saysWhatWasClicked_andWhatDidNotAnswer(@TempDir Path data, Browser browser)
      throws Exception {
    try (Pages pages =
            Pages.open(data).with("/shop", "data-autocapture='true'", SHOP).with("/page.js", FORM);
        BrowserContext context = browser.newContext()) {
      Page page = pages.visit(context, "/shop");
      BrowserLog log = BrowserLog.of(page);
      page.waitForFunction(
          "() => performance.getEntriesByType('resource').some("
              + "(one) => one.name.includes('/autocapture-') && one.responseEnd > 0)");
      page.evaluate(TWO_FRAMES);
      page.getByText("Secret offer").click();
      page.getByText("Count").click();
      page.getByText("Count").click();
      page.getByText("Count").click();
      page.getByText("Send").click();
      page.getByText("Elsewhere").click();
      page.getByText("Price list").click();
      page.getByText("Broken").click();
      page.getByText("Broken").click();
      page.getByText("Broken").click();
      pages.ownEvents("dead_click", 1);
      page.navigate("about:blank");

      pages.ownEvents("click", 8);
      assertEquals(
          List.of("body > p > a.offer", "button#count", "button#count", "button#count").toString(),
          targets(pages, "click").subList(0, 4).toString());
      assertEquals(List.of("button#broken"), targets(pages, "rage_click"));
      assertEquals(List.of("button#broken"), targets(pages, "dead_click"));
      assertEquals(List.of("form#f"), targets(pages, "form_submit"));
      JsonNode outbound = pages.ownEvents("outbound_link", 1).get(0).path("properties");
      assertEquals("http://elsewhere.invalid/x", outbound.path("url").asText());
      JsonNode download = pages.ownEvents("download", 1).get(0).path("properties");
      assertEquals("/prices.pdf", download.path("url").asText());
      String all =
          pages.reading().ownEvents("click").toString()
              + pages.reading().ownEvents("form_submit")
              + outbound
              + download;
      for (String secret : List.of("Secret offer", "token", "typed words")) {
        assertFalse(all.contains(secret), secret);
      }
      assertEquals(List.of(), log.complaints());
    }
  }

  @Test
  void requests_carryTheTraceOfTheirPage_andItsErrorsToo(@TempDir Path data, Browser browser)
      throws Exception {
    try (Pages pages =
            Pages.open(data).with("/", "<h1>Home</h1>" + SCRIPT).with("/page.js", REQUESTS);
        Pages other = Pages.open(data.resolve("other"));
        BrowserContext context = browser.newContext()) {
      Page page = pages.visit(context, "/");
      page.waitForFunction(
          "() => performance.getEntriesByType('resource').some("
              + "(one) => one.name.includes('/vitals-'))");
      page.evaluate("(other) => ask(other)", other.uri("/elsewhere").toString());
      page.navigate("about:blank");

      List<JsonNode> errors = pages.records("error", "the error", found -> found.size() == 1);
      String trace = errors.get(0).path("trace_id").asText();
      assertTrue(trace.matches("[0-9a-f]{32}"), errors::toString);
      Set<String> spans = new TreeSet<>();
      for (String path : List.of("/by-fetch", "/by-request", "/by-xhr")) {
        List<Pages.Asked> asked = pages.asked(path);
        assertEquals(1, asked.size(), path);
        String traceparent = asked.get(0).traceparent();
        assertTrue(traceparent.matches("00-" + trace + "-[0-9a-f]{16}-01"), traceparent);
        spans.add(traceparent);
      }
      assertEquals(3, spans.size(), spans::toString);
      assertEquals("theirs", pages.asked("/their-own").get(0).traceparent());
      List<String> crumbs =
          errors.get(0).findValues("message").stream().map(JsonNode::asText).toList();
      assertTrue(crumbs.contains("GET /by-xhr 404"), crumbs::toString);
      JsonNode view = pages.records("event", "the view", found -> !found.isEmpty()).get(0);
      assertEquals(trace, view.path("trace_id").asText());
      assertEquals(
          List.of(),
          other.asked("/elsewhere").stream()
              .filter(asked -> !asked.traceparent().isEmpty())
              .toList());
    }
  }

  private static List<String> targets(Pages pages, String name) throws Exception {
    return pages.ownEvents(name, 1).stream()
        .map(event -> event.at("/properties/target").asText())
        .toList();
  }

  private static JsonNode vital(List<JsonNode> vitals, String metric) {
    return vitals.stream()
        .map(vital -> vital.path("properties"))
        .filter(vital -> vital.path("metric").asText().equals(metric))
        .collect(Collectors.toList())
        .get(0);
  }

  private static final String TWO_FRAMES =
      "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";
  private static final String SCRIPT = "<script src='/page.js'></script>";
  private static final String WORK =
      """
      document.querySelector("#space").style.height = "4000px";
      document.querySelector("button").addEventListener("click", function work() {
        const end = performance.now() + 150;
        while (performance.now() < end);
        requestAnimationFrame(() => setTimeout(() => { window.worked = true; }));
      });
      """;
  private static final String SHOP =
      """
      <p><a class="offer" href="#offer">Secret offer</a></p>
      <button id="count">Count</button> <output>0</output>
      <form id="f" action="/send?token=1"><input value="typed words"><button>Send</button></form>
      <a id="out" href="http://elsewhere.invalid/x?token=1">Elsewhere</a>
      <a href="/prices.pdf?token=1">Price list</a>
      <button id="broken">Broken</button>
      <script src="/page.js"></script>
      """;
  private static final String FORM =
      """
      const out = document.querySelector("output");
      document.querySelector("#count").addEventListener("click", () => out.value++);
      addEventListener("submit", (event) => event.preventDefault());
      addEventListener("click", (event) => {
        const link = event.target.closest("a[href^=http], a[href^='/']");
        if (link) { event.preventDefault(); out.value = "left"; }
      });
      """;
  private static final String REQUESTS =
      """
      async function ask(other) {
        await fetch("/by-fetch", { headers: { "X-Mine": "1" } });
        await fetch(new Request("/by-request"));
        await fetch("/their-own", { headers: { traceparent: "theirs" } });
        await fetch(other).catch(() => {});
        await new Promise((done) => {
          const request = new XMLHttpRequest();
          request.open("GET", "/by-xhr");
          request.onloadend = done;
          request.send();
        });
        setTimeout(() => { throw new Error("after the requests"); });
        await new Promise((done) => setTimeout(done, 50));
      }
      """;
}
