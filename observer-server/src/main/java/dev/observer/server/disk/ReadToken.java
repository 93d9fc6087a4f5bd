package dev.observer.server.disk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The token for reading that a server makes for itself: 256 random bits in {@code keys/read-token},
 * readable by its owner only.
 *
 * @param keptIn where it is to be kept if it was made now, and is not yet; otherwise null
 */
public record ReadToken(String value, @Nullable Path keptIn) {
  private static final int BYTES = 32;

  /** Reads the token of a data directory, or makes one, which is the directory's once kept. */
  public static ReadToken of(DataDirectory directory) throws IOException {
    try {
      String token = Files.readString(file(directory), StandardCharsets.UTF_8).strip();
      if (!token.isEmpty()) {
        return new ReadToken(token, null);
      }
    } catch (NoSuchFileException e) {
      // the first start
    }
    return make(directory);
  }

  /** Makes a new token; the old one reads no more once the server has started with the new. */
  public static ReadToken replace(DataDirectory directory) throws IOException {
    ReadToken token = make(directory);
    token.keep();
    return token;
  }

  private static Path file(DataDirectory directory) {
    return directory.resolve("keys/read-token");
  }

  private static ReadToken make(DataDirectory directory) {
    byte[] random = new byte[BYTES];
    new SecureRandom().nextBytes(random);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    return new ReadToken(token, file(directory));
  }

  /** Whether this start made it. */
  public boolean made() {
    return keptIn != null;
  }

  /** Keeps it, if it was made: it is on the disk when this returns. */
  public void keep() throws IOException {
    if (keptIn == null) {
      return;
    }
    Path keys = keptIn.resolveSibling("");
    DurableFiles.createDirectories(keys);
    if (DataDirectory.posix()) {
      Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rwx------"));
    }
    DurableFiles.write(
        keptIn,
        (value + "\n").getBytes(StandardCharsets.UTF_8),
        DataDirectory.ownerOnly("rw-------"));
  }

  @Override
  public String toString() {
    return "ReadToken[***]";
  }
}
