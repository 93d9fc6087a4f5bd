package dev.observer.event;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The files that the TypeScript tests read as well. */
final class Golden {
  static final long RECEIVED_AT = Rfc3339.parse("2026-11-22T10:00:01.050Z");

  private Golden() {}

  static byte[] read(String name) throws IOException {
    try (InputStream in = Golden.class.getResourceAsStream("/wire/" + name)) {
      if (in == null) {
        throw new IOException("no golden file " + name);
      }
      return in.readAllBytes();
    }
  }

  static String text(String name) throws IOException {
    return new String(read(name), StandardCharsets.UTF_8);
  }

  static Arrival arrival() {
    return new Arrival(
        RECEIVED_AT, Source.CLIENT, "Mozilla/5.0 (golden)", new ServiceNames("server", "test", 3));
  }
}
