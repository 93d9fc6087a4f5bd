package dev.observer.example;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.NamingBase;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import dev.observer.example.Order.Placed;
import dev.observer.example.Problem.FieldError;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import jakarta.validation.ValidatorFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.hibernate.validator.messageinterpolation.ParameterMessageInterpolator;

/**
 * Takes orders. Being an example, it charges nothing and keeps nothing: of a customer only a name
 * that stands for the e-mail address remains, the same one for as long as the process runs.
 */
final class Till implements AutoCloseable {
  private static final int MAX_BYTES = 64 * 1024;
  private static final NamingBase SNAKE_CASE = new SnakeCaseStrategy();

  private final Catalogue catalogue;
  private final ValidatorFactory validators;
  private final Validator validator;
  private final SecretKeySpec customerKey;
  private final AtomicInteger lastOrder = new AtomicInteger(1000);

  Till(Catalogue catalogue) {
    this.catalogue = catalogue;
    this.validators =
        Validation.byDefaultProvider()
            .configure()
            .messageInterpolator(new ParameterMessageInterpolator())
            .buildValidatorFactory();
    this.validator = validators.getValidator();
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    this.customerKey = new SecretKeySpec(key, "HmacSHA256");
  }

  /** Runs on a worker thread, with a blocking exchange. */
  void takeOrder(HttpServerExchange exchange) throws IOException {
    exchange.setMaxEntitySize(MAX_BYTES);
    Order order;
    try {
      order = Json.MAPPER.readValue(exchange.getInputStream(), Order.class);
    } catch (JsonProcessingException e) {
      new Problem("Bad Request", 400, "The order is not JSON as we know it.").send(exchange);
      return;
    }
    if (order == null) {
      new Problem("Bad Request", 400, "The order is empty.").send(exchange);
      return;
    }
    List<FieldError> errors = errorsOf(order);
    if (!errors.isEmpty()) {
      new Problem("Unprocessable Content", 422, "Please look at the marked fields.", errors)
          .send(exchange);
      return;
    }
    exchange.setStatusCode(201);
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
    exchange.getResponseSender().send(Json.MAPPER.writeValueAsString(placed(order)));
  }

  private List<FieldError> errorsOf(Order order) {
    List<FieldError> errors =
        validator.validate(order).stream().map(Till::fieldError).sorted(Till::byField).toList();
    if (!errors.isEmpty()) {
      return errors;
    }
    return linesOf(order).stream()
        .filter(line -> catalogue.find(idOf(line)) == null)
        .map(line -> new FieldError("lines", "We no longer make one of these."))
        .distinct()
        .toList();
  }

  private static FieldError fieldError(ConstraintViolation<Order> violation) {
    String name = violation.getPropertyPath().iterator().next().getName();
    return new FieldError(SNAKE_CASE.translate(name), violation.getMessage());
  }

  private static int byField(FieldError one, FieldError other) {
    return one.field().compareTo(other.field());
  }

  private Placed placed(Order order) {
    int total = 0;
    for (Order.Line line : linesOf(order)) {
      Product product = catalogue.find(idOf(line));
      if (product != null) {
        total += product.priceCents() * line.quantity();
      }
    }
    return new Placed("L-" + lastOrder.incrementAndGet(), customerId(order), total);
  }

  private String customerId(Order order) {
    String email = order.email() == null ? "" : order.email().strip().toLowerCase(Locale.ROOT);
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(customerKey);
      byte[] digest = mac.doFinal(email.getBytes(StandardCharsets.UTF_8));
      return "customer-" + HexFormat.of().formatHex(digest, 0, 5);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }

  private static List<Order.Line> linesOf(Order order) {
    return order.lines() == null ? List.of() : order.lines();
  }

  private static String idOf(Order.Line line) {
    return line.productId() == null ? "" : line.productId();
  }

  @Override
  public void close() {
    validators.close();
  }
}
