package dev.observer.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import dev.observer.Observer;
import dev.observer.config.ObserverConfig;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.util.Headers;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Requests per second of routes of an Undertow, with and without {@code Observer.watch} around them;
 * the clients are on the same machine. One answers a digit from the thread that read the request,
 * which is the least that a route can do; the other, as those of applications, an order as JSON from
 * a worker.
 *
 * <p>A difference of some hundredths drowns in what else a machine does. So it is one server with
 * the same connections all the time, which changes between the two every quarter of a second; each
 * such round is compared with the one next to it; and the median of these ratios is told with the
 * interval in which it lies with a probability of 95 %. What the machine does for others does not
 * count at all in the processor time of this process for a request, which is told too; its clients
 * and its garbage are in it.
 */
final class WatchBenchmark {
  private static final int CONNECTIONS = 16;
  private static final int PAIRS = 200;
  private static final long ROUND_MILLIS = 250;
  private static final int WARM_UP_ROUNDS = 80;
  private static final byte[] REQUEST =
      ("GET /orders/7 HTTP/1.1\r\nHost: shop\r\n"
              + "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n")
          .getBytes(StandardCharsets.US_ASCII);

  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private final LongAdder answers = new LongAdder();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final String route;
  private volatile HttpHandler handler;
  private volatile boolean over;

  private WatchBenchmark(String route, HttpHandler handler) {
    this.route = route;
    this.handler = handler;
  }

  public static void main(String[] args) throws Exception {
    Path data = Files.createTempDirectory(Machine.benchDirectory(), "watch");
    HttpHandler digit =
        Handlers.routing().get("/orders/{id}", exchange -> exchange.getResponseSender().send("7"));
    HttpHandler order = Handlers.routing().get("/orders/{id}", new BlockingHandler(orders()));
    try (Observer observer =
        Observer.mount(
            ObserverConfig.builder()
                .environmentVariables(Map.of())
                .readToken("bench-bench-bench-bench")
                .dataDir(data)
                .build())) {
      new WatchBenchmark("that answers a digit", digit).compare(digit, observer.watch(digit));
      new WatchBenchmark("that answers an order from a worker", order)
          .compare(order, observer.watch(order));
    } finally {
      Machine.delete(data);
    }
  }

  /** An order of ten lines, as it may be in a cache, and the JSON of it, some 1,200 bytes. */
  private static HttpHandler orders() {
    ObjectMapper json = new ObjectMapper();
    Map<String, Order> orders = new ConcurrentHashMap<>();
    return exchange -> {
      String id = exchange.getQueryParameters().get("id").getFirst();
      Order order = orders.computeIfAbsent(id, WatchBenchmark::order);
      exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
      exchange.getResponseSender().send(ByteBuffer.wrap(json.writeValueAsBytes(order)));
    };
  }

  private static Order order(String id) {
    List<Line> lines =
        IntStream.range(0, 10)
            .mapToObj(i -> new Line("SKU-" + i, "A lamp of the kind " + i, i + 1, 1990L * (i + 1)))
            .toList();
    return new Order(id, "customer-" + id, "2026-11-25T10:00:00Z", lines);
  }

  private record Order(String id, String customer, String placedAt, List<Line> lines) {}

  private record Line(String sku, String name, int quantity, long cents) {}

  private void compare(HttpHandler alone, HttpHandler watched) throws Exception {
    Undertow undertow =
        Undertow.builder()
            .addHttpListener(0, "127.0.0.1")
            .setHandler(exchange -> handler.handleRequest(exchange))
            .build();
    undertow.start();
    List<Thread> clients = new ArrayList<>();
    try {
      int port = ((InetSocketAddress) undertow.getListenerInfo().get(0).getAddress()).getPort();
      for (int i = 0; i < CONNECTIONS; i++) {
        Thread client = new Thread(() -> ask(port));
        clients.add(client);
        client.start();
      }
      for (int i = 0; i < WARM_UP_ROUNDS; i++) {
        round(i % 2 == 0 ? alone : watched);
      }
      Side without = new Side();
      Side with = new Side();
      for (int i = 0; i < PAIRS; i++) {
        if (i % 2 == 0) { // or what gets slower all the time would look like a cost
          with.rounds[i] = round(watched);
          without.rounds[i] = round(alone);
        } else {
          without.rounds[i] = round(alone);
          with.rounds[i] = round(watched);
        }
      }
      print(without, with);
    } finally {
      over = true;
      for (Thread client : clients) {
        client.join();
      }
      undertow.stop();
    }
    if (failure.get() != null) {
      throw new IOException("a client failed", failure.get());
    }
  }

  /** What was done in one round. */
  private record Round(long answers, long nanos, long processorNanos) {
    double perSecond() {
      return answers * 1e9 / nanos;
    }
  }

  /** All rounds of one of the two. */
  private static final class Side {
    private final Round[] rounds = new Round[PAIRS];

    double perSecond() {
      return median(Arrays.stream(rounds).mapToDouble(Round::perSecond));
    }

    double processorMicros() {
      long nanos = Arrays.stream(rounds).mapToLong(Round::processorNanos).sum();
      return nanos / 1e3 / Arrays.stream(rounds).mapToLong(Round::answers).sum();
    }

    private static double median(DoubleStream values) {
      return values.sorted().skip(PAIRS / 2).findFirst().orElseThrow();
    }
  }

  private void print(Side without, Side with) {
    double[] ratios =
        IntStream.range(0, PAIRS)
            .mapToDouble(i -> with.rounds[i].perSecond() / without.rounds[i].perSecond())
            .sorted()
            .toArray();
    int middle = PAIRS / 2;
    int spread = (int) Math.ceil(1.96 * Math.sqrt(PAIRS) / 2); // of the rank of a median
    System.out.printf(
        Locale.ROOT,
        "%nRequests of a route %s, %d connections, %d rounds of %d ms each. %s%n"
            + "| | alone | watched | ratio |%n|---|---|---|---|%n"
            + "| requests/s, median | %.0f | %.0f | %.3f (95 %%: %.3f to %.3f) |%n"
            + "| processor time of one, µs | %.2f | %.2f | %.3f |%n",
        route,
        CONNECTIONS,
        PAIRS,
        ROUND_MILLIS,
        Machine.description(),
        without.perSecond(),
        with.perSecond(),
        ratios[middle],
        ratios[middle - spread],
        ratios[middle + spread],
        without.processorMicros(),
        with.processorMicros(),
        with.processorMicros() / without.processorMicros());
  }

  private Round round(HttpHandler now) throws InterruptedException {
    handler = now;
    long before = answers.sum();
    long processor = SYSTEM.getProcessCpuTime();
    long start = System.nanoTime();
    TimeUnit.MILLISECONDS.sleep(ROUND_MILLIS);
    return new Round(
        answers.sum() - before,
        System.nanoTime() - start,
        SYSTEM.getProcessCpuTime() - processor);
  }

  private void ask(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream(), 1024);
      while (!over) {
        socket.getOutputStream().write(REQUEST);
        answer(in);
        answers.increment();
      }
    } catch (IOException e) {
      failure.set(e);
    }
  }

  /** Reads to the end of the answer. */
  private static void answer(InputStream in) throws IOException {
    String status = line(in);
    if (!status.startsWith("HTTP/1.1 200")) {
      throw new IOException("another answer: " + status);
    }
    int length = -1;
    for (String header = line(in); !header.isEmpty(); header = line(in)) {
      if (header.regionMatches(true, 0, "Content-Length: ", 0, 16)) {
        length = Integer.parseInt(header.substring(16));
      }
    }
    if (length < 0) {
      throw new IOException("an answer without a length");
    }
    in.skipNBytes(length);
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder(64);
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("closed");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }
}
