package dev.observer.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The yardstick: the least that a server must do to answer 202 honestly. It appends each body to
 * one file, fsyncs once for everything that was queued while the previous fsync ran, and answers
 * without looking at what it received.
 */
final class BareServer {

  private static final byte[] ANSWER =
      answer("{\"accepted\":" + EventBatch.EVENTS + ",\"rejected\":[]}");

  private final BlockingQueue<Body> queue = new LinkedBlockingQueue<>();

  /** A body that waits to be on disk. */
  private static final class Body {

    private final byte[] bytes;
    private final CountDownLatch written = new CountDownLatch(1);

    private Body(byte[] bytes) {
      this.bytes = bytes;
    }
  }

  /**
   * Serves until the process is ended.
   *
   * @param args the file to append to
   */
  public static void main(String[] args) throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
        FileChannel file =
            FileChannel.open(
                Path.of(args[0]), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      BareServer server = new BareServer();
      start("writer", () -> server.write(file));
      System.out.println("Bare server listening on http://127.0.0.1:" + socket.getLocalPort());
      while (true) {
        Socket connection = socket.accept();
        start("connection", () -> server.serve(connection));
      }
    }
  }

  private void write(FileChannel file) {
    List<Body> group = new ArrayList<>();
    try {
      while (true) {
        group.add(queue.take());
        queue.drainTo(group);
        ByteBuffer[] buffers =
            group.stream().map(body -> ByteBuffer.wrap(body.bytes)).toArray(ByteBuffer[]::new);
        ByteBuffer last = buffers[buffers.length - 1];
        while (last.hasRemaining()) {
          file.write(buffers);
        }
        file.force(false);
        group.forEach(body -> body.written.countDown());
        group.clear();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      connection.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(connection.getInputStream(), 1 << 16);
      OutputStream out = connection.getOutputStream();
      for (int length = head(in); length >= 0; length = head(in)) {
        Body body = new Body(in.readNBytes(length));
        queue.add(body);
        body.written.await();
        out.write(ANSWER);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // The client closed the connection: the run is over.
    }
  }

  /** Reads a request's head and returns the length of its body, -1 at the end of the stream. */
  private static int head(InputStream in) throws IOException {
    int length = 0;
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0; c = in.read()) {
      if (c == '\n') {
        String header = line.toString().toLowerCase(Locale.ROOT);
        if (header.isEmpty()) {
          return length;
        }
        if (header.startsWith("content-length:")) {
          length = Integer.parseInt(header.substring("content-length:".length()).strip());
        }
        line.setLength(0);
      } else if (c != '\r') {
        line.append((char) c);
      }
    }
    return -1;
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  private static byte[] answer(String body) {
    return ("HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body)
        .getBytes(StandardCharsets.US_ASCII);
  }
}
