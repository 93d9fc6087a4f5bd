package dev.observer.bench;

import dev.observer.testserver.ServerProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Replay batches of 500 KB gzipped (about 3 MB of JSON), each of its own recording and sequence,
 * streamed at 1, 8 and 64 connections: megabytes a second as sent, and the server's peak memory.
 */
final class ReplayBenchmark {
  private static final int[] CONNECTIONS = {1, 8, 64};
  private static final int BODY_BYTES = 500_000;
  private static final Duration WARM_UP = Duration.ofSeconds(5);
  private static final Duration MEASURED = Duration.ofSeconds(10);
  private static final String WRITE_KEY = "pk_bench";
  private static final String PATH = "/api/observer/replay-events?key=" + WRITE_KEY;

  private ReplayBenchmark() {}

  /** Prints one line for each number of connections; takes no arguments. */
  public static void main(String[] args) throws Exception {
    Tail tail = Tail.create(new SplittableRandom(1));
    System.out.printf(
        Locale.ROOT,
        "Replay batches of %,d bytes gzipped, %,d inflated. %s%n",
        tail.deflated.length,
        tail.inflated.length,
        Machine.description());
    Path directory = Files.createTempDirectory(Machine.benchDirectory(), "replay");
    Map<String, String> environment =
        new LinkedHashMap<>(
            ServerProcess.environment(directory, WRITE_KEY, "bench-bench-bench-bench"));
    environment.put("OBSERVER_SPOOL_REPLAYS_BYTES", "64GiB");
    try (ServerProcess server =
        ServerProcess.start(List.of("-jar", Machine.standaloneJar().toString()), environment)) {
      run(server.uri(), tail, 8, WARM_UP);
      for (int connections : CONNECTIONS) {
        double[] millis = run(server.uri(), tail, connections, MEASURED);
        System.out.printf(
            Locale.ROOT,
            "%2d connections: %,4.0f MB/s gzipped, %,5.0f MB/s inflated, p50 %.0f p99 %.0f ms,"
                + " peak resident %,.0f MB%n",
            connections,
            millis.length * (double) tail.deflated.length / 1e6 / MEASURED.toSeconds(),
            millis.length * (double) tail.inflated.length / 1e6 / MEASURED.toSeconds(),
            millis[millis.length / 2],
            millis[millis.length * 99 / 100],
            server.peakResidentBytes() / 1e6);
      }
      server.kill();
    } finally {
      Machine.delete(directory);
    }
  }

  /** The latencies of all acknowledged batches in milliseconds, sorted. */
  private static double[] run(URI server, Tail tail, int connections, Duration time)
      throws Exception {
    long until = System.nanoTime() + time.toNanos();
    ExecutorService threads = Executors.newFixedThreadPool(connections);
    try {
      List<Future<List<Double>>> latencies = new ArrayList<>();
      SplittableRandom random = new SplittableRandom();
      for (int i = 0; i < connections; i++) {
        String recording = String.format(Locale.ROOT, "rec-%016x", random.nextLong());
        latencies.add(threads.submit(() -> send(server, tail, recording, until)));
      }
      List<Double> all = new ArrayList<>();
      for (Future<List<Double>> one : latencies) {
        all.addAll(one.get());
      }
      return all.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    } finally {
      threads.shutdownNow();
    }
  }

  private static List<Double> send(URI server, Tail tail, String recording, long until)
      throws IOException {
    List<Double> latencies = new ArrayList<>();
    try (Socket socket = new Socket(InetAddress.getByName(server.getHost()), server.getPort())) {
      socket.setTcpNoDelay(true);
      for (int sequence = 0; System.nanoTime() < until; sequence++) {
        byte[] body = tail.after(head(recording, sequence));
        long start = System.nanoTime();
        String head =
            "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
                .formatted(PATH, body.length);
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(body);
        LoadClient.Answer answer = LoadClient.Answer.read(socket.getInputStream());
        if (answer.status() != 202) {
          throw new IOException(answer.toString());
        }
        latencies.add((System.nanoTime() - start) / 1e6);
      }
    }
    return latencies;
  }

  private static String head(String recording, int sequence) {
    return """
        {"sdk":{"name":"@observer/client","version":"0.1.0"},"context":{"service_name":"shop-web"},\
        "session_id":"s-%s","recording_id":"%s","sequence":%d,\
        "start_time":"2026-01-01T00:00:00.000Z","initial_url":"https://shop.example/",\
        "encoding":"rrweb","""
        .formatted(recording, recording, sequence);
  }

  /**
   * What all batches have in common: their events, deflated once, so that a body costs the loader
   * little. It stands behind the deflated head of each.
   */
  private static final class Tail {
    private final byte[] inflated;
    private final byte[] deflated;

    private Tail(byte[] inflated, byte[] deflated) {
      this.inflated = inflated;
      this.deflated = deflated;
    }

    static Tail create(SplittableRandom random) {
      StringBuilder json = new StringBuilder("\"events\":[");
      byte[] deflated = new byte[0];
      for (int i = 0; deflated.length < BODY_BYTES; i++) {
        if (i % 1000 == 0) {
          deflated = deflate(bytes(json), true);
        }
        json.append(event(random, i)).append(',');
      }
      json.append(event(random, 0)).append("]}");
      return new Tail(bytes(json), deflate(bytes(json), true));
    }

    private static String event(SplittableRandom random, int id) {
      return """
          {"type":3,"timestamp":%d,"data":{"source":0,"texts":[],"attributes":[],"removes":[],\
          "adds":[{"parentId":%d,"nextId":null,"node":{"type":2,"tagName":"div",\
          "attributes":{"class":"card card-%x","style":"top: %dpx"},"childNodes":[],"id":%d}}]}}"""
          .formatted(
              1_767_225_600_000L + id * 17L,
              random.nextInt(5000),
              random.nextLong(),
              random.nextInt(2000),
              id);
    }

    private static byte[] bytes(CharSequence text) {
      return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] deflate(byte[] bytes, boolean last) {
      Deflater deflater = new Deflater(6, true);
      deflater.setInput(bytes);
      if (last) {
        deflater.finish();
      }
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[1 << 16];
      int n;
      do {
        n = deflater.deflate(buffer, 0, buffer.length, last ? 0 : Deflater.SYNC_FLUSH);
        out.write(buffer, 0, n);
      } while (n == buffer.length || (last && !deflater.finished()));
      deflater.end();
      return out.toByteArray();
    }

    /** A gzip body of this head and the tail. */
    byte[] after(String head) {
      byte[] start = bytes(head);
      CRC32 checksum = new CRC32();
      checksum.update(start);
      checksum.update(inflated);
      ByteArrayOutputStream body = new ByteArrayOutputStream(deflated.length + 512);
      body.writeBytes(new byte[] {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 0, 0});
      body.writeBytes(deflate(start, false));
      body.writeBytes(deflated);
      body.writeBytes(
          ByteBuffer.allocate(8)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putInt((int) checksum.getValue())
              .putInt(start.length + inflated.length)
              .array());
      return body.toByteArray();
    }
  }
}
