package dev.observer.example;

import dev.observer.Observer;
import dev.observer.example.SignUp.Taste;
import dev.observer.server.capture.Identity;
import dev.observer.server.rpc.ErrorCode;
import dev.observer.server.rpc.Mutation;
import dev.observer.server.rpc.ProcedureException;
import dev.observer.server.rpc.ProcedureException.Violation;
import dev.observer.server.rpc.Query;
import io.micrometer.core.instrument.Counter;
import jakarta.validation.Valid;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Procedures about who has signed up. Being an example, there is no password, and nothing is kept
 * beyond the process; of the address only the name that stands for it. Thread-safe.
 */
final class Users {
  private static final Logger log = LoggerFactory.getLogger(Users.class);
  private static final int SHOWN = 50;

  private final Customers customers;
  private final Observer observer;
  private final InstantSource clock;
  private final Counter signUps;
  private final Set<String> taken = ConcurrentHashMap.newKeySet();
  private final Latest<User> users = new Latest<>();

  /**
   * Somebody who has signed up.
   *
   * @param since RFC 3339
   */
  record User(String userId, String name, Taste taste, String since) {}

  Users(Customers customers, Observer observer, InstantSource clock) {
    this.customers = customers;
    this.observer = observer;
    this.clock = clock;
    this.signUps =
        Counter.builder("shop.signups")
            .description("Customers who signed up")
            .register(observer.meterRegistry());
  }

  /** The first step: tells whether one can sign up with the address. */
  @Mutation
  void begin(@Valid SignUp.Address address) {
    if (taken.contains(customers.idOf(address.email()))) {
      throw alreadyHere();
    }
  }

  /** The last step. */
  @Mutation
  User signUp(@Valid SignUp said) {
    String id = customers.idOf(said.email());
    if (!taken.add(id)) {
      throw alreadyHere();
    }
    User user =
        new User(
            id,
            Objects.requireNonNull(said.name()).strip(),
            said.taste(),
            clock.instant().truncatedTo(ChronoUnit.MILLIS).toString());
    users.add(user);
    signUps.increment();
    observer.track("account_created", Map.of("taste", user.taste), Identity.user(id));
    log.info("{} has signed up for {}", id, user.taste);
    return user;
  }

  private static ProcedureException alreadyHere() {
    return new ProcedureException(
        ErrorCode.CONFLICT,
        "This address is taken",
        List.of(new Violation("/email", "Somebody has signed up with this address.")));
  }

  /** Who signed up last. */
  @Query
  List<User> latest() {
    return users.first(SHOWN);
  }
}
