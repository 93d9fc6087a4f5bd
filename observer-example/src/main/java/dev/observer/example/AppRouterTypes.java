package dev.observer.example;

import dev.observer.server.rpc.TypeScript;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Writes the types of the shop's procedures for its front end; the build calls it. */
public final class AppRouterTypes {
  /** As {@link Shop} adds them. */
  static final Map<String, Class<?>> PROCEDURES =
      Map.of(
          "products", Products.class,
          "orders", Orders.class,
          "users", Users.class,
          "flags", Flags.class,
          "kiln", Kiln.class);

  private AppRouterTypes() {}

  /**
   * Writes them.
   *
   * @param arguments the file
   */
  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0]);
    String types = TypeScript.of(Json.MAPPER, PROCEDURES);
    // A file that is as it was stays untouched, for whoever watches it.
    if (!Files.exists(file) || !Files.readString(file).equals(types)) {
      Files.writeString(file, types);
    }
  }
}
