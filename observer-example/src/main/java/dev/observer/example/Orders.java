package dev.observer.example;

import dev.observer.example.Order.OrderId;
import dev.observer.example.Order.Placed;
import dev.observer.example.Order.Progress;
import dev.observer.server.rpc.ErrorCode;
import dev.observer.server.rpc.Mutation;
import dev.observer.server.rpc.ProcedureException;
import dev.observer.server.rpc.ProcedureException.Violation;
import dev.observer.server.rpc.Subscription;
import jakarta.validation.Valid;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Procedures about orders. Being an example, it charges nothing and keeps nothing: of a customer
 * only a name that stands for the e-mail address remains, the same one for as long as the process
 * runs. Thread-safe.
 */
final class Orders implements AutoCloseable {
  private static final Duration STEP = Duration.ofMillis(800);
  private static final List<Order.Step> STEPS = List.of(Order.Step.values());

  private final Catalogue catalogue;
  private final SecretKeySpec customerKey;
  private final AtomicInteger lastOrder = new AtomicInteger(1000);
  private final ScheduledExecutorService workshop =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "shop-workshop");
            thread.setDaemon(true);
            return thread;
          });

  Orders(Catalogue catalogue) {
    this.catalogue = catalogue;
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    this.customerKey = new SecretKeySpec(key, "HmacSHA256");
  }

  /** Takes an order. */
  @Mutation
  Placed place(@Valid Order order) {
    List<Violation> unknown = new ArrayList<>();
    List<Order.Line> lines = order.lines() == null ? List.of() : order.lines();
    int total = 0;
    for (int i = 0; i < lines.size(); i++) {
      String id = lines.get(i).productId();
      Product product = catalogue.find(id == null ? "" : id);
      if (product == null) {
        unknown.add(new Violation("/lines/" + i, "We no longer make one of these."));
      } else {
        total += product.priceCents() * lines.get(i).quantity();
      }
    }
    if (!unknown.isEmpty()) {
      throw new ProcedureException(ErrorCode.BAD_REQUEST, "The input is not valid", unknown);
    }
    return new Placed("L-" + lastOrder.incrementAndGet(), customerId(order), total);
  }

  /** Tells how an order gets on, from now until it is on its way. */
  @Subscription
  Flow.Publisher<Progress> progress(OrderId id) {
    return subscriber -> subscriber.onSubscribe(new Getting(subscriber));
  }

  /** One order on its way, told to one customer. */
  private final class Getting implements Flow.Subscription {
    private final Flow.Subscriber<? super Progress> customer;
    private final AtomicInteger told = new AtomicInteger();
    private volatile boolean cancelled;
    private volatile @Nullable Future<?> next;

    Getting(Flow.Subscriber<? super Progress> customer) {
      this.customer = customer;
    }

    @Override
    public void request(long count) {
      long wait = told.get() == 0 ? 0 : STEP.toMillis();
      next = workshop.schedule(this::tell, wait, TimeUnit.MILLISECONDS);
    }

    private void tell() {
      if (cancelled) {
        return;
      }
      int step = told.getAndIncrement();
      if (step < STEPS.size()) {
        customer.onNext(new Progress(STEPS.get(step)));
      } else {
        customer.onComplete();
      }
    }

    @Override
    public void cancel() {
      cancelled = true;
      Future<?> scheduled = next;
      if (scheduled != null) {
        scheduled.cancel(false);
      }
    }
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

  @Override
  public void close() {
    workshop.shutdownNow();
  }
}
