package dev.observer.server.sink;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Names one stored replay batch. The ids are checked here, because they become file names and
 * object keys.
 *
 * @param sessionId {@code [A-Za-z0-9_-]{8,64}}
 * @param recordingId {@code [A-Za-z0-9_-]{8,64}}
 * @param sequence 0 to 999,999
 */
public record ReplayKey(String sessionId, String recordingId, int sequence)
    implements Comparable<ReplayKey> {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{8,64}");

  /** Refuses anything that is not an id. */
  public ReplayKey {
    if (!isId(sessionId) || !isId(recordingId) || sequence < 0 || sequence > 999_999) {
      throw new IllegalArgumentException("not a replay key");
    }
  }

  /** Whether text is a session or recording id, and thereby safe in a path. */
  public static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  /** The last segment of the path: six digits and {@code .json.gz}. */
  public String fileName() {
    return String.format(Locale.ROOT, "%06d.json.gz", sequence);
  }

  /** The path of the stored batch: {@code replays/{session}/{recording}/000000.json.gz}. */
  public String path() {
    return "replays/" + sessionId + "/" + recordingId + "/" + fileName();
  }

  @Override
  public int compareTo(ReplayKey other) {
    int session = sessionId.compareTo(other.sessionId);
    int recording = session != 0 ? session : recordingId.compareTo(other.recordingId);
    return recording != 0 ? recording : Integer.compare(sequence, other.sequence);
  }
}
