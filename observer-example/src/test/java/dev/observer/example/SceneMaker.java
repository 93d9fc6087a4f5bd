package dev.observer.example;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.AriaRole;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPOutputStream;

/**
 * Makes the scenes of the traffic's recordings: goes through the shop in Chromium, has the SDK take
 * a full snapshot of each page, and writes down where its links, buttons and fields are. To be run
 * when the shop looks different, in {@code observer-example}:
 *
 * <pre>mvn test-compile exec:java@scenes</pre>
 */
final class SceneMaker {
  private static final int FULL_SNAPSHOT = 2;
  private static final Set<String> TARGETS = Set.of("a", "button", "input", "textarea");

  /** As {@code TARGETS}, in the order of the document, with the names that a visitor reads. */
  private static final String FIND_TARGETS =
      """
      () => [...document.querySelectorAll("a, button, input, textarea")].map((element) => {
        const named = element.labels?.[0] ?? element;
        const text = [...named.childNodes].find((node) => node.nodeType === 3)?.data ?? "";
        const box = element.getBoundingClientRect();
        return {
          name: (element.getAttribute("aria-label") ?? text).trim().replace(/ €.*/, ""),
          x: Math.round(scrollX + box.x + box.width / 2),
          y: Math.round(scrollY + box.y + box.height / 2),
        };
      })
      """;

  /** A recording that begins begins with a full snapshot. */
  private static final String RECORD_ANEW =
      """
      async () => {
        const observer = window[Symbol.for("@observer/client")];
        observer.sessionReplay.stop();
        observer.sessionReplay.start();
        await observer.flush();
      }
      """;

  private final Shop shop;
  private final Reading reading;
  private final Page page;
  private final ObjectNode scenes = Json.MAPPER.createObjectNode();

  private SceneMaker(Shop shop, Page page) {
    this.shop = shop;
    this.reading = Reading.of(shop.uri(), shop.observer());
    this.page = page;
  }

  /**
   * Makes them.
   *
   * @param arguments the folder they are written to
   */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    try (Shop shop = Shops.open(Files.createTempDirectory("scenes"));
        Playwright playwright = ChromiumExtension.playwright();
        Browser browser =
            playwright
                .chromium()
                .launch(
                    new BrowserType.LaunchOptions()
                        .setExecutablePath(ChromiumExtension.executable().orElseThrow())
                        .setArgs(ChromiumExtension.ARGUMENTS))) {
      make(folder.resolve("scenes-wide.json.gz"), shop, browser, 1280, 800);
      make(folder.resolve("scenes-narrow.json.gz"), shop, browser, 390, 844);
    }
  }

  private static void make(Path file, Shop shop, Browser browser, int width, int height)
      throws Exception {
    try (BrowserContext context =
        browser.newContext(new Browser.NewContextOptions().setViewportSize(width, height))) {
      SceneMaker maker = new SceneMaker(shop, context.newPage());
      maker.walk();
      write(file, shop.uri().toString().replaceAll("/$", ""), maker.scenes);
    }
  }

  private void walk() throws Exception {
    page.navigate(shop.uri().toString());
    assertThat(page.locator(".card")).hasCount(8);
    take("collection");
    setPairs("Nobody");
    takeProducts("");
    setPairs("Everybody");
    takeProducts("+pairs");
    button("Add to cart").click();
    link("Go to the cart").click();
    assertThat(page.locator(".line")).hasCount(1);
    take("cart");
    link("Check out").click();
    take("checkout");
    page.getByLabel("Name").fill("A visitor");
    page.getByLabel("E-mail").fill("visitor@example.org");
    page.getByLabel("Card number").fill("4242 4242 4242 4242");
    button("Pay").click();
    assertThat(page.locator("h1")).hasText("Thank you!");
    take("order");
    link("Things that break").click();
    take("broken");
    button("Show reviews").click();
    assertThat(page.getByRole(AriaRole.ALERT)).isVisible();
    take("broken-reviews");
    link("Sign up").click();
    assertThat(page.locator("h1")).hasText("Come in");
    take("sign-up");
    page.getByLabel("E-mail").fill(page.viewportSize().width + "@example.org");
    button("Continue").click();
    assertThat(page.locator("h1")).hasText("About you");
    take("sign-up-details");
    page.getByLabel("Name").fill("A visitor");
    button("Continue").click();
    assertThat(page.locator("h1")).hasText("Almost there");
    take("sign-up-confirm");
    page.getByLabel("You may write to me.").check();
    button("Create account").click();
    assertThat(page.locator("h1")).containsText("Hello");
    take("account");
  }

  private void setPairs(String seenBy) {
    page.navigate(shop.uri() + "admin");
    page.waitForResponse("**/flags.set*", page.getByLabel(seenBy)::check);
  }

  private void takeProducts(String suffix) throws Exception {
    for (JsonNode product : products()) {
      page.navigate(shop.uri() + "products/" + product.path("id").asText());
      assertThat(page.locator("h1")).hasText(product.path("name").asText());
      assertThat(page.locator(".card")).hasCount(suffix.isEmpty() ? 0 : 4);
      take(product.path("id").asText() + suffix);
    }
  }

  private List<JsonNode> products() throws IOException, InterruptedException {
    List<JsonNode> products = new ArrayList<>();
    Json.MAPPER
        .readTree(SceneMaker.class.getResourceAsStream("products.json"))
        .forEach(products::add);
    return products;
  }

  private Locator link(String name) {
    return page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(name));
  }

  private Locator button(String name) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name));
  }

  private void take(String name) throws Exception {
    Instant since = Instant.now();
    page.evaluate(RECORD_ANEW);
    JsonNode node =
        Eventually.get(
            "a snapshot of " + name, () -> snapshot(since), found -> !found.isMissingNode());
    List<Integer> ids = new ArrayList<>();
    addTargets(node, ids);
    JsonNode found = Json.MAPPER.valueToTree(page.evaluate(FIND_TARGETS));
    if (ids.size() != found.size()) {
      throw new IllegalStateException(
          name + " has " + found.size() + " targets, and its snapshot " + ids.size());
    }
    ObjectNode scene = scenes.putObject(name);
    scene.put("width", page.viewportSize().width);
    scene.put("viewport", page.viewportSize().height);
    scene.putPOJO("height", page.evaluate("document.documentElement.scrollHeight"));
    ArrayNode targets = scene.putArray("targets");
    for (int i = 0; i < ids.size(); i++) {
      targets.add(((ObjectNode) found.get(i)).put("id", ids.get(i)));
    }
    scene.set("node", node);
  }

  /** The first full snapshot of the recording that began since then. */
  private JsonNode snapshot(Instant since) throws IOException, InterruptedException {
    for (JsonNode listed : reading.json("/sessions").path("sessions")) {
      JsonNode session = reading.json("/sessions/" + listed.path("session_id").asText());
      for (JsonNode recording : session.path("recordings")) {
        String start = recording.path("start_time").asText("");
        // Empty until the first batch is read.
        if (!start.isEmpty() && !start.equals("null") && !Instant.parse(start).isBefore(since)) {
          for (JsonNode event : events(session, recording)) {
            if (event.path("type").asInt() == FULL_SNAPSHOT) {
              return event.at("/data/node");
            }
          }
        }
      }
    }
    return MissingNode.getInstance();
  }

  private List<JsonNode> events(JsonNode session, JsonNode recording)
      throws IOException, InterruptedException {
    ObjectNode alone = Json.MAPPER.createObjectNode();
    alone.set("session_id", session.path("session_id"));
    alone.putArray("recordings").add(recording);
    List<JsonNode> events = new ArrayList<>();
    for (JsonNode batch : reading.replayBatches(alone)) {
      events.addAll(Packed.events(batch));
    }
    return events;
  }

  private static void addTargets(JsonNode node, List<Integer> ids) {
    if (TARGETS.contains(node.path("tagName").asText())) {
      ids.add(node.path("id").asInt());
    }
    node.path("childNodes").forEach(child -> addTargets(child, ids));
  }

  /** The style sheet is the same in all of them, and most of each: it is written once. */
  private static void write(Path file, String origin, ObjectNode scenes) throws IOException {
    TextNode css = (TextNode) scenes.findValue("_cssText");
    ObjectNode all = Json.MAPPER.createObjectNode();
    all.set("css", css);
    all.set("scenes", Json.MAPPER.readTree(scenes.toString().replace(css.toString(), "\"{css}\"")));
    String text = all.toString().replace(origin, "{origin}");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }
}
