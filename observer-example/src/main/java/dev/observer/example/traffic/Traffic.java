package dev.observer.example.traffic;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A crowd in the shop: so many visitors at the same time, each a new one or one who comes again,
 * until it is closed. It may begin with the visits of the days before, which are told in some
 * seconds, so that there is something to compare the present with. Thread-safe.
 */
public final class Traffic implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Traffic.class);

  private static final int VISITS_A_DAY = 40;
  private static final int AGAIN_PERCENT = 35;
  private static final int OLD_RELEASE_PERCENT = 15;
  private static final int STAGING_PERCENT = 8;
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration LEAST_REST = Duration.ofMillis(500);
  private static final Duration MOST_REST = Duration.ofSeconds(6);
  private static final Duration KNOCK = Duration.ofSeconds(1);
  private static final Duration SAY = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** A past visit is over before the first of the present begins. */
  private static final Duration LONGEST_VISIT = Duration.ofMinutes(30);

  private final Options options;
  private final String origin;
  private final InstantSource clock;
  private final ShopClient shop;
  private final Ingest ingest;
  private final Scenes wide;
  private final Scenes narrow;
  private final List<Instant> past;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger over = new AtomicInteger();
  private final List<Thread> crowd = new ArrayList<>();

  /** Whom visitors signed up as, by the visitor's id. */
  private final Map<String, String> accounts = new ConcurrentHashMap<>();

  /**
   * What the crowd is like.
   *
   * @param shop the shop's front page
   * @param visitors at the same time, up to 500
   * @param days of the past that are told first, up to 30
   * @param haste how many times faster than people they are, up to 1,000
   * @param seed the same crowd for the same seed
   */
  public record Options(URI shop, int visitors, int days, int haste, long seed) {
    /** Twenty visitors, and the week before them. */
    public static final Options DEFAULT =
        new Options(URI.create("http://127.0.0.1:8080/"), 20, 7, 1, 42);

    /**
     * @throws IllegalArgumentException if a number is out of bounds
     */
    public Options {
      check("visitors", visitors, 1, 500);
      check("days", days, 0, 30);
      check("haste", haste, 1, 1_000);
    }

    private static void check(String name, int value, int least, int most) {
      if (value < least || value > most) {
        throw new IllegalArgumentException(
            "'%s' must be %d to %,d, and not %,d".formatted(name, least, most, value));
      }
    }

    public Options withShop(URI frontPage) {
      return new Options(frontPage, visitors, days, haste, seed);
    }

    public Options withVisitors(int number) {
      return new Options(shop, number, days, haste, seed);
    }

    public Options withDays(int number) {
      return new Options(shop, visitors, number, haste, seed);
    }

    public Options withHaste(int factor) {
      return new Options(shop, visitors, days, factor, seed);
    }

    public Options withSeed(long number) {
      return new Options(shop, visitors, days, haste, number);
    }

    /** Those of a command line; what it does not say is as by default. */
    static Options parse(List<String> arguments) {
      Options options = DEFAULT;
      Iterator<String> words = arguments.iterator();
      while (words.hasNext()) {
        String name = words.next();
        if (!words.hasNext()) {
          throw new IllegalArgumentException("There is nothing after " + name);
        }
        String value = words.next();
        options =
            switch (name) {
              case "--url" -> options.withShop(URI.create(value));
              case "--visitors" -> options.withVisitors(number(name, value));
              case "--days" -> options.withDays(number(name, value));
              case "--haste" -> options.withHaste(number(name, value));
              case "--seed" -> options.withSeed(number(name, value));
              default -> throw new IllegalArgumentException("There is no option " + name);
            };
      }
      return options;
    }

    private static int number(String name, String value) {
      try {
        return Integer.parseInt(value);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "After " + name + " comes a number, and '" + value + "' is none", e);
      }
    }
  }

  private Traffic(Options options, InstantSource clock, LongSupplier nanos) {
    JsonMapper mapper = new JsonMapper();
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();
    this.options = options;
    this.clock = clock;
    this.origin = options.shop.resolve("/").toString().replaceAll("/$", "");
    this.shop = new ShopClient(options.shop, client, mapper);
    this.ingest = new Ingest(options.shop, client, mapper, clock, nanos);
    this.wide = Scenes.load(false, origin, mapper);
    this.narrow = Scenes.load(true, origin, mapper);
    this.past = past(options, clock.instant());
  }

  /** Lets a crowd in. It comes when the shop is open, and waits when it is not. */
  public static Traffic start(Options options) {
    Traffic traffic = new Traffic(options, InstantSource.system(), System::nanoTime);
    for (int number = 1; number <= options.visitors; number++) {
      Thread visitor = new Thread(traffic::comeAndGo, "traffic-" + number);
      visitor.setDaemon(true);
      traffic.crowd.add(visitor);
      visitor.start();
    }
    return traffic;
  }

  /** When visitors came in the days before, oldest first: by day more than by night. */
  private static List<Instant> past(Options options, Instant now) {
    Chance chance = new Chance(options.seed, Long.MIN_VALUE);
    Instant from = now.minus(Duration.ofDays(options.days));
    List<Instant> visits = new ArrayList<>();
    while (visits.size() < VISITS_A_DAY * options.days) {
      Instant at =
          from.plus(chance.between(LONGEST_VISIT, Duration.ofDays(options.days)))
              .minus(LONGEST_VISIT);
      int hour = at.atOffset(ZoneOffset.UTC).getHour();
      if ((hour >= 7 && hour < 22) || chance.percent(20)) {
        visits.add(at);
      }
    }
    visits.sort(null);
    return List.copyOf(visits);
  }

  private void comeAndGo() {
    try {
      List<Product> products = awaitOpening();
      while (true) {
        int number = next.getAndIncrement();
        try {
          visit(number, products);
        } catch (IOException e) {
          log.debug("The shop does not answer; visitor {} goes", number, e);
        }
        if (number >= past.size()) {
          rest(number);
        }
      }
    } catch (InterruptedException e) {
      // The crowd goes home.
      Thread.currentThread().interrupt();
    }
  }

  private List<Product> awaitOpening() throws InterruptedException {
    while (true) {
      try {
        return shop.products();
      } catch (IOException e) {
        log.debug("{} is not open yet", origin, e);
        Thread.sleep(KNOCK.toMillis());
      }
    }
  }

  private void rest(int number) throws InterruptedException {
    Duration rest = new Chance(~options.seed, number).between(LEAST_REST, MOST_REST);
    Thread.sleep(rest.toMillis() / options.haste);
  }

  /** Goes through with the visit of this number; the first are those of the past. */
  private void visit(int number, List<Product> products) throws IOException, InterruptedException {
    boolean isPast = number < past.size();
    Chance chance = new Chance(options.seed, number);
    Visitor visitor = Visitor.numbered(visitorOf(number, chance), options.seed);
    // In the days before it was on for half of them, and what was asked then is long answered.
    boolean pairs = isPast ? visitor.bucket() < 50 : shop.pairs(visitor);
    Page landing =
        chance.percent(60) ? Page.COLLECTION : Page.product(chance.oneOf(products), pairs);
    Tab tab =
        new Tab(
            origin,
            ingest,
            chance,
            isPast ? new Time.Past(past.get(number)) : new Time.Present(clock, options.haste),
            visitor,
            Arrival.by(chance, landing),
            release(number, chance),
            chance.percent(STAGING_PERCENT) ? "staging" : null,
            pairs,
            visitor.device().narrow() ? narrow : wide);
    @Nullable ShopClient asked = isPast ? null : shop;
    new Visit(tab, chance, products, asked, accounts.get(visitor.id()))
        .run(landing)
        .ifPresent(account -> accounts.put(visitor.id(), account));
    over.incrementAndGet();
  }

  /** A new visitor, or one of before who is surely gone by now. */
  private int visitorOf(int number, Chance chance) {
    int gone = number - 2 * options.visitors;
    return gone > 0 && chance.percent(AGAIN_PERCENT) ? chance.between(0, gone) : number;
  }

  /** The new one was deployed in the middle of the past; some have not loaded it yet. */
  private String release(int number, Chance chance) {
    boolean old = number < past.size() / 2 || chance.percent(OLD_RELEASE_PERCENT);
    return old ? Mistake.OLD : Mistake.NEW;
  }

  /** What the crowd has done so far. */
  public Report report() {
    return new Report(over.get(), ingest.accepted(), ingest.refused());
  }

  /**
   * What a crowd has done.
   *
   * @param visits that are over
   * @param accepted records and replay batches that the server has on its disk
   * @param refused those that it will never take: none, unless something is wrong here
   */
  public record Report(int visits, long accepted, long refused) {
    @Override
    public String toString() {
      return "%,d visits, %,d records and replay batches taken, %,d refused"
          .formatted(visits, accepted, refused);
    }
  }

  /** Sends everybody home, within two seconds. Idempotent. */
  @Override
  public void close() {
    crowd.forEach(Thread::interrupt);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try {
      for (Thread visitor : crowd) {
        TimeUnit.NANOSECONDS.timedJoin(visitor, deadline - System.nanoTime());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * A crowd for a shop that runs elsewhere, until the process is told to stop.
   *
   * @param arguments {@code --url http://127.0.0.1:8080/}, {@code --visitors 20}, {@code --days 7},
   *     {@code --haste 1}, {@code --seed 42}, each of which may be left out
   */
  public static void main(String[] arguments) throws InterruptedException {
    Traffic traffic;
    try {
      traffic = start(Options.parse(List.of(arguments)));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(1);
      return;
    }
    CountDownLatch closed = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  traffic.close();
                  closed.countDown();
                },
                "traffic-shutdown"));
    System.out.println(
        traffic.options.visitors + " visitors are on their way to " + traffic.origin + "/");
    while (!closed.await(SAY.toMillis(), TimeUnit.MILLISECONDS)) {
      System.out.println(traffic.report());
    }
  }
}
