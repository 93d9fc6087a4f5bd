package dev.observer.example;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the shop sells, in the order it is shown. Immutable. */
final class Catalogue {
  private final Map<String, Product> products = new LinkedHashMap<>();

  Catalogue(List<Product> products) {
    for (Product product : products) {
      this.products.put(product.id(), product);
    }
  }

  /** The collection of {@code products.json}. */
  static Catalogue load() {
    try (InputStream in = Catalogue.class.getResourceAsStream("products.json")) {
      if (in == null) {
        throw new IllegalStateException("products.json is not on the class path");
      }
      return new Catalogue(Json.MAPPER.readValue(in, new TypeReference<List<Product>>() {}));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<Product> all() {
    return List.copyOf(products.values());
  }

  @Nullable Product find(String id) {
    return products.get(id);
  }
}
