package dev.observer.testserver;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands before a backend and passes bytes on, until it is told to cut: then it lets a request
 * through and closes the connection when the answer comes, so that the backend has done what its
 * client does not know.
 */
public final class CuttingProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final URI target;
  private final AtomicInteger toCut = new AtomicInteger();
  private final AtomicInteger cut = new AtomicInteger();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private CuttingProxy(ServerSocket listener, URI target) {
    this.listener = listener;
    this.target = target;
  }

  /** Listens on a free port. */
  public static CuttingProxy start(URI target) throws IOException {
    CuttingProxy proxy =
        new CuttingProxy(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), target);
    daemon("proxy", proxy::accept);
    return proxy;
  }

  private static void daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Where it listens. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  /** Cuts the next answers, so many. */
  public void cutAnswers(int count) {
    toCut.set(count);
  }

  /** How many were cut. */
  public int cut() {
    return cut.get();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        connect(listener.accept());
      } catch (IOException e) {
        // It was closed.
      }
    }
  }

  private void connect(Socket client) {
    try {
      Socket backend = new Socket(target.getHost(), target.getPort());
      open.add(client);
      open.add(backend);
      client.setTcpNoDelay(true);
      backend.setTcpNoDelay(true);
      daemon("proxy to " + target, () -> pass(client, backend, false));
      daemon("proxy from " + target, () -> pass(backend, client, true));
    } catch (IOException e) {
      close(client); // the backend is down: its client sees a connection that ends
    }
  }

  private void pass(Socket from, Socket to, boolean answers) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[16 * 1024];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (answers && toCut.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
          cut.incrementAndGet();
          return;
        }
        out.write(buffer, 0, n);
      }
    } catch (SocketException e) {
      // The other direction ended, or it was closed.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }

  private static void close(Closeable socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    close(listener);
    open.forEach(CuttingProxy::close);
  }
}
