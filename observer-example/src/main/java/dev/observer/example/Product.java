package dev.observer.example;

import java.util.List;

/**
 * Something the shop sells.
 *
 * @param id in addresses and orders
 * @param details short facts, such as its size
 * @param priceCents in euro cents
 * @param form names its picture
 * @param glaze names the picture's colours
 */
record Product(
    String id,
    String name,
    String tagline,
    String description,
    List<String> details,
    int priceCents,
    String form,
    String glaze) {

  Product {
    details = List.copyOf(details);
  }
}
