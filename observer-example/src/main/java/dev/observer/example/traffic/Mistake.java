package dev.observer.example.traffic;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Something that goes wrong in the shop's pages.
 *
 * @param message with {@code #} for what differs from time to time
 * @param routes where it happens
 * @param releases in which
 * @param functions the stack, from where it was thrown
 */
record Mistake(
    String type,
    String message,
    String mechanism,
    String level,
    List<String> routes,
    List<String> releases,
    List<String> functions,
    @Nullable Cause cause,
    @Nullable String component) {

  /** What it came from. */
  record Cause(String type, String message, List<String> functions) {}

  static final String OLD = "0.9.0";
  static final String NEW = "1.0.0";
  private static final List<String> BOTH = List.of(OLD, NEW);

  static final Mistake VOUCHER =
      new Mistake(
          "TypeError",
          "Cannot read properties of undefined (reading 'map')",
          "onerror",
          "error",
          List.of("/broken", "/checkout"),
          BOTH,
          List.of("applyVoucher", "onBreak", "HTMLButtonElement.onClick"),
          null,
          null);
  static final Mistake KILN_BOOKED =
      new Mistake(
          "Error",
          "The kiln is booked out",
          "unhandledrejection",
          "error",
          List.of("/broken"),
          BOTH,
          List.of("reserveKiln", "onBreak"),
          new Cause("RangeError", "week # has no free slot", List.of("reserveKiln")),
          null);
  static final Mistake REVIEWS =
      new Mistake(
          "Error",
          "A review has no author",
          "error_boundary",
          "error",
          List.of("/broken", "/products/:id"),
          BOTH,
          List.of("signature", "Reviews", "createComponent"),
          null,
          "Page > Reviews");
  static final Mistake RESTOCK =
      new Mistake(
          "ApiError",
          "The kiln is too hot to open.",
          "manual",
          "error",
          List.of("/broken"),
          BOTH,
          List.of("refusal", "answer", "askForMore"),
          null,
          null);
  private static final List<Mistake> ALL =
      List.of(
          VOUCHER,
          REVIEWS,
          new Mistake(
              "TypeError",
              "Failed to fetch",
              "manual",
              "warning",
              List.of("/", "/cart", "/products/:id"),
              BOTH,
              List.of("answer", "getProducts"),
              null,
              null),
          new Mistake(
              "RangeError",
              "Invalid currency code : EURO",
              "error_boundary",
              "error",
              List.of("/cart", "/products/:id"),
              List.of(NEW),
              List.of("new NumberFormat", "money", "Pairs"),
              null,
              "Page > Pairs"),
          new Mistake(
              "TypeError",
              "Failed to fetch dynamically imported module: /assets/vitals-#.js",
              "unhandledrejection",
              "error",
              List.of("/", "/products/:id", "/orders/:id"),
              List.of(OLD),
              List.of("vitals"),
              null,
              null),
          new Mistake(
              "QuotaExceededError",
              "Failed to execute 'setItem' on 'Storage': Setting the value of 'loam.cart' exceeded"
                  + " the quota.",
              "onerror",
              "error",
              List.of("/products/:id", "/cart"),
              BOTH,
              List.of("createCart", "runComputation", "completeUpdates"),
              null,
              null),
          new Mistake(
              "Error",
              "Order L-# has no step WRAPPED",
              "unhandledrejection",
              "error",
              List.of("/orders/:id"),
              List.of(NEW),
              List.of("onData", "followOrder", "OrderPage"),
              null,
              null),
          new Mistake(
              "ApiError",
              "The order could not be placed after # tries",
              "manual",
              "fatal",
              List.of("/checkout"),
              BOTH,
              List.of("refusal", "placeOrder", "order"),
              new Cause("TypeError", "NetworkError when attempting to fetch resource.", List.of()),
              null));

  /** What can go wrong on this page of this release. */
  static List<Mistake> on(Page page, String release) {
    return ALL.stream()
        .filter(one -> one.routes.contains(page.route()) && one.releases.contains(release))
        .toList();
  }

  /** It happened: the fields of an error. */
  Map<String, Object> report(Chance chance, Visitor visitor, String origin, String release) {
    String said = filled(message, chance);
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("level", level);
    report.put("error_type", type);
    report.put("message", said);
    report.put("stack_trace", stack(visitor, origin, release, type + ": " + said, functions));
    report.put("mechanism", mechanism);
    report.put("handled", mechanism.equals("manual") || mechanism.equals("error_boundary"));
    if (component != null) {
      report.put("component_path", component);
    }
    if (cause != null) {
      String why = filled(cause.message, chance);
      report.put(
          "causes",
          List.of(
              Map.of(
                  "error_type",
                  cause.type,
                  "message",
                  why,
                  "stack_trace",
                  stack(visitor, origin, release, cause.type + ": " + why, cause.functions))));
    }
    return report;
  }

  private static String filled(String text, Chance chance) {
    return text.replace("#", String.valueOf(chance.between(1001, 9999)));
  }

  /** The shop's script of a release, where all that goes wrong is. */
  static String script(String origin, String release) {
    return origin + "/assets/index-" + (release.equals(OLD) ? "B7xQ2pLm" : "Dk4sT9wZ") + ".js";
  }

  /** As the visitor's browser writes it. */
  private static String stack(
      Visitor visitor, String origin, String release, String head, List<String> functions) {
    String script = script(origin, release) + ":1:";
    boolean chrome = visitor.device().userAgent().contains("Chrome/");
    return functions.stream()
        .map(
            function -> {
              // The same place of the same release each time.
              int column = 1_000 + Math.floorMod((release + function).hashCode(), 90_000);
              return chrome
                  ? "    at " + function + " (" + script + column + ")"
                  : function + "@" + script + column;
            })
        .collect(Collectors.joining("\n", chrome ? head + "\n" : "", ""));
  }
}
