package dev.observer.example.traffic;

/**
 * A page of the shop.
 *
 * @param route its pattern
 * @param scene what it looks like, a name in {@link Scenes}
 */
record Page(String path, String route, String title, String scene) {
  static final Page COLLECTION = new Page("/", "/", "Handmade stoneware", "collection");
  static final Page CART = new Page("/cart", "/cart", "Cart", "cart");
  static final Page CHECKOUT = new Page("/checkout", "/checkout", "Checkout", "checkout");
  static final Page BROKEN = new Page("/broken", "/broken", "Things that break", "broken");
  static final Page SIGN_UP = new Page("/sign-up", "/sign-up", "Sign up", "sign-up");
  static final Page DETAILS =
      new Page("/sign-up/details", "/sign-up/details", "About you", "sign-up-details");
  static final Page CONFIRM =
      new Page("/sign-up/confirm", "/sign-up/confirm", "Agree", "sign-up-confirm");
  static final Page ACCOUNT = new Page("/account", "/account", "Your account", "account");

  /**
   * @param pairs whether it shows what goes with the product
   */
  static Page product(Product product, boolean pairs) {
    return new Page(
        "/products/" + product.id(),
        "/products/:id",
        product.name(),
        product.id() + (pairs ? "+pairs" : ""));
  }

  static Page order(String id) {
    return new Page("/orders/" + id, "/orders/:id", "Thank you", "order");
  }
}
