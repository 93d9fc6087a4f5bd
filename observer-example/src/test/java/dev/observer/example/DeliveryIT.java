package dev.observer.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import dev.observer.Observer;
import dev.observer.config.ObserverConfig;
import dev.observer.example.Site.Gate;
import dev.observer.example.Site.Sent;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a browser captured arrives once, whatever happens in between. */
@WithChromium
final class DeliveryIT {
  private static final String TRACK = "(name) => window.observer.track(name)";
  private static final String FAIL =
      "(message) => window.observer.captureException(new Error(message))";

  /** How many entries are on disk. */
  private static final String KEPT =
      """
      () => new Promise((resolve, reject) => {
        const opening = indexedDB.open("@observer/client");
        opening.onupgradeneeded = () => opening.transaction.abort();
        opening.onerror = () => resolve(0);
        opening.onsuccess = () => {
          const db = opening.result;
          const all = db.transaction("queue").objectStore("queue").getAll();
          // Without what the SDK reports of its own accord, when the page has loaded.
          const kept = () => all.result.filter(({ json }) => !json.includes('"observer.'));
          all.onsuccess = () => { db.close(); resolve(kept().length); };
          all.onerror = reject;
        };
      })
      """;

  private Site site;

  @BeforeEach
  void open(@TempDir Path data) {
    site = Site.open(Shops.config(data));
  }

  @AfterEach
  void close() {
    site.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = Gate.class,
      names = {"REFUSED", "UNAVAILABLE", "HANGING", "ANSWER_LOST"})
  void whatAVisitCouldNotDeliver_arrivesOnceWithTheNext(Gate gate, Browser browser)
      throws Exception {
    try (BrowserContext context = browser.newContext()) {
      site.attributes("data-replay=\"always\"");
      site.gate(gate);
      Page first = site.visit(context);
      first.evaluate(TRACK, "first visit");
      first.evaluate(FAIL, "first visit");
      awaitKept(first, kept -> kept >= 4);
      leave(first);
      site.attributes("");
      site.gate(Gate.OPEN);
      Page second = site.visit(context);
      second.evaluate(TRACK, "second visit");

      assertArrived(
          List.of("first visit", "page_view", "page_view", "second visit"), "first visit");
      JsonNode session = Shops.sessionOf(site.reading(), 2, 2, 1, "A page without a framework");
      JsonNode recordings = session.path("recordings");
      assertEquals(1, recordings.size(), session::toPrettyString);
      assertEquals("[]", recordings.get(0).path("missing").toString());
      awaitKept(second, kept -> kept == 0);
      assertEquals("{}", second.evaluate("() => JSON.stringify(window.observer.drops())"));
    }
  }

  @Test
  void serverThatRefusedConnections_getsEverythingWhenItIsThere(
      @TempDir Path elsewhere, Browser browser) throws Exception {
    int port = freePort();
    site.attributes("data-endpoint=\"http://127.0.0.1:" + port + "/api/observer\"");
    try (BrowserContext context = browser.newContext()) {
      Page first = site.visit(context);
      first.evaluate(TRACK, "nobody listens");
      first.evaluate("() => window.observer.flush()");
      leave(first);
      String origin = site.uri("").toString().replaceAll("/$", "");
      ObserverConfig config =
          ObserverConfig.builder()
              .environmentVariables(Map.of())
              .serviceName("late")
              .dataDir(elsewhere)
              .http(http -> http.port(port))
              .allowedOrigins(origin)
              .build();
      try (Observer late = Observer.start(config)) {
        site.visit(context);
        Reading reading = Reading.of(URI.create("http://127.0.0.1:" + port + "/"), late);
        Eventually.get("all events", () -> names(reading), names -> names.size() >= 3);
        Eventually.get("delivery", reading::delivered, delivered -> delivered);
        assertEquals(List.of("nobody listens", "page_view", "page_view"), names(reading));
      }
    }
  }

  @Test
  void retryAfter_isObeyed(Browser browser) throws Exception {
    try (BrowserContext context = browser.newContext()) {
      site.gate(Gate.UNAVAILABLE);
      Page page = site.visit(context);
      page.evaluate(FAIL, "once");
      Eventually.get("a second attempt", () -> site.sent("/errors"), sent -> sent.size() >= 2);
      List<Sent> attempts = site.sent("/errors");
      long between = attempts.get(1).nanos() - attempts.get(0).nanos();
      assertTrue(
          between >= Duration.ofSeconds(Site.RETRY_AFTER_SECONDS).toNanos(),
          () -> "came back after " + Duration.ofNanos(between));
      site.gate(Gate.OPEN);
      assertArrived(List.of("page_view"), "once");
    }
  }

  @Test
  void pageThatStartsOffline_deliversWhenItIsOnline(Browser browser) throws Exception {
    try (BrowserContext context = browser.newContext()) {
      Page page = site.visit(context);
      String script =
          (String) page.evaluate("async () => (await fetch('/api/observer/client.js')).text()");
      String html = (String) page.evaluate("async () => (await fetch('/hello')).text()");
      leave(page);
      Eventually.get("the page view", () -> names().size(), size -> size == 1);
      // As a service worker of the page would answer.
      context.route(
          "**/hello",
          route ->
              route.fulfill(new Route.FulfillOptions().setContentType("text/html").setBody(html)));
      context.route(
          "**/client.js",
          route ->
              route.fulfill(
                  new Route.FulfillOptions().setContentType("text/javascript").setBody(script)));
      context.setOffline(true);
      Page offline = site.visit(context);
      offline.evaluate(TRACK, "in the tunnel");
      awaitKept(offline, kept -> kept >= 2);
      context.setOffline(false);
      assertArrived(List.of("in the tunnel", "page_view", "page_view"));
    }
  }

  @Test
  void twoTabsThatCloseAtTheSameTime_loseNothing(Browser browser) throws Exception {
    for (Gate gate : List.of(Gate.OPEN, Gate.REFUSED)) {
      try (BrowserContext context = browser.newContext()) {
        site.gate(gate);
        Page one = site.visit(context);
        Page other = site.visit(context);
        one.evaluate(TRACK, gate + " one");
        other.evaluate(TRACK, gate + " other");
        if (gate != Gate.OPEN) {
          // A page that is closed before the browser has made the database keeps nothing.
          awaitKept(other, kept -> kept == 4);
        }
        one.close(new Page.CloseOptions().setRunBeforeUnload(true));
        other.close(new Page.CloseOptions().setRunBeforeUnload(true));
        site.gate(Gate.OPEN);
        awaitKept(site.visit(context), kept -> kept == 0);
      }
    }
    List<String> expected = new ArrayList<>(Collections.nCopies(6, "page_view"));
    expected.addAll(List.of("OPEN one", "OPEN other", "REFUSED one", "REFUSED other"));
    assertArrived(expected);
  }

  @Test
  void oneTab_sendsWhatAllHave(Browser browser) throws Exception {
    try (BrowserContext context = browser.newContext()) {
      site.gate(Gate.REFUSED);
      List<Page> pages = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Page page = site.visit(context);
        page.evaluate(TRACK, "tab " + i);
        pages.add(page);
        // It has the turns of the tabs.
        Shops.awaitChunk(page, "activity");
      }
      awaitKept(pages.get(2), kept -> kept == 6);
      site.gate(Gate.OPEN);
      int before = site.sent("/events").size();
      pages.get(1).evaluate("() => window.observer.flush()");
      assertArrived(List.of("page_view", "page_view", "page_view", "tab 0", "tab 1", "tab 2"));
      for (Page page : pages) {
        page.evaluate("() => window.observer.flush()");
      }
      // A batch for each context there is: a session and a visitor, but windows may differ.
      assertEquals(before + 1, site.sent("/events").size());
    }
  }

  /** Ways in which a browser keeps nothing. */
  enum Storage {
    BLOCKED(
        """
        for (const name of ["indexedDB", "localStorage", "sessionStorage"]) {
          Object.defineProperty(window, name, {
            get() { throw new DOMException("The operation is insecure.", "SecurityError"); },
          });
        }
        """),
    MISSING("Object.defineProperty(window, 'indexedDB', { value: undefined });"),
    FULL(
        """
        IDBObjectStore.prototype.put = () => {
          throw new DOMException("", "QuotaExceededError");
        };
        Storage.prototype.setItem = IDBObjectStore.prototype.put;
        """),
    HANGING("IDBFactory.prototype.open = () => ({});"),
    /** A database of this name that somebody else made. */
    FOREIGN(
        """
        const { open } = IDBFactory.prototype;
        IDBFactory.prototype.open = function (name, version) {
          return open.call(this, name + " of another", version + 0);
        };
        IDBDatabase.prototype.createObjectStore = () => {};
        """);

    private final String script;

    Storage(String script) {
      this.script = script;
    }
  }

  @ParameterizedTest
  @EnumSource(Storage.class)
  void withoutStorage_memoryServes_andThatIsTold(Storage storage, Browser browser)
      throws Exception {
    try (BrowserContext context = browser.newContext()) {
      context.addInitScript(storage.script);
      site.gate(Gate.REFUSED);
      Page page = site.visit(context);
      BrowserLog log = BrowserLog.of(page);
      page.evaluate(TRACK, "kept in memory");
      page.evaluate(FAIL, "kept in memory");
      Eventually.get("attempts", () -> site.sent("/errors").size(), size -> size >= 1);
      site.gate(Gate.OPEN);
      assertArrived(List.of("kept in memory", "page_view"), "kept in memory");
      page.evaluate("() => { window.observer.track('later'); return window.observer.flush(); }");
      assertEquals(
          "{\"storage_failed/event\":1}",
          site.reading().json("/health").get("client_losses").toString());
      assertEquals(List.of(), log.uncaught());
    }
  }

  @ParameterizedTest
  @EnumSource(ClockChange.class)
  void wrongClock_doesNotChangeWhenThingsHappened(ClockChange change, Browser browser)
      throws Exception {
    try (BrowserContext context = browser.newContext()) {
      site.gate(Gate.REFUSED);
      Instant before = Instant.now();
      Page first = visitAt(context, change.first);
      first.evaluate(TRACK, "early");
      awaitKept(first, kept -> kept >= 2);
      Instant after = Instant.now();
      leave(first);
      site.gate(Gate.OPEN);
      Page second = visitAt(context, change.second);
      second.evaluate(TRACK, "late");
      assertArrived(List.of("early", "late", "page_view", "page_view"));
      for (JsonNode event : site.reading().records("event")) {
        Instant time = Instant.parse(event.path("timestamp").asText());
        boolean early = event.path("event_name").asText().equals("early");
        Instant latest = early && change.first <= change.second ? after : Instant.now();
        assertTrue(
            !time.isBefore(before.minusSeconds(1)) && !time.isAfter(latest.plusSeconds(1)),
            () -> before + " to " + latest + ": " + event.toPrettyString());
      }
    }
  }

  /** Days by which the clock of a visit and that of the next are ahead. */
  enum ClockChange {
    BEHIND(-2, -2),
    AHEAD(2, 2),
    /** The wait is then not known; but what came from the future is not refused. */
    SET_RIGHT(2, 0);

    private final int first;
    private final int second;

    ClockChange(int first, int second) {
      this.first = first;
      this.second = second;
    }
  }

  private Page visitAt(BrowserContext context, int daysAhead) {
    Page page = context.newPage();
    page.addInitScript(
        """
        const ahead = %d * 24 * 60 * 60 * 1000;
        const now = Date.now;
        globalThis.Date = class extends Date {
          constructor(...parts) {
            if (parts.length > 0) super(...parts);
            else super(now() + ahead);
          }
          static now() { return now() + ahead; }
        };
        """
            .formatted(daysAhead));
    page.navigate(site.uri("hello").toString());
    page.waitForFunction("() => window.observer !== undefined");
    return page;
  }

  @Test
  void optOut_inOneTab_stopsAll_andClearsWhatIsKept(Browser browser) throws Exception {
    try (BrowserContext context = browser.newContext()) {
      site.gate(Gate.REFUSED);
      Page one = site.visit(context);
      Page other = site.visit(context);
      other.evaluate(TRACK, "before");
      awaitKept(other, kept -> kept >= 3);
      one.evaluate("() => window.observer.optOut()");
      site.gate(Gate.OPEN);
      int attempts = site.sent("/events").size();
      for (Page page : List.of(one, other)) {
        page.evaluate(TRACK, "after");
        page.evaluate("() => window.observer.flush()");
        assertEquals(0, page.evaluate(KEPT));
        assertEquals(
            "{\"observer.consent\":\"out\"}", page.evaluate("() => JSON.stringify(localStorage)"));
        leave(page);
      }
      Page next = site.visit(context);
      next.evaluate("() => window.observer.flush()");
      assertEquals(attempts, site.sent("/events").size());
      next.evaluate("() => { window.observer.optIn(); window.observer.track('again'); }");
      assertArrived(List.of("again", "page_view"));
    }
  }

  /** Waits until so many entries are on the browser's disk. */
  static void awaitKept(Page page, IntPredicate expected) throws Exception {
    Eventually.get("entries on disk", () -> (int) page.evaluate(KEPT), expected::test);
  }

  /** The page is gone, and whatever it could still do it has done. */
  private static void leave(Page page) {
    page.navigate("about:blank");
    page.close();
  }

  private List<String> names() throws Exception {
    return names(site.reading());
  }

  private static List<String> names(Reading reading) throws Exception {
    return reading.records("event").stream()
        .map(event -> event.path("event_name").asText(event.path("event_type").asText()))
        .sorted()
        .toList();
  }

  /** All events, by name and sorted, and all errors, by message; each once. */
  private void assertArrived(List<String> events, String... errors) throws Exception {
    List<String> expected = events.stream().sorted().toList();
    Eventually.get("events " + expected, this::names, names -> names.size() >= expected.size());
    Eventually.get(
        "errors", () -> site.reading().records("error"), found -> found.size() >= errors.length);
    Eventually.get("delivery", site.reading()::delivered, delivered -> delivered);
    assertEquals(expected, names());
    assertEquals(
        List.of(errors),
        site.reading().records("error").stream()
            .map(error -> error.path("message").asText())
            .toList());
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
