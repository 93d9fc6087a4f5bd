package dev.observer.server.http;

import dev.observer.config.ObserverConfig;
import dev.observer.event.Arrival;
import dev.observer.event.BatchException;
import dev.observer.event.Kind;
import dev.observer.event.ReplayHead;
import dev.observer.event.ReplayReader;
import dev.observer.event.ServiceNames;
import dev.observer.event.Source;
import dev.observer.server.http.Problem.Refused;
import dev.observer.server.metrics.DropReason;
import dev.observer.server.metrics.Meters;
import dev.observer.server.sink.ReplayKey;
import dev.observer.server.spool.Outcome;
import dev.observer.server.spool.ReplayLane;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.SameThreadExecutor;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST replay-events}: the body goes to a file while it is inflated and checked, so that
 * memory does not grow with it; taken whole or refused whole.
 */
final class ReplayUploadHandler implements HttpHandler {
  /** What an upload takes beside what it reads: a file, a digest, and what checks it. */
  private static final long UPLOAD_BYTES = 16 * 1024;

  /** What zlib takes to compress, outside the heap for the most part. */
  private static final long DEFLATE_BYTES = 288 * 1024;

  private final ObserverConfig.Limits limits;
  private final ServiceNames services;
  private final ReplayLane lane;
  private final InstantSource clock;
  private final Meters meters;
  private final BodyMemory memory;

  ReplayUploadHandler(
      ObserverConfig.Limits limits,
      ServiceNames services,
      ReplayLane lane,
      InstantSource clock,
      Meters meters,
      BodyMemory memory) {
    this.limits = limits;
    this.services = services;
    this.lane = lane;
    this.clock = clock;
    this.meters = meters;
    this.memory = memory;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) throws Refused {
    BodyReader.read(
        exchange, limits.replay().bodyBytes(), limits.replay().inflatedBytes(), new Body(exchange));
  }

  /** One batch on its way to the lane. */
  private final class Body implements BodyReader.Receiver {
    private final HttpServerExchange exchange;
    private final BodyMemory.Share share = memory.share();
    private long readerBytes;
    private final ReplayReader reader;
    private final MessageDigest sha256 = ReplayLane.sha256();
    private ReplayLane.@Nullable Upload upload;
    private @Nullable GZIPOutputStream compressor;
    private boolean handedOver;

    Body(HttpServerExchange exchange) {
      this.exchange = exchange;
      Arrival arrival = new Arrival(clock.millis(), Source.CLIENT, null, services);
      this.reader =
          new ReplayReader(limits.replay().depth(), Math.toIntExact(limits.stringBytes()), arrival);
    }

    @Override
    public void take(long bytes) throws Refused {
      if (!share.take(bytes)) {
        throw Problem.busy();
      }
    }

    @Override
    public void raw(byte[] bytes, int from, int to, boolean gzip) throws Refused {
      ReplayLane.Upload target = upload();
      if (gzip) {
        target.write(bytes, from, to);
      } else {
        compress(target, bytes, from, to);
      }
      Outcome trouble = target.trouble();
      if (trouble != null) {
        throw refused(trouble);
      }
    }

    private ReplayLane.Upload upload() throws Refused {
      if (upload == null) {
        take(UPLOAD_BYTES);
        upload = lane.begin();
      }
      if (upload == null) {
        throw refused(Outcome.FAILED);
      }
      return upload;
    }

    private void compress(ReplayLane.Upload target, byte[] bytes, int from, int to) throws Refused {
      try {
        if (compressor == null) {
          take(DEFLATE_BYTES);
          compressor = new FastGzip(new ToUpload(target));
        }
        compressor.write(bytes, from, to - from);
      } catch (IOException e) {
        throw new UncheckedIOException("compressing in memory failed", e);
      }
    }

    @Override
    public void inflated(byte[] bytes, int from, int to) throws Refused {
      sha256.update(bytes, from, to - from);
      try {
        reader.accept(bytes, from, to);
      } catch (BatchException e) {
        throw Problem.refused(e);
      }
      long held = reader.heldBytes();
      if (held > readerBytes) {
        take(held - readerBytes);
        readerBytes = held;
      }
    }

    @Override
    public void complete() throws Refused {
      ReplayHead head;
      try {
        head = reader.finish();
      } catch (BatchException e) {
        throw Problem.refused(e);
      }
      ReplayLane.Upload target = upload();
      if (compressor != null) {
        try {
          compressor.finish();
        } catch (IOException e) {
          throw new UncheckedIOException("compressing in memory failed", e);
        }
      }
      long bytes = target.bytes();
      ReplayKey key = new ReplayKey(head.sessionId(), head.recordingId(), head.sequence());
      handedOver = true;
      // Nobody waits for the disk but the lane's own threads.
      exchange.dispatch(
          SameThreadExecutor.INSTANCE,
          () ->
              target.finish(
                  key,
                  sha256.digest(),
                  outcome -> IngestHandler.goOn(exchange, () -> answer(outcome, bytes))));
    }

    private void answer(Outcome outcome, long bytes) {
      if (outcome == Outcome.DURABLE) {
        meters.replayBatch(reader.events(), bytes);
        IngestHandler.accepted(exchange, 1, List.of());
      } else {
        Refused refused = refused(outcome);
        BodyReader.count(refused, this);
        refused.problem().send(exchange);
      }
    }

    @Override
    public void lost(DropReason reason) {
      meters.dropped(reason, Kind.REPLAY.wireName(), 1);
    }

    private Refused refused(Outcome outcome) {
      return switch (outcome) {
        case FULL -> later("the server has no room for replays now").refused(DropReason.LANE_FULL);
        case CONFLICT ->
            new Problem(409, "another batch of this recording has this sequence")
                .refused(DropReason.INVALID);
        case FAILED, DURABLE ->
            later("the server cannot keep it now").refused(DropReason.DISK_FAILED);
      };
    }

    private static Problem later(String detail) {
      return Problem.retryLater(503, detail, IngestHandler.RETRY_SECONDS, Kind.REPLAY);
    }

    @Override
    public void release() {
      share.release(); // what waits for the disk is in a file
      if (!handedOver && upload != null) {
        upload.close();
      }
      if (compressor instanceof FastGzip gzip) {
        gzip.release();
      }
    }
  }

  /** Gzip at its fastest: what a browser could not compress is compressed while it waits. */
  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream target) throws IOException {
      super(target, 16_384);
      def.setLevel(Deflater.BEST_SPEED);
    }

    void release() {
      def.end();
    }
  }

  private static final class ToUpload extends OutputStream {
    private final ReplayLane.Upload upload;

    ToUpload(ReplayLane.Upload upload) {
      this.upload = upload;
    }

    @Override
    public void write(int b) {
      upload.write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      upload.write(bytes, from, from + length);
    }
  }
}
