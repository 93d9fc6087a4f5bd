package dev.observer.server.disk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * The token for reading that a server makes for itself: 256 random bits in {@code keys/read-token},
 * readable by its owner only.
 *
 * @param made whether this start made it
 */
public record ReadToken(String value, boolean made) {
  private static final int BYTES = 32;

  /** Reads the token of a data directory, or makes one. */
  public static ReadToken of(DataDirectory directory) throws IOException {
    try {
      String token =
          Files.readString(directory.resolve("keys/read-token"), StandardCharsets.UTF_8).strip();
      if (!token.isEmpty()) {
        return new ReadToken(token, false);
      }
    } catch (NoSuchFileException e) {
      // the first start
    }
    return replace(directory);
  }

  /** Makes a new token; the old one reads no more once the server has started with the new. */
  public static ReadToken replace(DataDirectory directory) throws IOException {
    Path keys = directory.resolve("keys");
    byte[] random = new byte[BYTES];
    new SecureRandom().nextBytes(random);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    DurableFiles.createDirectories(keys);
    if (DataDirectory.posix()) {
      Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rwx------"));
    }
    DurableFiles.write(
        keys.resolve("read-token"),
        (token + "\n").getBytes(StandardCharsets.UTF_8),
        DataDirectory.ownerOnly("rw-------"));
    return new ReadToken(token, true);
  }

  @Override
  public String toString() {
    return "ReadToken[***]";
  }
}
