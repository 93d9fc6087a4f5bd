package dev.observer.example;

import dev.observer.server.rpc.ErrorCode;
import dev.observer.server.rpc.Mutation;
import dev.observer.server.rpc.ProcedureException;
import jakarta.validation.constraints.NotBlank;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The kiln, which is always too hot: a procedure that fails for real. */
final class Kiln {
  private static final Logger log = LoggerFactory.getLogger(Kiln.class);
  private static final int DEGREES = 1240;
  private static final int OPENS_AT = 90;

  /** What is to be fired. */
  record Restock(@NotBlank String productId) {}

  /** Takes more of a product out of the kiln. */
  @Mutation
  void restock(Restock what) {
    log.warn("{} cannot be taken out: the kiln has {} degrees", what.productId(), DEGREES);
    try {
      open(DEGREES);
    } catch (IllegalStateException e) {
      throw new ProcedureException(
          ErrorCode.INTERNAL_SERVER_ERROR, "The kiln is too hot to open.", e);
    }
  }

  private static void open(int degrees) {
    if (degrees > OPENS_AT) {
      throw new IllegalStateException(degrees + " degrees are more than " + OPENS_AT);
    }
  }
}
