package dev.observer.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Posts event batches over a number of connections: each sends as soon as it is answered, or, at a
 * given rate, when it is time, and is measured from then on.
 */
final class LoadClient {

  private static final Pattern ACCEPTED = Pattern.compile("\"accepted\"\\s*:\\s*(\\d+)");

  /** What one run measured. */
  static final class Result {

    private final Duration time;
    private final long acknowledged;
    private final long[] latencies;
    private final Map<Integer, Long> statuses;

    private Result(Duration time, Tally total) {
      this.time = time;
      this.acknowledged = total.acknowledged;
      this.statuses = total.statuses;
      this.latencies = total.latencies();
      Arrays.sort(latencies);
    }

    /** Events in answers 202, as counted by the answer. */
    long acknowledged() {
      return acknowledged;
    }

    double eventsPerSecond() {
      return acknowledged / (time.toNanos() / 1e9);
    }

    /** The latency of answers 202 in milliseconds, NaN when there were none. */
    double percentile(double share) {
      return latencies.length == 0
          ? Double.NaN
          : latencies[(int) Math.min(latencies.length - 1, latencies.length * share)] / 1e6;
    }

    /** How often each status was seen. */
    Map<Integer, Long> statuses() {
      return statuses;
    }
  }

  private LoadClient() {}

  /**
   * Makes load and measures after the warm-up.
   *
   * @param path with the key in its query
   */
  static Result run(URI server, String path, int connections, Duration warmUp, Duration measured)
      throws IOException, InterruptedException {
    return run(server, path, connections, Duration.ZERO, warmUp, measured);
  }

  /**
   * Makes load at a rate and measures from the start.
   *
   * @param eventsPerSecond of all connections together
   */
  static Result runAt(
      double eventsPerSecond, URI server, String path, int connections, Duration measured)
      throws IOException, InterruptedException {
    double seconds = EventBatch.EVENTS * connections / eventsPerSecond;
    Duration interval = Duration.ofNanos((long) (seconds * 1e9));
    return run(server, path, connections, interval, Duration.ZERO, measured);
  }

  private static Result run(
      URI server,
      String path,
      int connections,
      Duration interval,
      Duration warmUp,
      Duration measured)
      throws IOException, InterruptedException {
    SplittableRandom random = new SplittableRandom();
    long from = System.nanoTime() + warmUp.toNanos();
    long until = from + measured.toNanos();
    ExecutorService threads = Executors.newFixedThreadPool(connections);
    try {
      List<Future<Tally>> tallies = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        EventBatch batch = new EventBatch(path, random.split());
        long first = System.nanoTime() + interval.toNanos() * i / connections;
        tallies.add(
            threads.submit(() -> send(server, batch, first, interval.toNanos(), from, until)));
      }
      Tally total = new Tally();
      for (Future<Tally> tally : tallies) {
        total.add(tally.get());
      }
      return new Result(measured, total);
    } catch (ExecutionException e) {
      throw new IOException("a connection failed", e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  private static Tally send(
      URI server, EventBatch batch, long first, long interval, long from, long until)
      throws IOException {
    Tally tally = new Tally();
    try (Socket socket = new Socket(InetAddress.getByName(server.getHost()), server.getPort())) {
      socket.setTcpNoDelay(true);
      OutputStream out = socket.getOutputStream();
      InputStream in = new BufferedInputStream(socket.getInputStream());
      long due = first;
      while (true) {
        while (interval > 0 && System.nanoTime() < due) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
        byte[] request = batch.next();
        long sent = interval > 0 ? due : System.nanoTime();
        due += interval;
        out.write(request);
        Answer answer = Answer.read(in);
        long answered = System.nanoTime();
        if (answered > until) {
          return tally;
        }
        if (answered > from) {
          tally.count(answer, answered - sent);
        }
      }
    }
  }

  /** What one connection counted. */
  private static final class Tally {

    private long[] latencies = new long[1024];
    private int size;
    private long acknowledged;
    private final Map<Integer, Long> statuses = new TreeMap<>();

    private void count(Answer answer, long nanos) {
      statuses.merge(answer.status, 1L, Long::sum);
      if (answer.status == 202) {
        acknowledged += answer.accepted();
        if (size == latencies.length) {
          latencies = Arrays.copyOf(latencies, size * 2);
        }
        latencies[size++] = nanos;
      }
    }

    private void add(Tally other) {
      acknowledged += other.acknowledged;
      other.statuses.forEach((status, times) -> statuses.merge(status, times, Long::sum));
      long[] both = Arrays.copyOf(latencies, size + other.size);
      System.arraycopy(other.latencies, 0, both, size, other.size);
      latencies = both;
      size = both.length;
    }

    private long[] latencies() {
      return Arrays.copyOf(latencies, size);
    }
  }

  /** An answer with a body of known length. */
  record Answer(int status, String body) {

    static Answer read(InputStream in) throws IOException {
      int status = Integer.parseInt(line(in).split(" ", 3)[1]);
      int length = -1;
      for (String header = line(in); !header.isEmpty(); header = line(in)) {
        String lower = header.toLowerCase(Locale.ROOT);
        if (lower.startsWith("content-length:")) {
          length = Integer.parseInt(lower.substring("content-length:".length()).strip());
        }
      }
      if (length < 0) {
        throw new IOException("answer " + status + " without Content-Length");
      }
      byte[] body = in.readNBytes(length);
      return new Answer(status, new String(body, StandardCharsets.UTF_8));
    }

    private long accepted() {
      Matcher matcher = ACCEPTED.matcher(body);
      return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    private static String line(InputStream in) throws IOException {
      StringBuilder line = new StringBuilder();
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c < 0) {
          throw new EOFException("connection closed by the server");
        }
        if (c != '\r') {
          line.append((char) c);
        }
      }
      return line.toString();
    }
  }
}
