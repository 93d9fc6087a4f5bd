package dev.observer.example;

import dev.observer.example.Order.OrderId;
import dev.observer.example.Order.Placed;
import dev.observer.example.Order.Progress;
import dev.observer.server.rpc.ErrorCode;
import dev.observer.server.rpc.Mutation;
import dev.observer.server.rpc.ProcedureException;
import dev.observer.server.rpc.ProcedureException.Violation;
import dev.observer.server.rpc.Query;
import dev.observer.server.rpc.Subscription;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.validation.Valid;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Procedures about orders. Being an example, it charges nothing, and keeps the last of them in
 * memory: of a customer only the name that stands for the e-mail address. Thread-safe.
 */
final class Orders implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Orders.class);
  private static final int SHOWN = 50;
  private static final Duration STEP = Duration.ofMillis(800);
  private static final List<Order.Step> STEPS = List.of(Order.Step.values());

  private final Catalogue catalogue;
  private final Customers customers;
  private final InstantSource clock;
  private final DistributionSummary values;
  private final Latest<Sale> sales = new Latest<>();
  private final AtomicInteger lastOrder = new AtomicInteger(1000);
  private final ScheduledExecutorService workshop =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "shop-workshop");
            thread.setDaemon(true);
            return thread;
          });

  /** An order that was taken; {@code placedAt} is RFC 3339. */
  record Sale(String orderId, String customerId, int pieces, int totalCents, String placedAt) {}

  Orders(Catalogue catalogue, Customers customers, MeterRegistry meters, InstantSource clock) {
    this.catalogue = catalogue;
    this.customers = customers;
    this.clock = clock;
    this.values =
        DistributionSummary.builder("shop.order.value")
            .baseUnit("euros")
            .description("What an order was worth")
            .register(meters);
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
    Sale sale =
        new Sale(
            "L-" + lastOrder.incrementAndGet(),
            customers.idOf(order.email()),
            lines.stream().mapToInt(Order.Line::quantity).sum(),
            total,
            clock.instant().truncatedTo(ChronoUnit.MILLIS).toString());
    sales.add(sale);
    values.record(total / 100.0);
    log.info("{} of {}: {} pieces", sale.orderId, sale.customerId, sale.pieces);
    return new Placed(sale.orderId, sale.customerId, total);
  }

  /** The last orders, newest first. */
  @Query
  List<Sale> latest() {
    return sales.first(SHOWN);
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

  @Override
  public void close() {
    workshop.shutdownNow();
  }
}
