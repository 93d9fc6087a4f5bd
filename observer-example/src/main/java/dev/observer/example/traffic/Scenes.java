package dev.observer.example.traffic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.util.RawValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * What the shop's pages look like in a recording: a full snapshot of each, which the SDK took of
 * the shop in Chromium, and where its links, buttons and fields are. {@code SceneMaker}, among the
 * tests, makes them anew. Immutable.
 */
final class Scenes {
  /** Stand in the snapshots for the shop's own address, and, as JSON, for its style sheet. */
  private static final String ORIGIN = "{origin}";

  private static final String CSS = "\"{css}\"";

  private final Map<String, Scene> scenes;

  /**
   * A page as it was shown.
   *
   * @param height of the whole page
   * @param node its full snapshot
   * @param targets by their name, as a visitor reads it
   */
  record Scene(int width, int viewport, int height, RawValue node, Map<String, Target> targets) {}

  /**
   * Something to be clicked or typed into.
   *
   * @param id in the snapshot
   * @param x of its middle, in the page
   * @param y likewise
   */
  record Target(int id, int x, int y) {}

  private Scenes(Map<String, Scene> scenes) {
    this.scenes = Map.copyOf(scenes);
  }

  /**
   * Those of one width.
   *
   * @param origin where the shop is, without a slash at its end
   */
  static Scenes load(boolean narrow, String origin, JsonMapper mapper) {
    String name = narrow ? "scenes-narrow.json.gz" : "scenes-wide.json.gz";
    JsonNode all;
    try (InputStream in = Scenes.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not on the class path");
      }
      String text = new String(new GZIPInputStream(in).readAllBytes(), StandardCharsets.UTF_8);
      all = mapper.readTree(text.replace(ORIGIN, origin));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String css = all.path("css").toString();
    Map<String, Scene> scenes = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : all.path("scenes").properties()) {
      JsonNode scene = entry.getValue();
      Map<String, Target> targets = new HashMap<>();
      for (JsonNode target : scene.path("targets")) {
        targets.put(
            target.path("name").asText(),
            new Target(
                target.path("id").asInt(), target.path("x").asInt(), target.path("y").asInt()));
      }
      scenes.put(
          entry.getKey(),
          new Scene(
              scene.path("width").asInt(),
              scene.path("viewport").asInt(),
              scene.path("height").asInt(),
              new RawValue(scene.path("node").toString().replace(CSS, css)),
              Map.copyOf(targets)));
    }
    return new Scenes(scenes);
  }

  Scene get(String name) {
    Scene scene = scenes.get(name);
    if (scene == null) {
      throw new IllegalArgumentException("there is no scene '" + name + "'");
    }
    return scene;
  }
}
