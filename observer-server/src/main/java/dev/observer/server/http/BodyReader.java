package dev.observer.server.http;

import dev.observer.server.http.Problem.Refused;
import dev.observer.server.metrics.DropReason;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.Connectors;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RequestTooBigException;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.IoUtils;
import org.xnio.channels.StreamSourceChannel;

/**
 * Reads the body of one request, bounded before and after it is inflated, without ever making a
 * thread wait for the sender: a worker takes what has arrived, and goes back to the pool when there
 * is no more for now. A body that is not complete in time is dropped with its connection by {@link
 * Entrance}.
 */
final class BodyReader {
  private static final Logger log = LoggerFactory.getLogger(BodyReader.class);

  /** What inflating takes: a window, its tables, a buffer, and a header that does not end. */
  private static final long GUNZIP_BYTES = 64 * 1024;

  /** Takes the body; called by one worker at a time. */
  interface Receiver {
    /**
     * So much memory is wanted for this body, until {@link #release}.
     *
     * @throws Refused if there is none
     */
    void take(long bytes) throws Refused;

    /** The next bytes as they were sent; {@code gzip} says whether they are compressed. */
    default void raw(byte[] bytes, int from, int to, boolean gzip) throws Refused {}

    /** The next inflated bytes. */
    void inflated(byte[] bytes, int from, int to) throws Refused;

    /** The body is complete: the request is to be answered. */
    void complete() throws Refused;

    /** Called at most once, when all that came is lost; a body that is no data is no loss. */
    default void lost(DropReason reason) {}

    /** Called once, however it ended. */
    default void release() {}
  }

  private final HttpServerExchange exchange;
  private final long maxBytes;
  private final long maxInflatedBytes;
  private final Receiver receiver;
  private final @Nullable Boolean declaredGzip;

  /**
   * A body of kilobytes may inflate to its limit, and one request may not pay for as much as ten:
   * each further tenth of the limit counts as one more of its address.
   */
  private final @Nullable Runnable further;

  private final long share;

  private @Nullable Gunzip gunzip;
  private boolean started;
  private byte @Nullable [] firstByte;
  private long bytes;
  private long inflatedBytes;
  private @Nullable StreamSourceChannel channel;

  /** Whether the next event starts a worker. Belongs to the IO thread. */
  private boolean listening;

  /** Held by the worker that reads; an ended connection is cleaned up by whoever gets it. */
  private final ReentrantLock lock = new ReentrantLock();

  private volatile boolean cancelled;
  private boolean ended;

  /** Whether the body arrived whole or was refused; otherwise its end is a loss. */
  private boolean settled;

  private BodyReader(
      HttpServerExchange exchange,
      long maxBytes,
      long maxInflatedBytes,
      Receiver receiver,
      @Nullable Boolean declaredGzip) {
    this.exchange = exchange;
    this.maxBytes = maxBytes;
    this.maxInflatedBytes = maxInflatedBytes;
    this.receiver = receiver;
    this.declaredGzip = declaredGzip;
    this.further = exchange.getAttachment(Access.FURTHER);
    this.share = Math.max(1, maxInflatedBytes / 10);
  }

  /**
   * Starts to read; the calling handler returns at once.
   *
   * @throws Refused if the headers say already that the body cannot be read
   */
  static void read(
      HttpServerExchange exchange, long maxBytes, long maxInflatedBytes, Receiver receiver)
      throws Refused {
    Boolean gzip;
    try {
      for (String type : exchange.getRequestHeaders().eachValue(Headers.CONTENT_TYPE)) {
        checkType(type);
      }
      gzip = gzip(all(exchange, Headers.CONTENT_ENCODING));
      if (exchange.getRequestContentLength() > maxBytes) {
        throw tooLarge(maxBytes);
      }
    } catch (Refused e) {
      count(e, receiver);
      throw e;
    }
    // A host that mounts Observer has a limit of its own, 2 MiB unless it sets another; for bodies
    // in chunks it stays.
    exchange.setMaxEntitySize(maxBytes + 1);
    // Undertow's default is 200. What ends without an answer of ours must not read as one: whoever
    // is told to come back repeats what may have been kept, and that is stored once.
    exchange.setStatusCode(503);
    BodyReader reader = new BodyReader(exchange, maxBytes, maxInflatedBytes, receiver, gzip);
    exchange.addExchangeCompleteListener(
        (ended, next) -> {
          reader.cancel();
          next.proceed();
        });
    exchange.dispatch((HttpHandler) ignored -> reader.drain());
  }

  static void count(Refused e, Receiver receiver) {
    DropReason lost = e.lost();
    if (lost != null) {
      receiver.lost(lost);
    }
  }

  private static @Nullable String all(HttpServerExchange exchange, HttpString name) {
    HeaderValues values = exchange.getRequestHeaders().get(name);
    return values == null ? null : String.join(", ", values);
  }

  private static void checkType(String type) throws Refused {
    String essence = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (!essence.isEmpty()
        && !essence.equals("application/json")
        && !essence.equals("text/plain")) {
      throw new Problem(415, "the body must be application/json or text/plain")
          .refused(DropReason.INVALID);
    }
  }

  private static @Nullable Boolean gzip(@Nullable String coding) throws Refused {
    if (coding == null || coding.isBlank() || coding.strip().equalsIgnoreCase("identity")) {
      return null;
    }
    if (coding.strip().equalsIgnoreCase("gzip") || coding.strip().equalsIgnoreCase("x-gzip")) {
      return true;
    }
    throw new Problem(415, "the body may be gzip or not encoded").refused(DropReason.INVALID);
  }

  private static Refused tooLarge(long maxBytes) {
    return new Problem(413, "the body has more than " + maxBytes + " bytes")
        .refused(DropReason.TOO_LARGE);
  }

  /** Takes what has arrived; runs as the handler of a worker. */
  private void drain() {
    lock.lock();
    try {
      if (!ended) {
        drainLocked();
      }
    } finally {
      lock.unlock();
    }
    if (cancelled) {
      cancel();
    }
  }

  private void cancel() {
    cancelled = true;
    // Undertow may close the connection while this thread reads, which then says why.
    if (!lock.isHeldByCurrentThread() && lock.tryLock()) {
      try {
        end();
      } finally {
        lock.unlock();
      }
    }
  }

  private void drainLocked() {
    try {
      if (channel == null) {
        channel = exchange.getRequestChannel();
      }
      if (channel == null) {
        throw new IOException("the body was read already");
      }
      if (drain(channel)) {
        finish();
      } else {
        await(channel);
      }
    } catch (Refused e) {
      settled = true;
      count(e, receiver);
      end();
      e.problem().send(exchange);
    } catch (RequestTooBigException e) {
      settled = true;
      receiver.lost(DropReason.TOO_LARGE); // Undertow has closed the connection already
      abort();
    } catch (IOException e) {
      log.debug("the sender went away", e);
      abort();
    } catch (RuntimeException | Error e) {
      settled = true;
      end();
      throw e;
    }
  }

  /** Whether the body is complete. */
  private boolean drain(StreamSourceChannel channel) throws IOException, Refused {
    try (PooledByteBuffer pooled =
        exchange.getConnection().getByteBufferPool().getArrayBackedPool().allocate()) {
      ByteBuffer buffer = pooled.getBuffer();
      while (true) {
        buffer.clear();
        int n = channel.read(buffer);
        if (n < 0) {
          return true;
        }
        if (n == 0) {
          return false;
        }
        bytes += n;
        if (bytes > maxBytes) {
          throw tooLarge(maxBytes);
        }
        accept(buffer.array(), buffer.arrayOffset(), buffer.arrayOffset() + n);
      }
    }
  }

  private void accept(byte[] chunk, int from, int to) throws Refused {
    if (!started) {
      if (declaredGzip == null && firstByte == null && to - from == 1) {
        firstByte = new byte[] {chunk[from]}; // gzip is recognised by two
        return;
      }
      byte[] head = firstByte;
      boolean gzip = declaredGzip != null;
      if (!gzip) {
        int first = head != null ? head[0] : chunk[from];
        int second = head != null ? chunk[from] : chunk[from + 1];
        gzip = (first & 0xFF) == 0x1F && (second & 0xFF) == 0x8B;
      }
      start(gzip);
      if (head != null) {
        firstByte = null;
        pass(head, 0, 1);
      }
    }
    pass(chunk, from, to);
  }

  private void start(boolean gzip) throws Refused {
    started = true;
    if (gzip) {
      receiver.take(GUNZIP_BYTES);
      gunzip = new Gunzip(exchange.getConnection().getByteBufferPool(), this::inflated);
    }
  }

  private void pass(byte[] chunk, int from, int to) throws Refused {
    receiver.raw(chunk, from, to, gunzip != null);
    if (gunzip != null) {
      gunzip.accept(chunk, from, to);
    } else {
      inflated(chunk, from, to);
    }
  }

  private void inflated(byte[] chunk, int from, int to) throws Refused {
    long sharesBefore = inflatedBytes / share;
    inflatedBytes += to - from;
    if (further != null && inflatedBytes / share > sharesBefore) {
      further.run();
    }
    if (inflatedBytes > maxInflatedBytes) {
      throw new Problem(413, "the body inflates to more than " + maxInflatedBytes + " bytes")
          .refused(DropReason.TOO_LARGE);
    }
    receiver.inflated(chunk, from, to);
  }

  private void finish() throws Refused {
    if (!started) {
      byte[] head = firstByte;
      start(declaredGzip != null);
      if (head != null) {
        pass(head, 0, 1);
      }
    }
    if (gunzip != null) {
      gunzip.finish();
    }
    settled = true;
    try {
      receiver.complete();
    } finally {
      end();
    }
  }

  /**
   * Goes on when more arrives. Reads may still be resumed below, so a listener can be called as
   * soon as it is set; it must not be while a handler of this exchange runs, whose state it would
   * change (Undertow then takes the request for done and ends it). So it is set when this handler
   * is through, and by the IO thread, which is the one that calls it.
   */
  private void await(StreamSourceChannel channel) {
    exchange.dispatch(exchange.getIoThread(), () -> listen(channel));
  }

  private void listen(StreamSourceChannel channel) {
    listening = true;
    channel.getReadSetter().set(this::readable);
    channel.resumeReads();
    if (exchange.isRequestComplete()) {
      readable(channel); // nobody is woken up for what has ended meanwhile
    }
    if (!exchange.getConnection().isOpen()) {
      cancel(); // nobody calls the listener of what was closed before it was set
    }
  }

  private void readable(StreamSourceChannel channel) {
    if (listening) { // else it is an event of before
      listening = false;
      channel.suspendReads();
      exchange
          .getConnection()
          .getWorker()
          .execute(() -> Connectors.executeRootHandler(ignored -> drain(), exchange));
    }
  }

  private void abort() {
    end();
    IoUtils.safeClose(exchange.getConnection());
    exchange.endExchange();
  }

  private void end() {
    if (!ended) {
      ended = true;
      if (!settled) {
        receiver.lost(DropReason.INCOMPLETE);
      }
      if (gunzip != null) {
        gunzip.close();
      }
      receiver.release();
    }
  }
}
