package dev.observer.bench;

import com.sun.management.ThreadMXBean;
import com.sun.net.httpserver.HttpServer;
import dev.observer.Observer;
import dev.observer.config.ObserverConfig;
import dev.observer.server.rpc.ProcedureCall;
import dev.observer.server.rpc.ProcedureInterceptor;
import dev.observer.server.rpc.ProcedureType;
import io.sentry.Sentry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.util.Statistics;

/**
 * What capturing costs the thread that does it, beside Sentry's SDK with its transport pointed at a
 * sink in the same process. Every thing captured is kept and sent: queues are let run empty before
 * they are full. Each throwable is new, as reading a stack the first time is what costs.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class CaptureBenchmark {
  private static final int FRAMES = 50;
  private static final int BETWEEN_FLUSHES = 200;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** An Observer that keeps all it is given. */
  @State(Scope.Benchmark)
  public static class Observing {
    Observer observer;
    ProcedureInterceptor interceptor;
    final ProcedureCall call =
        new ProcedureCall("orders.place", ProcedureType.MUTATION, Map.of("id", 7));
    final Callable<Object> body = () -> "done";
    final Map<String, Object> properties = Map.of("value", 12.5, "currency", "EUR");
    private Path data;
    private int count;

    @Setup
    public void start() throws IOException {
      data = java.nio.file.Files.createTempDirectory(Machine.benchDirectory(), "capture");
      observer =
          Observer.start(
              ObserverConfig.builder()
                  .environmentVariables(Map.of())
                  .readToken("bench-bench-bench-bench")
                  .dataDir(data)
                  .http(http -> http.port(0))
                  .build());
      interceptor = observer.interceptor();
    }

    @Setup(Level.Invocation)
    public void flush() {
      if (++count % BETWEEN_FLUSHES == 0 && !observer.flush(PATIENCE)) {
        throw new IllegalStateException("not flushed");
      }
    }

    @TearDown
    public void close() throws IOException {
      observer.close();
      Machine.delete(data);
    }
  }

  /** Sentry's SDK, and a sink that answers 200. */
  @State(Scope.Benchmark)
  public static class WithSentry {
    private HttpServer sink;
    private ExecutorService threads;
    private int count;

    @Setup
    public void start() throws IOException {
      sink = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      threads = Executors.newFixedThreadPool(2);
      sink.setExecutor(threads);
      sink.createContext(
          "/",
          exchange -> {
            exchange.getRequestBody().readAllBytes();
            byte[] answer = "{}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
          });
      sink.start();
      Sentry.init(
          options -> {
            options.setDsn("http://key@127.0.0.1:" + sink.getAddress().getPort() + "/1");
            options.setMaxQueueSize(10 * BETWEEN_FLUSHES);
            options.setFlushTimeoutMillis(PATIENCE.toMillis());
          });
    }

    @Setup(Level.Invocation)
    public void flush() {
      if (++count % BETWEEN_FLUSHES == 0) {
        Sentry.flush(PATIENCE.toMillis());
      }
    }

    @TearDown
    public void close() {
      Sentry.close();
      sink.stop(0);
      threads.shutdownNow();
    }
  }

  /** A new exception with a stack of 50 frames. */
  @State(Scope.Thread)
  public static class Thrown {
    Throwable thrown;

    @Setup(Level.Invocation)
    public void make() {
      thrown = thrown();
    }
  }

  private static int around = -1;

  static Throwable thrown() {
    if (around < 0) {
      around = new Throwable().getStackTrace().length;
    }
    return below(Math.max(0, FRAMES - around - 1));
  }

  private static Throwable below(int frames) {
    return frames == 0 ? new IllegalStateException("order 7 failed") : below(frames - 1);
  }

  @Benchmark
  public void observerTrack(Observing state) {
    state.observer.track("order_placed", state.properties);
  }

  @Benchmark
  public String observerCaptureException(Observing state, Thrown thrown) {
    return state.observer.captureException(thrown.thrown);
  }

  @Benchmark
  public Object sentryCaptureException(WithSentry state, Thrown thrown) {
    return Sentry.captureException(thrown.thrown);
  }

  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  public Object callAlone(Observing state) throws Exception {
    return state.body.call();
  }

  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  public Object callIntercepted(Observing state) throws Exception {
    return state.interceptor.intercept(state.call, state.body);
  }

  /** Runs all of it, and prints the figures in a table. */
  public static void main(String[] args) throws RunnerException, IOException {
    Collection<RunResult> results =
        new Runner(new OptionsBuilder().include(CaptureBenchmark.class.getSimpleName()).build())
            .run();
    System.out.printf(
        Locale.ROOT,
        "%nOn the caller's thread. %s%n| | median us | p99 us | mean us |%n|---|---|---|---|%n",
        Machine.description());
    for (RunResult result : results) {
      Statistics nanos = result.getPrimaryResult().getStatistics();
      String name = result.getPrimaryResult().getLabel();
      boolean sampled = result.getParams().getMode() == Mode.SampleTime;
      System.out.printf(
          Locale.ROOT,
          "| %s | %s | %s | %.2f |%n",
          name,
          sampled ? "%.2f".formatted(nanos.getPercentile(50) / 1_000) : "",
          sampled ? "%.2f".formatted(nanos.getPercentile(99) / 1_000) : "",
          nanos.getMean() / 1_000);
    }
    allocation();
  }

  private static void allocation() throws IOException {
    Observing observing = new Observing();
    observing.start();
    WithSentry sentry = new WithSentry();
    sentry.start();
    System.out.printf("%n| allocated by the caller | bytes a call |%n|---|---|%n");
    print("observerTrack", ignored -> observing.observer.track("order_placed", observing.properties), observing::flush);
    print("observerCaptureException", observing.observer::captureException, observing::flush);
    print("sentryCaptureException", Sentry::captureException, sentry::flush);
    sentry.close();
    observing.close();
  }

  private static void print(String name, Consumer<Throwable> call, Runnable flush) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long own = Thread.currentThread().getId();
    long bytes = 0;
    int calls = 10_000;
    for (int i = 0; i < 2 * calls; i++) {
      Throwable thrown = thrown();
      flush.run();
      long before = threads.getThreadAllocatedBytes(own);
      call.accept(thrown);
      bytes += i < calls ? 0 : threads.getThreadAllocatedBytes(own) - before;
    }
    System.out.printf("| %s | %d |%n", name, bytes / calls);
  }
}
