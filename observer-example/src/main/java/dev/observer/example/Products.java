package dev.observer.example;

import dev.observer.server.rpc.ErrorCode;
import dev.observer.server.rpc.ProcedureException;
import dev.observer.server.rpc.Query;
import jakarta.validation.constraints.NotBlank;
import java.util.List;

/** Procedures about what the shop sells. */
record Products(Catalogue catalogue) {

  /** Names one product. */
  record ProductId(@NotBlank String id) {}

  /** The collection. */
  @Query
  List<Product> list() {
    return catalogue.all();
  }

  /** One of it. */
  @Query
  Product byId(ProductId product) {
    Product found = catalogue.find(product.id());
    if (found == null) {
      throw new ProcedureException(ErrorCode.NOT_FOUND, "We do not make this one.");
    }
    return found;
  }
}
