package dev.observer.example.traffic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.observer.example.traffic.ShopClient.Answer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one visitor does from the first page to the last. Most look around and go; some buy, some
 * sign up, some lose patience on the way. Belongs to one thread.
 */
final class Visit {
  private static final String CARD = "4242 4242 4242 4242";
  private static final String WRONG_CARD = "4242 4242 4242 4243";
  private static final Duration GLANCE = Duration.ofSeconds(1);
  private static final Duration LOOK = Duration.ofSeconds(4);
  private static final Duration FILL_IN = Duration.ofMillis(2_500);

  private final Tab tab;
  private final Chance chance;
  private final List<Product> products;
  private final @Nullable ShopClient shop;
  private final Map<Product, Integer> cart = new LinkedHashMap<>();
  private @Nullable String account;

  /**
   * @param shop null for a visit of the past: what it asked the shop's back end is long answered
   * @param account whom the visitor signed up as before; null if nobody
   */
  Visit(
      Tab tab,
      Chance chance,
      List<Product> products,
      @Nullable ShopClient shop,
      @Nullable String account) {
    this.tab = tab;
    this.chance = chance;
    this.products = products;
    this.shop = shop;
    this.account = account;
  }

  /** Goes through with it. Returns the account that the visitor has afterwards, if any. */
  Optional<String> run(Page landing) throws IOException, InterruptedException {
    if (chance.percent(35)) {
      tab.record();
    }
    open(landing);
    if (account != null) {
      tab.identify(account);
    }
    if (!chance.percent(22)) {
      look(landing);
      if (account == null && chance.percent(30)) {
        signUp();
      }
      if (!cart.isEmpty() && chance.percent(80)) {
        buy();
      }
      if (chance.percent(9)) {
        breakThings();
      }
    }
    tab.close();
    return Optional.ofNullable(account);
  }

  private void look(Page landing) throws IOException, InterruptedException {
    if (landing.equals(Page.COLLECTION)) {
      tab.click("See the collection");
      tab.track("collection_opened", Map.of());
    } else if (chance.percent(50)) {
      consider(product(landing));
    }
    for (int more = chance.between(0, 4); more > 0; more--) {
      if (!tab.page().equals(Page.COLLECTION)) {
        tab.click("Collection");
        open(Page.COLLECTION);
      }
      Product product = chance.oneOf(products);
      tab.click(product.name());
      open(Page.product(product, tab.pairs()));
      consider(product);
    }
  }

  private Product product(Page page) {
    return products.stream()
        .filter(product -> page.path().endsWith("/" + product.id()))
        .findFirst()
        .orElseThrow();
  }

  private void consider(Product product) throws IOException, InterruptedException {
    Product wanted = product;
    if (tab.pairs() && chance.percent(30)) {
      Product pair = pairOf(product);
      tab.click(pair.name());
      tab.track("pair_opened", Map.of("product_id", pair.id(), "from", product.id()));
      open(Page.product(pair, true));
      wanted = pair;
    }
    // Who sees what goes with it buys more.
    if (chance.percent(tab.pairs() ? 48 : 36)) {
      add(wanted);
    }
  }

  /** One of the four that the shop shows beside it. */
  private Product pairOf(Product product) {
    return products.get((products.indexOf(product) + chance.between(1, 4)) % products.size());
  }

  private void add(Product product) {
    int quantity = chance.percent(80) ? 1 : chance.between(2, 4);
    tab.click("Add to cart");
    tab.track(
        "add_to_cart",
        Map.of(
            "product_id",
            product.id(),
            "quantity",
            quantity,
            "value",
            product.priceCents() * quantity / 100.0,
            "currency",
            "EUR"));
    cart.merge(product, quantity, (had, more) -> Math.min(9, had + more));
  }

  private void buy() throws IOException, InterruptedException {
    tab.click("Cart");
    open(Page.CART);
    if (chance.percent(25)) {
      return;
    }
    tab.click("Check out");
    open(Page.CHECKOUT);
    if (chance.percent(20)) {
      return;
    }
    fillIn("Name", "E-mail", "Card number");
    if (chance.percent(15)) {
      place(WRONG_CARD);
      fillIn("Card number");
    }
    Optional<Placed> placed = place(CARD);
    if (placed.isEmpty()) {
      return;
    }
    if (account == null) {
      tab.identify(placed.get().customer());
    }
    tab.track(
        "checkout_completed",
        Map.of(
            "order_id",
            placed.get().order(),
            "value",
            total() / 100.0,
            "currency",
            "EUR",
            "pieces",
            cart.values().stream().mapToInt(Integer::intValue).sum()));
    cart.clear();
    open(Page.order(placed.get().order()));
  }

  /** An order that the shop took. */
  private record Placed(String order, String customer) {}

  private Optional<Placed> place(String card) throws IOException, InterruptedException {
    tab.click("Pay");
    if (shop == null && card.equals(WRONG_CARD)) {
      return Optional.empty();
    }
    List<Map<String, Object>> lines = new ArrayList<>();
    cart.forEach(
        (product, quantity) -> lines.add(Map.of("product_id", product.id(), "quantity", quantity)));
    return ask(
            "orders.place",
            Map.of(
                "name",
                tab.visitor().name(),
                "email",
                tab.visitor().email(),
                "card_number",
                card,
                "note",
                "",
                "lines",
                lines))
        .map(
            said ->
                new Placed(
                    said.path("order_id").asText("L-" + chance.between(1, 999)),
                    said.path("customer_id").asText("customer-" + chance.hex(10))));
  }

  /**
   * Asks the shop to do something. Empty if it does not; of what was asked in the past nothing is
   * known but that it was done.
   */
  private Optional<JsonNode> ask(String procedure, Map<String, ?> input)
      throws IOException, InterruptedException {
    if (shop == null) {
      return Optional.of(MissingNode.getInstance());
    }
    Answer answer = shop.mutate(procedure, input, tab.headers());
    if (!answer.isSuccess()) {
      tab.requestFailed("POST /api/trpc/" + procedure, answer.status());
      return Optional.empty();
    }
    return Optional.of(answer.data());
  }

  private int total() {
    return cart.entrySet().stream()
        .mapToInt(line -> line.getKey().priceCents() * line.getValue())
        .sum();
  }

  private void signUp() throws IOException, InterruptedException {
    tab.track("signup_clicked", Map.of("from", tab.page().path()));
    tab.click("Sign up");
    open(Page.SIGN_UP);
    if (chance.percent(20)) {
      return;
    }
    fillIn("E-mail");
    if (chance.percent(15)) {
      tab.click("Continue");
      ask("users.begin", Map.of("email", "nobody@nowhere@"));
      fillIn("E-mail");
    }
    tab.click("Continue");
    if (ask("users.begin", Map.of("email", tab.visitor().email())).isEmpty()) {
      return;
    }
    tab.track("signup_started", Map.of());
    open(Page.DETAILS);
    if (chance.percent(30)) {
      return;
    }
    fillIn("Name");
    String taste = chance.oneOf(List.of("CUPS", "BOWLS", "VASES"));
    tab.click("Continue");
    tab.track("signup_details_completed", Map.of("taste", taste));
    open(Page.CONFIRM);
    if (chance.percent(15)) {
      return;
    }
    tab.click("You may write to me.");
    tab.stay(GLANCE, LOOK);
    tab.click("Create account");
    Optional<JsonNode> made =
        ask(
            "users.signUp",
            Map.of(
                "email",
                tab.visitor().email(),
                "name",
                tab.visitor().name(),
                "taste",
                taste,
                "agreed",
                true));
    if (made.isEmpty()) {
      return;
    }
    String user = made.get().path("user_id").asText("customer-" + chance.hex(10));
    account = user;
    tab.identify(user);
    tab.track("signup_completed", Map.of("taste", taste));
    open(Page.ACCOUNT);
  }

  private void breakThings() throws IOException, InterruptedException {
    tab.click("Things that break");
    open(Page.BROKEN);
    if (chance.percent(70)) {
      tab.click("Apply voucher");
      tab.fail(Mistake.VOUCHER);
      tab.stay(GLANCE, LOOK);
    }
    if (chance.percent(50)) {
      tab.click("Reserve");
      tab.fail(Mistake.KILN_BOOKED);
      tab.stay(GLANCE, LOOK);
    }
    if (chance.percent(50)) {
      tab.click("Show reviews");
      tab.changeTo("broken-reviews");
      tab.fail(Mistake.REVIEWS);
      tab.stay(GLANCE, LOOK);
    }
    if (shop != null && chance.percent(70)) {
      tab.click("Restock");
      Answer answer =
          shop.mutate(
              "kiln.restock", Map.of("product_id", chance.oneOf(products).id()), tab.headers());
      tab.requestFailed("POST /api/trpc/kiln.restock", answer.status());
      tab.fail(Mistake.RESTOCK, answer.trace());
      tab.stay(GLANCE, LOOK);
    }
  }

  /** Shows a page, asks the shop for what is on it, and looks at it. */
  private void open(Page page) throws IOException, InterruptedException {
    tab.open(page);
    if (shop != null) {
      if (page.route().equals("/products/:id")) {
        shop.query("products.byId", Map.of("id", product(page).id()), tab.headers());
      } else if (page.equals(Page.COLLECTION)) {
        shop.query("products.list", tab.headers());
      }
    }
    List<Mistake> mistakes = Mistake.on(page, tab.release());
    if (!page.equals(Page.BROKEN) && !mistakes.isEmpty() && chance.percent(4)) {
      tab.fail(chance.oneOf(mistakes));
    }
    tab.stay(GLANCE, LOOK);
    if (chance.percent(12)) {
      askForTheSame(page);
    }
  }

  /** The link to the page that is shown does nothing, which not everybody expects. */
  private void askForTheSame(Page page) throws InterruptedException {
    String link = "header.top > nav > a";
    if (page.equals(Page.COLLECTION)) {
      tab.clickInVain("Collection", link + ".active", chance.percent(60));
    } else if (page.equals(Page.CART)) {
      tab.clickInVain("Cart", link + ".cart-link.active", chance.percent(40));
    } else if (page.equals(Page.BROKEN)) {
      tab.clickInVain("Things that break", link + ".active", chance.percent(50));
    }
  }

  private void fillIn(String... fields) throws InterruptedException {
    for (String field : fields) {
      tab.click(field);
      tab.stay(GLANCE, FILL_IN);
      tab.type(field, chance.between(6, 19));
    }
  }
}
