package dev.observer.example.traffic;

import dev.observer.example.traffic.Scenes.Scene;
import dev.observer.example.traffic.Scenes.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a visit looks like, in rrweb's events: the pages that were shown, the way of the pointer,
 * clicks, scrolling, masked typing. It is kept from {@link #keep} on, with what came before, as by
 * the SDK's mode {@code on-error}. Belongs to one thread.
 */
final class Recording {
  private static final int FULL_SNAPSHOT = 2;
  private static final int INCREMENTAL = 3;
  private static final int META = 4;
  private static final int MOVE = 1;
  private static final int INTERACTION = 2;
  private static final int SCROLL = 3;
  private static final int INPUT = 5;
  private static final int MOUSE_UP = 0;
  private static final int MOUSE_DOWN = 1;
  private static final int CLICK = 2;

  /** The document's in every snapshot. */
  private static final int DOCUMENT = 1;

  private static final Duration STEP = Duration.ofMillis(50);
  private static final int STEPS = 9;

  private final Scenes scenes;
  private final boolean pointer;
  private final Chance chance;
  private final String id;
  private final Instant start;
  private final String initialUrl;
  private final List<Map<String, Object>> events = new ArrayList<>();

  private @Nullable Scene scene;
  private int x = 640;
  private int y = 200;
  private int scrolled;
  private boolean kept;
  private int sequence;

  /**
   * @param pointer false where there is none, but fingers
   */
  Recording(
      Scenes scenes, boolean pointer, Chance chance, String id, Instant start, String initialUrl) {
    this.scenes = scenes;
    this.pointer = pointer;
    this.chance = chance;
    this.id = id;
    this.start = start;
    this.initialUrl = initialUrl;
  }

  /** From now on, and what led to it. */
  void keep() {
    kept = true;
  }

  /** Another page is shown. */
  void show(String name, String url, Instant at) {
    scrolled = 0;
    change(name, url, at);
  }

  /** The page looks like this now. */
  void change(String name, String url, Instant at) {
    Scene shown = scenes.get(name);
    scene = shown;
    add(META, Map.of("href", url, "width", shown.width(), "height", shown.viewport()), at);
    add(
        FULL_SNAPSHOT,
        Map.of("node", shown.node(), "initialOffset", Map.of("left", 0, "top", scrolled)),
        at);
  }

  /** The visitor looked around. */
  void wander(Instant from, Instant until) {
    Instant at = from.plus(Duration.ofMillis(300));
    while (at.plus(STEP.multipliedBy(STEPS)).isBefore(until)) {
      if (chance.percent(30)) {
        scroll(chance.between(0, room()), at);
      } else if (pointer) {
        move(chance.between(80, shown().width() - 80), chance.between(80, 700), at);
      }
      at = at.plus(chance.between(Duration.ofMillis(600), Duration.ofMillis(2_500)));
    }
  }

  /** A click on what has this name. */
  void click(String name, Instant at) {
    Target target = reach(name, at);
    if (pointer) {
      interact(MOUSE_DOWN, target, at);
      interact(MOUSE_UP, target, at);
    }
    interact(CLICK, target, at);
  }

  /** So many characters are in the field of this name now. */
  void type(String name, int length, Instant at) {
    Target field = reach(name, at);
    add(
        INCREMENTAL,
        Map.of("source", INPUT, "text", "*".repeat(length), "isChecked", false, "id", field.id()),
        at);
  }

  private Target reach(String name, Instant at) {
    Target target = shown().targets().get(name);
    if (target == null) {
      throw new IllegalArgumentException("nothing here is named '" + name + "'");
    }
    if (target.y() < scrolled || target.y() > scrolled + shown().viewport()) {
      scroll(Math.min(room(), Math.max(0, target.y() - shown().viewport() / 2)), at);
    }
    if (pointer) {
      move(target.x(), target.y() - scrolled, at.minus(STEP.multipliedBy(STEPS)));
    }
    return target;
  }

  /** How far the page can be scrolled. */
  private int room() {
    return Math.max(0, shown().height() - shown().viewport());
  }

  private void scroll(int to, Instant at) {
    scrolled = to;
    add(INCREMENTAL, Map.of("source", SCROLL, "id", DOCUMENT, "x", 0, "y", to), at);
  }

  /** Half a second of the pointer's way, said when it is over. */
  private void move(int toX, int toY, Instant from) {
    List<Map<String, Object>> positions = new ArrayList<>();
    for (int step = 1; step <= STEPS; step++) {
      // Slow, fast, slow, as a hand moves.
      double done = (1 - Math.cos(Math.PI * step / STEPS)) / 2;
      positions.add(
          Map.of(
              "x",
              Math.round(x + (toX - x) * done),
              "y",
              Math.round(y + (toY - y) * done),
              "id",
              DOCUMENT,
              "timeOffset",
              (step - STEPS) * STEP.toMillis()));
    }
    x = toX;
    y = toY;
    add(
        INCREMENTAL,
        Map.of("source", MOVE, "positions", positions),
        from.plus(STEP.multipliedBy(STEPS)));
  }

  private void interact(int type, Target target, Instant at) {
    add(
        INCREMENTAL,
        Map.of(
            "source",
            INTERACTION,
            "type",
            type,
            "id",
            target.id(),
            "x",
            target.x(),
            "y",
            target.y() - scrolled,
            "pointerType",
            pointer ? 0 : 2),
        at);
  }

  private void add(int type, Map<String, Object> data, Instant at) {
    events.add(Map.of("type", type, "data", data, "timestamp", at.toEpochMilli()));
  }

  private Scene shown() {
    Scene now = scene;
    if (now == null) {
      throw new IllegalStateException("nothing is shown yet");
    }
    return now;
  }

  /** The next batch, without its context; empty if there is none. */
  Map<String, Object> take(String session) {
    if (!kept || events.isEmpty()) {
      return Map.of();
    }
    Map<String, Object> batch = new LinkedHashMap<>();
    batch.put("session_id", session);
    batch.put("recording_id", id);
    batch.put("sequence", sequence++);
    batch.put("start_time", Tab.stamp(start));
    batch.put("initial_url", initialUrl);
    batch.put("encoding", "rrweb");
    batch.put("events", List.copyOf(events));
    events.clear();
    return batch;
  }
}
