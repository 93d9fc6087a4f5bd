package dev.observer.server.spool;

import dev.observer.server.sink.ReplayKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One file of the replay lane: a replay batch, gzipped, as it will be stored. What is needed before
 * it is opened is in its name, so that the lane is known after a restart without reading it:
 *
 * <pre>
 * 00000000000000000042.1795341601000.{session}.{recording}.000007.json.gz
 * sequence of the lane . received_at in ms . key of the batch
 * </pre>
 */
record ReplayFile(Path path, long sequence, long receivedAt, ReplayKey key, long bytes)
    implements LaneDirectory.Entry {
  private static final Pattern NAME =
      Pattern.compile(
          "(\\d{20})\\.(\\d{13})\\.([A-Za-z0-9_-]{8,64})\\.([A-Za-z0-9_-]{8,64})\\.(\\d{6})"
              + "\\.json\\.gz");

  static String name(long sequence, long receivedAt, ReplayKey key) {
    return String.format(
        Locale.ROOT,
        "%020d.%013d.%s.%s.%s",
        sequence,
        receivedAt,
        key.sessionId(),
        key.recordingId(),
        key.fileName());
  }

  /** The replay file at this path, or null if it is not named like one. */
  static @Nullable ReplayFile of(Path path) throws IOException {
    Matcher name = NAME.matcher(String.valueOf(path.getFileName()));
    if (!name.matches()) {
      return null;
    }
    return new ReplayFile(
        path,
        Long.parseLong(name.group(1)),
        Long.parseLong(name.group(2)),
        new ReplayKey(name.group(3), name.group(4), Integer.parseInt(name.group(5))),
        Files.size(path));
  }
}
