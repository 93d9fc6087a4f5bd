package dev.observer.bench;

import dev.observer.Observer;
import dev.observer.config.ObserverConfig;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Requests per second of a route of an Undertow, with and without {@code Observer.watch} around it,
 * in turns; the clients are on the same machine.
 */
final class WatchBenchmark {
  private static final int CONNECTIONS = 16;
  private static final int ROUNDS = 15;
  private static final long SECONDS = 2;
  private static final byte[] REQUEST =
      ("GET /orders/7 HTTP/1.1\r\nHost: shop\r\n"
              + "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n")
          .getBytes(StandardCharsets.US_ASCII);

  private WatchBenchmark() {}

  public static void main(String[] args) throws Exception {
    Path data = Files.createTempDirectory(Machine.benchDirectory(), "watch");
    HttpHandler routes =
        Handlers.routing().get("/orders/{id}", exchange -> exchange.getResponseSender().send("7"));
    try (Observer observer =
        Observer.mount(
            ObserverConfig.builder()
                .environmentVariables(Map.of())
                .readToken("bench-bench-bench-bench")
                .dataDir(data)
                .build())) {
      Undertow alone = start(routes);
      Undertow watched = start(observer.watch(routes));
      double[] without = new double[ROUNDS];
      double[] with = new double[ROUNDS];
      double[] ratios = new double[ROUNDS];
      run(alone);
      run(watched);
      for (int i = 0; i < ROUNDS; i++) {
        without[i] = run(alone);
        with[i] = run(watched);
        ratios[i] = with[i] / without[i];
      }
      alone.stop();
      watched.stop();
      System.out.printf(
          Locale.ROOT,
          "%nRequests/s of a route, %d connections, medians of %d rounds. %s%n"
              + "| alone | watched | ratio |%n|---|---|---|%n| %.0f | %.0f | %.3f |%n",
          CONNECTIONS,
          ROUNDS,
          Machine.description(),
          median(without),
          median(with),
          median(ratios));
    } finally {
      Machine.delete(data);
    }
  }

  private static Undertow start(HttpHandler handler) {
    Undertow undertow =
        Undertow.builder().addHttpListener(0, "127.0.0.1").setHandler(handler).build();
    undertow.start();
    return undertow;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static double run(Undertow server) throws Exception {
    int port = ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    long until = System.nanoTime() + SECONDS * 1_000_000_000;
    ExecutorService clients = Executors.newFixedThreadPool(CONNECTIONS);
    try {
      List<Future<Long>> counts = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        counts.add(clients.submit(() -> ask(port, until)));
      }
      long sum = 0;
      for (Future<Long> count : counts) {
        sum += count.get();
      }
      return sum / (double) SECONDS;
    } finally {
      clients.shutdownNow();
    }
  }

  /** Asks one after the other; the answer ends with the 7. */
  private static long ask(int port, long until) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream(), 1024);
      long count = 0;
      while (System.nanoTime() < until) {
        socket.getOutputStream().write(REQUEST);
        int newLines = 0;
        while (newLines < 2) { // \r\n\r\n ends the head
          int c = in.read();
          if (c < 0) {
            throw new IOException("closed");
          }
          newLines = c == '\n' ? newLines + 1 : c == '\r' ? newLines : 0;
        }
        if (in.read() != '7') {
          throw new IOException("another answer");
        }
        count++;
      }
      return count;
    }
  }
}
