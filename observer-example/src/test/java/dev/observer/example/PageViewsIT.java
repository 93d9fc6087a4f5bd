package dev.observer.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Page views are counted as a person would count them. */
@WithChromium
final class PageViewsIT {
  private static final String SCRIPT = "<script src='/page.js'></script>";
  private static final String TASK = "() => new Promise((done) => setTimeout(done, 20))";

  @Test
  void historyThatAnotherLibraryPatchesToo_countsEachPageOnce(@TempDir Path data, Browser browser)
      throws Exception {
    try (Pages pages =
            Pages.open(data).with("/", "<h1>Home</h1>" + SCRIPT).with("/page.js", PATCHES);
        BrowserContext context = browser.newContext()) {
      Page page = pages.visit(context, "/");
      page.evaluate(TASK);
      for (String step :
          List.of(
              "history.pushState(null, '', '/a')",
              "history.pushState(null, '', '/a')",
              "history.replaceState({scroll: 1}, '')",
              "history.pushState(null, '', '/old'); history.replaceState(null, '', '/new')",
              "history.replaceState(null, '', '?filter=x')",
              "location.hash = '#details'",
              "location.hash = '#/cart'")) {
        page.evaluate("() => { " + step + " }");
        page.evaluate(TASK);
      }
      page.evaluate("() => history.back()");
      page.waitForFunction("() => location.hash === '#details'");
      page.navigate("about:blank");

      assertEquals(
          List.of("/", "/a", "/new", "/new?filter=x#/cart", "/new?filter=x#details"),
          viewed(pages, 5));
    }
  }

  @Test
  void scriptTwiceOnAPage_countsOnce(@TempDir Path data, Browser browser) throws Exception {
    try (Pages pages =
            Pages.open(data)
                .with("/", "<script src='/api/observer/client.js'></script>" + SCRIPT)
                .with("/page.js", "window.first = window.observer;");
        BrowserContext context = browser.newContext()) {
      Page page = pages.visit(context, "/");
      page.evaluate("() => { window.observer.track('once'); }");
      page.evaluate("() => { setTimeout(() => { throw new Error('once'); }); }");
      page.evaluate(TASK);
      page.navigate("about:blank");
      pages.records("error", "one error", found -> found.size() == 1);
      assertEquals(2, pages.records("event", "a view and an event", e -> e.size() >= 2).size());
    }
  }

  @Test
  void pageLoadedAhead_isNothingUntilItIsShown(@TempDir Path data, @TempDir Path profile)
      throws Exception {
    try (Pages pages =
            Pages.open(data)
                .with("/", "<h1>Home</h1>" + RULES + SCRIPT)
                .with("/page.js", "setInterval(() => window.observer.track('tick'), 200);")
                .with("/ahead", "<h1>Ahead</h1><script src='/ahead.js'></script>")
                .with("/ahead.js", RUNS_AHEAD);
        Undriven browser = Undriven.open(pages.uri("/"), profile)) {
      Eventually.get("the page ahead ran", () -> pages.asked("/ran-ahead").size(), n -> n >= 1);
      int before = pages.reading().records("event").size();
      pages.records("event", "more events of the page", events -> events.size() >= before + 15);
      assertEquals(List.of("/"), viewed(pages, 1));
      assertEquals(List.of(), pages.reading().records("error"));
      assertEquals(
          0,
          pages.records("event", "", events -> true).stream()
              .filter(event -> event.path("event_name").asText().equals("ahead"))
              .count());
    }
  }

  @Test
  void pageThatComesBackFromTheCache_isViewedAgain(@TempDir Path data, @TempDir Path profile)
      throws Exception {
    try (Pages pages =
            Pages.open(data)
                .with("/", "<h1>Home</h1>" + SCRIPT)
                .with("/page.js", LEAVES_ONCE)
                .with("/away", "<h1>Away</h1><script src='/away.js'></script>")
                .with("/away.js", "setTimeout(() => history.back(), 500);");
        Undriven browser = Undriven.open(pages.uri("/"), profile)) {
      Eventually.get("the page came back", () -> pages.asked("/came-back").size(), n -> n >= 1);
      assertEquals(List.of("/", "/away", "/"), viewed(pages, 3));
      pages.records(
          "event",
          "an event after it came back",
          events -> events.stream().anyMatch(e -> e.path("event_name").asText().equals("back")));
      assertEquals(1, pages.asked("/").size(), "the page was loaded again instead");
    }
  }

  /** A browser that nobody drives: one that is driven loads nothing ahead and caches no page. */
  private record Undriven(Process process) implements AutoCloseable {
    static Undriven open(URI address, Path profile) throws IOException {
      List<String> command = new ArrayList<>();
      command.add(ChromiumExtension.executable().orElseThrow().toString());
      command.addAll(ChromiumExtension.ARGUMENTS);
      command.remove("--disable-background-networking");
      command.addAll(
          List.of("--remote-debugging-port=0", "--user-data-dir=" + profile, address.toString()));
      return new Undriven(
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start());
    }

    @Override
    public void close() throws InterruptedException {
      List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
      all.add(0, process.toHandle());
      all.forEach(ProcessHandle::destroyForcibly);
      process.waitFor(10, TimeUnit.SECONDS);
    }
  }

  private static List<String> viewed(Pages pages, int atLeast) throws Exception {
    List<JsonNode> views =
        pages.records(
            "event",
            atLeast + " page views",
            events -> events.stream().filter(PageViewsIT::isView).count() >= atLeast);
    String root = pages.uri("").toString();
    assertTrue(views.stream().allMatch(view -> view.path("url").asText().startsWith(root)));
    return views.stream()
        .filter(PageViewsIT::isView)
        .map(view -> view.path("url").asText().substring(root.length()))
        .toList();
  }

  private static boolean isView(JsonNode event) {
    return event.path("event_type").asText().equals("page_view");
  }

  /** As routers and other trackers do: on the object, over whatever is there. */
  private static final String PATCHES =
      """
      for (const name of ["pushState", "replaceState"]) {
        const original = history[name];
        history[name] = function (...args) {
          dispatchEvent(new Event("locationwillchange"));
          return original.apply(this, args);
        };
      }
      """;

  private static final String RULES =
      """
      <script type="speculationrules">
        {"prerender": [{"source": "list", "urls": ["/ahead"], "eagerness": "immediate"}]}
      </script>
      """;
  private static final String RUNS_AHEAD =
      """
      window.observer.track("ahead");
      window.observer.captureException(new Error("ahead"));
      if (document.prerendering) fetch("/ran-ahead");
      """;
  private static final String LEAVES_ONCE =
      """
      addEventListener("pageshow", (event) => {
        if (event.persisted) {
          window.observer.track("back");
          fetch("/came-back");
        } else {
          setTimeout(() => { location.href = "/away"; }, 1000);
        }
      });
      """;
}
