package dev.observer.example.traffic;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A visitor's browser tab with the shop in it, from the first page to the last: it reports what the
 * SDK would have reported. Belongs to one thread.
 */
final class Tab {
  private static final int MOST_CRUMBS = 30;
  private static final int RAGE_CLICKS = 3;
  private static final Duration AGAIN = Duration.ofMillis(250);

  private final String origin;
  private final Ingest ingest;
  private final Chance chance;
  private final Time time;
  private final Visitor visitor;
  private final Arrival arrival;
  private final String release;
  private final @Nullable String environment;
  private final boolean pairs;
  private final String session;
  private final Recording recording;
  private final List<Map<String, Object>> events = new ArrayList<>();
  private final List<Map<String, Object>> errors = new ArrayList<>();
  private final Deque<Map<String, Object>> crumbs = new ArrayDeque<>();

  private @Nullable View view;
  private @Nullable String user;

  /** A page view: what was shown, under which trace, and since when. */
  private record View(String id, String url, Page page, String trace, Instant since) {}

  /**
   * @param origin of the shop, without a slash at its end
   * @param environment null: the server's own
   * @param pairs whether the flag {@link ShopClient#PAIRS} is on here
   * @param scenes what the shop's pages look like to this visitor
   */
  Tab(
      String origin,
      Ingest ingest,
      Chance chance,
      Time time,
      Visitor visitor,
      Arrival arrival,
      String release,
      @Nullable String environment,
      boolean pairs,
      Scenes scenes) {
    this.origin = origin;
    this.ingest = ingest;
    this.chance = chance;
    this.time = time;
    this.visitor = visitor;
    this.arrival = arrival;
    this.release = release;
    this.environment = environment;
    this.pairs = pairs;
    this.session = chance.uuid(time.now());
    this.recording =
        new Recording(
            scenes,
            !visitor.device().narrow(),
            chance,
            chance.uuid(time.now()),
            time.now(),
            origin + arrival.page().path() + arrival.query());
  }

  Visitor visitor() {
    return visitor;
  }

  boolean pairs() {
    return pairs;
  }

  String release() {
    return release;
  }

  Page page() {
    return current().page;
  }

  /** What the tab's requests to the shop say of the trace and the session. */
  Map<String, String> headers() {
    return Map.of(
        "traceparent", "00-" + current().trace + "-" + chance.hex(16) + "-01",
        "baggage", "session_id=" + session,
        "User-Agent", visitor.device().userAgent());
  }

  /** Shows a page: it is loaded if it is the first, else the router shows it. */
  void open(Page page) {
    View before = view;
    if (before != null) {
      leavePage(before);
      crumb("navigation", before.page.path() + " → " + page.path());
    }
    String url = origin + page.path() + (before == null ? arrival.query() : "");
    View next = new View(chance.uuid(time.now()), url, page, chance.hex(32), time.now());
    view = next;
    Map<String, Object> item = item(next.id);
    item.put("event_type", "page_view");
    item.put("referrer", before == null ? arrival.referrer() : before.url);
    item.put("title", page.title() + " · Loam");
    item.put("properties", arrival.properties(before == null));
    events.add(item);
    recording.show(page.scene(), url, time.now());
    if (before == null) {
      reportAll(Vitals.ofLoading(chance, visitor, page));
    }
  }

  /** Reports an event of the shop's. */
  void track(String name, Map<String, ?> properties) {
    Map<String, Object> item = item(chance.uuid(time.now()));
    item.put("event_type", "custom_event");
    item.put("event_name", name);
    item.put("properties", properties);
    events.add(item);
  }

  /** Clicks on what has this name, as its visitor reads it. */
  void click(String name) {
    recording.click(name, time.now());
    crumb("click", name);
  }

  /**
   * Clicks on what does not answer; who loses patience does so again, and again.
   *
   * @param selector of what has this name
   */
  void clickInVain(String name, String selector, boolean patient) throws InterruptedException {
    click(name);
    if (!patient) {
      for (int click = 2; click <= RAGE_CLICKS; click++) {
        time.pass(AGAIN);
        click(name);
      }
      report("rage_click", Map.of("target", selector, "clicks", RAGE_CLICKS));
    }
    // Only after two seconds it is known for dead, but it says when it was.
    report("dead_click", Map.of("target", selector));
  }

  /** Types so many characters, none of which is ever told. */
  void type(String field, int length) {
    recording.type(field, length, time.now());
  }

  /** Something else is to be seen on the page. */
  void changeTo(String scene) {
    recording.change(scene, current().url, time.now());
  }

  /** A request of the page failed. */
  void requestFailed(String line, int status) {
    crumb("http", line + " " + status);
  }

  /** Reports an error of the page. */
  void fail(Mistake mistake) {
    fail(mistake, current().trace);
  }

  /** Reports an error that the back end knows by this trace. */
  void fail(Mistake mistake, String trace) {
    Map<String, Object> item = item(chance.uuid(time.now()));
    item.putAll(mistake.report(chance, visitor, origin, release));
    item.put("trace_id", trace);
    item.put("breadcrumbs", List.copyOf(crumbs));
    item.put("feature_flags", Map.of(ShopClient.PAIRS, pairs));
    errors.add(item);
    recording.keep();
  }

  /** Who the visitor is, from now on. */
  void identify(String userId) {
    user = userId;
  }

  /** Records the visit from now on, error or not. */
  void record() {
    recording.keep();
  }

  /** Stays on the page, for about as long. */
  void stay(Duration least, Duration most) throws InterruptedException {
    Duration stay = chance.between(least, most);
    if (time instanceof Time.Present) {
      send();
    }
    Instant from = time.now();
    time.pass(stay);
    recording.wander(from, time.now());
  }

  /** Closes the tab. */
  void close() throws InterruptedException {
    leavePage(current());
    send();
  }

  private void leavePage(View left) {
    long engaged = Math.min(30_000, left.since.until(time.now(), ChronoUnit.MILLIS));
    report(
        "page_leave",
        Map.of("engaged_ms", engaged, "scroll_depth", chance.between(30, 100) / 100.0));
    LongTasks.of(chance, visitor, left.page, Mistake.script(origin, release))
        .ifPresent(tasks -> report("long_tasks", tasks));
    reportAll(Vitals.ofLeaving(chance, visitor, left.page));
  }

  private void reportAll(Collection<Map<String, Object>> vitals) {
    vitals.forEach(vital -> report("web_vital", vital));
  }

  /** An event of the SDK's own. */
  private void report(String name, Map<String, ?> properties) {
    Map<String, Object> all = new LinkedHashMap<>(properties);
    all.put("page_view_id", current().id);
    track("observer." + name, all);
  }

  private void crumb(String category, String message) {
    crumbs.add(Map.of("timestamp", stamp(time.now()), "category", category, "message", message));
    if (crumbs.size() > MOST_CRUMBS) {
      crumbs.remove();
    }
  }

  private Map<String, Object> item(String id) {
    View now = current();
    Map<String, Object> item = new LinkedHashMap<>();
    item.put("event_id", id);
    item.put("timestamp", stamp(time.now()));
    item.put("url", now.url);
    item.put("route", now.page.route());
    item.put("trace_id", now.trace);
    if (user != null) {
      item.put("user_id", user);
    }
    return item;
  }

  private View current() {
    View now = view;
    if (now == null) {
      throw new IllegalStateException("no page is open");
    }
    return now;
  }

  /** Sends what waits: errors first. */
  private void send() throws InterruptedException {
    if (!errors.isEmpty()) {
      send("errors", context(), Map.of("errors", List.copyOf(errors)));
      errors.clear();
    }
    if (!events.isEmpty()) {
      send("events", context(), Map.of("events", List.copyOf(events)));
      events.clear();
    }
    Map<String, Object> batch = recording.take(session);
    if (!batch.isEmpty()) {
      Map<String, Object> context = context();
      if (user != null) {
        // Items say it themselves, since it may have changed between two of a batch.
        context.put("user_id", user);
      }
      send("replay-events", context, batch);
    }
  }

  private void send(String path, Map<String, Object> context, Map<String, Object> items)
      throws InterruptedException {
    Map<String, Object> batch = new LinkedHashMap<>();
    batch.put("context", context);
    batch.putAll(items);
    ingest.send(path, batch, visitor.device().userAgent());
  }

  private Map<String, Object> context() {
    Map<String, Object> context = new LinkedHashMap<>();
    context.put("service_name", "shop-web");
    if (environment != null) {
      context.put("environment", environment);
    }
    context.put("release", release);
    context.put("session_id", session);
    context.put("visitor_id", visitor.id());
    context.put("language", visitor.language());
    context.put("screen_width", visitor.device().screenWidth());
    context.put("screen_height", visitor.device().screenHeight());
    context.put("viewport_width", visitor.device().viewportWidth());
    context.put("viewport_height", visitor.device().viewportHeight());
    return context;
  }

  static String stamp(Instant instant) {
    return instant.truncatedTo(ChronoUnit.MILLIS).toString();
  }
}
