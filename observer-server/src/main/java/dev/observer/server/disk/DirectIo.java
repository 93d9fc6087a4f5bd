package dev.observer.server.disk;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the files of a directory are written and read: past the page cache where the file system can
 * do that. Data that is synced at once gains nothing from the cache, and pays for it: the sync has
 * to wait for a kernel thread that writes the pages back, which on a busy machine takes several
 * times as long as the disk does, and the kernel's time per byte is five times as much (measured on
 * ext4 with groups of 400 KB and more).
 *
 * <p>Past the cache, everything goes in whole blocks from aligned memory: buffers come from {@link
 * #buffer}, and offsets and lengths are multiples of {@link #block}. Where the file system cannot,
 * a block is one byte and nothing else is different. A write is durable only after {@code force},
 * either way.
 */
public final class DirectIo {
  private static final Logger log = LoggerFactory.getLogger(DirectIo.class);
  private static final int MAX_BLOCK = 64 << 10;

  /** How files are opened. */
  public interface Opener {
    /** Opens a file as {@link FileChannel#open(Path, OpenOption...)} does. */
    FileChannel open(Path file, OpenOption... options) throws IOException;
  }

  private final int block;
  private final Opener opener;

  private DirectIo(int block, Opener opener) {
    this.block = block;
    this.opener = opener;
  }

  /** Through the page cache, which works everywhere. */
  public static DirectIo cached() {
    return new DirectIo(1, FileChannel::open);
  }

  /** The same, with files that are opened by somebody else. */
  public DirectIo with(Opener other) {
    return new DirectIo(block, other);
  }

  /** Finds out, by writing a block, what the file system of a directory can do. */
  public static DirectIo of(Path directory) {
    Path file = directory.resolve("direct.tmp");
    try {
      try {
        int block = Math.toIntExact(Files.getFileStore(directory).getBlockSize());
        if (Integer.bitCount(block) != 1 || block > MAX_BLOCK) {
          return cached();
        }
        DirectIo direct = new DirectIo(block, FileChannel::open);
        try (FileChannel channel =
            direct.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
          channel.write(direct.buffer(block), 0);
        }
        return direct;
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UnsupportedOperationException | ArithmeticException e) {
      log.debug("{} is written through the page cache", directory, e);
      return cached();
    }
  }

  /** Bytes of a block, a power of two; 1 if the page cache is used. */
  public int block() {
    return block;
  }

  /** Opens a file. */
  public FileChannel open(Path file, OpenOption... options) throws IOException {
    if (block == 1) {
      return opener.open(file, options);
    }
    OpenOption[] direct = Arrays.copyOf(options, options.length + 1);
    direct[options.length] = ExtendedOpenOption.DIRECT;
    return opener.open(file, direct);
  }

  /** Memory that can be written and read, of a capacity that is rounded up to blocks. */
  public ByteBuffer buffer(int capacity) {
    int rounded = Math.toIntExact(roundUp(capacity));
    return ByteBuffer.allocateDirect(rounded + block - 1).alignedSlice(block);
  }

  /** The start of the block in which an offset lies. */
  public long roundDown(long offset) {
    return offset & -block;
  }

  /** The next start of a block, or the offset itself if it is one. */
  public long roundUp(long offset) {
    return roundDown(offset + block - 1);
  }
}
