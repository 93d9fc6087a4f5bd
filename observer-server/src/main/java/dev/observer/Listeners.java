package dev.observer;

import dev.observer.config.ObserverConfig;
import dev.observer.server.http.HttpListener;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.connector.ByteBufferPool;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpHandler;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.OptionMap;
import org.xnio.XnioWorker;

/**
 * The listeners that are Observer's own, by their addresses.
 *
 * @param uri that for browsers of visitors; null if it is the host's
 * @param adminUri that of {@code admin.port}; null where none is set
 */
record Listeners(@Nullable URI uri, @Nullable URI adminUri) {
  private static final Logger log = LoggerFactory.getLogger(Observer.class);

  /** After so long without a byte, read or written, a connection is closed. */
  static final Duration IDLE = Duration.ofSeconds(75);

  /** 16 KiB and no more with what Undertow puts before it. */
  private static final int BUFFER_BYTES = 16 * 1024 - 20;

  /** Without a bound the pool keeps none of those that are arrays. */
  private static final int POOLED_BUFFERS = 256;

  /**
   * Opens those that are ours.
   *
   * @param entrance for the browsers of visitors; null if the host has their listener
   */
  static Listeners open(
      ObserverConfig config,
      @Nullable HttpHandler entrance,
      HttpHandler admin,
      Duration idle,
      Closing closing)
      throws IOException {
    Integer adminPort = config.admin().port();
    if (entrance == null && adminPort == null) {
      return new Listeners(null, null);
    }
    ByteBufferPool buffers = new DefaultByteBufferPool(true, BUFFER_BYTES, POOLED_BUFFERS, 4);
    closing.add(buffers); // or the JDK's finalizer would keep some, and with them our loader
    Undertow undertow =
        Undertow.builder()
            .setByteBufferPool(buffers)
            .setServerOption(UndertowOptions.SHUTDOWN_TIMEOUT, 2_000)
            .build();
    undertow.start(); // its threads; what listens is ours
    closing.add(undertow::stop);
    Opener opener =
        new Opener(undertow.getWorker(), buffers, options(config.limits()), idle, closing);
    URI uri = null;
    if (entrance != null) {
      uri = opener.open(config.http().host(), config.http().port(), entrance);
      log.info("Observer listens on {}", uri);
    }
    URI adminUri = null;
    if (adminPort != null) {
      adminUri = opener.open(config.admin().host(), adminPort, admin);
      log.info("Observer is administered on {}", adminUri);
    }
    return new Listeners(uri, adminUri);
  }

  /** What listeners have in common. */
  private record Opener(
      XnioWorker worker,
      ByteBufferPool buffers,
      OptionMap options,
      Duration idle,
      Closing closing) {
    URI open(String host, int port, HttpHandler handler) throws IOException {
      try {
        HttpListener listener =
            HttpListener.open(worker, buffers, options, idle, host, port, handler);
        closing.add(listener);
        String name = host.contains(":") ? "[" + host + "]" : host;
        return URI.create("http://" + name + ":" + listener.port());
      } catch (IOException e) {
        throw new IOException(
            "it cannot listen on " + host + ":" + port + ": " + e.getMessage(), e);
      }
    }
  }

  private static OptionMap options(ObserverConfig.Limits limits) {
    // What is not announced is counted with the lengths of its chunks, each as soon as it is
    // known, and dropped without an answer: the limits that are answered are to come first.
    long largestBody = Math.max(limits.bodyBytes(), limits.replay().bodyBytes());
    long largestChunked = 2 * largestBody + 64 * 1024;
    return OptionMap.builder()
        .set(UndertowOptions.BUFFER_PIPELINED_DATA, true)
        .set(UndertowOptions.MAX_ENTITY_SIZE, largestChunked)
        .set(UndertowOptions.MAX_HEADER_SIZE, 32 * 1024)
        .set(UndertowOptions.MAX_HEADERS, 100)
        .set(UndertowOptions.MAX_PARAMETERS, 50)
        .set(UndertowOptions.REQUEST_PARSE_TIMEOUT, 30_000)
        .set(UndertowOptions.ALWAYS_SET_DATE, true)
        .getMap();
  }
}
