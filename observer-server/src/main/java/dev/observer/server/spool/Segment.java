package dev.observer.server.spool;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One file of the events lane: stored records, one a line, each behind its own checksum, so that
 * damage costs the lines it hits and no other.
 *
 * <pre>
 * 00000000000000000042.open.ndjson   sequence; lines are still appended
 * 00000000000000000041.50.ndjson     sequence, number of lines; complete
 *
 * 1764068400123-00000000000000000041.50.ndjson
 *     the same, delivered at that time in milliseconds since 1970 and kept for a while
 *
 * 9ae0daaf {"received_at":"…","kind":…}   CRC-32C of the JSON in hex, space, JSON, newline
 * </pre>
 *
 * <p>The number of lines is in the name because a file cut at a line's end would otherwise look
 * whole. An open file may end in an unfinished write after a power cut: whatever stands behind its
 * last good line was never acknowledged, as far as can be known.
 */
final class Segment {
  private static final Pattern NAME =
      Pattern.compile("(?:(\\d{13})-)?(\\d{20})\\.(open|\\d{1,9})\\.ndjson");
  private static final int CHECKSUM = 8;

  private static final byte[] LINE_END = {'\n'};
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /**
   * What could be read.
   *
   * @param records the JSON of every line that is as it was written
   * @param damaged every other line, as it is
   * @param unfinished what stands behind the last good line of a file that was open; none or one
   * @param end the offset up to which it was read
   */
  record Content(List<Line> records, List<Line> damaged, List<Line> unfinished, long end) {}

  /** A line, and where in the file it begins. */
  static final class Line {
    private final long offset;
    private final byte[] bytes;

    Line(long offset, byte[] bytes) {
      this.offset = offset;
      this.bytes = bytes;
    }

    long offset() {
      return offset;
    }

    byte[] bytes() {
      return bytes;
    }
  }

  private final Path directory;
  private final @Nullable Long deliveredAt;
  private final long sequence;

  /** How many lines were written, or -1 while that is not known. */
  private int lines;

  /** Whether it is called open. */
  private boolean open;

  private boolean ended;
  private long committed;

  /** Where damage begins that was set aside and counted; whoever reads it next need not. */
  private final Set<Long> reported = ConcurrentHashMap.newKeySet();

  private Segment(
      Path directory,
      @Nullable Long deliveredAt,
      long sequence,
      int lines,
      boolean open,
      boolean ended,
      long committed) {
    this.directory = directory;
    this.deliveredAt = deliveredAt;
    this.sequence = sequence;
    this.lines = lines;
    this.open = open;
    this.ended = ended;
    this.committed = committed;
  }

  /** A new one, empty and open. */
  static Segment create(Path directory, long sequence) {
    return new Segment(directory, null, sequence, 0, true, false, 0);
  }

  /** The segment in this file of a process that ended, or null if it is not named like one. */
  static @Nullable Segment of(Path file, long bytes) {
    Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
    Path directory = file.getParent();
    if (!name.matches() || directory == null) {
      return null;
    }
    boolean open = name.group(3).equals("open");
    return new Segment(
        directory,
        name.group(1) == null ? null : Long.valueOf(name.group(1)),
        Long.parseLong(name.group(2)),
        open ? -1 : Integer.parseInt(name.group(3)),
        open,
        true,
        bytes);
  }

  Path path() {
    return open ? openPath() : completePath();
  }

  private Path openPath() {
    return path("open");
  }

  /** Its name once no more lines are appended. */
  Path completePath() {
    return path(Integer.toString(lines));
  }

  private Path path(String state) {
    String since = deliveredAt == null ? "" : deliveredAt + "-";
    return directory.resolve(
        since + String.format(Locale.ROOT, "%020d.%s.ndjson", sequence, state));
  }

  /** This segment, to which no more is appended, as it is called where delivered ones are kept. */
  Segment delivered(Path keptIn, long at) {
    return new Segment(keptIn, at, sequence, lines, lines < 0, true, committed);
  }

  /** When all of it was delivered, in milliseconds since 1970; null if it may not be yet. */
  @Nullable Long deliveredAt() {
    return deliveredAt;
  }

  long sequence() {
    return sequence;
  }

  /** How many lines were written, as far as that is known. */
  int lines() {
    return Math.max(0, lines);
  }

  /** Bytes that are on the disk. */
  long committed() {
    return committed;
  }

  void commit(long bytes, int moreLines) {
    committed += bytes;
    lines += moreLines;
  }

  /** Nothing is appended to it any more. */
  void end() {
    ended = true;
  }

  /** It ended and is called by {@link #completePath}. */
  void complete() {
    open = false;
  }

  /** Whether this process may still append to it. */
  boolean isOpen() {
    return !ended;
  }

  /**
   * Lines that were written and are not there at all, once it was read up to its end.
   *
   * @param linesRead up to {@code end}
   */
  int missing(int linesRead, long end) {
    return lines < 0 || end < committed ? 0 : Math.max(0, lines - linesRead);
  }

  boolean isReported(long offset) {
    return reported.contains(offset);
  }

  void report(long offset) {
    reported.add(offset);
  }

  /** How many bytes a line of this JSON takes. */
  static int lineBytes(byte[] json) {
    return CHECKSUM + 1 + json.length + 1;
  }

  /** Appends the line of a JSON text. */
  static void putLine(byte[] json, SegmentWriter target) throws IOException {
    long checksum = checksum(json, 0, json.length);
    byte[] head = new byte[CHECKSUM + 1];
    for (int i = 0; i < CHECKSUM; i++) {
      head[i] = HEX[(int) (checksum >>> (28 - 4 * i)) & 0xF];
    }
    head[CHECKSUM] = ' ';
    target.put(head);
    target.put(json);
    target.put(LINE_END);
  }

  /**
   * Reads whole lines from one offset towards another, {@code most} bytes of them, but at least one
   * line. Empty lines are what the writer fills blocks up with.
   */
  Content read(SegmentReader reader, FileChannel file, long from, long to, int most)
      throws IOException {
    int length = reader.read(file, from, Math.min(to, from + most));
    if (from + most < to && length == most) {
      int whole = length;
      while (whole > 0 && reader.bytes()[whole - 1] != '\n') {
        whole--;
      }
      if (whole > 0) {
        length = whole;
        to = from + whole;
      } else { // a line longer than that is read with all that follows
        length = reader.read(file, from, to);
      }
    }
    byte[] bytes = reader.bytes();
    List<Line> records = new ArrayList<>();
    List<Range> bad = new ArrayList<>(0);
    int start = 0;
    int good = 0; // behind the last good line and the filling after it
    while (start < length) {
      int end = start;
      while (end < length && bytes[end] != '\n') {
        end++;
      }
      byte[] record = end < length ? record(bytes, start, end) : null;
      int next = Math.min(end + 1, length);
      if (record != null) {
        records.add(new Line(from + start, record));
        good = next;
      } else if (end > start) {
        bad.add(new Range(start, end));
      } else if (good == start) {
        good = next;
      }
      start = next;
    }
    boolean tailMayBeUnfinished = lines < 0 && to == committed;
    int limit = tailMayBeUnfinished ? good : length;
    List<Line> damaged = new ArrayList<>(0);
    for (Range range : bad) {
      if (range.from < limit) {
        byte[] line = Arrays.copyOfRange(bytes, range.from, range.to);
        damaged.add(new Line(from + range.from, line));
      }
    }
    List<Line> unfinished =
        limit < length
            ? List.of(new Line(from + limit, Arrays.copyOfRange(bytes, limit, length)))
            : List.of();
    return new Content(records, damaged, unfinished, to);
  }

  private record Range(int from, int to) {}

  private static byte @Nullable [] record(byte[] bytes, int start, int end) {
    int json = start + CHECKSUM + 1;
    if (json > end || bytes[json - 1] != ' ') {
      return null;
    }
    long expected = 0;
    for (int i = start; i < start + CHECKSUM; i++) {
      int digit = Character.digit(bytes[i], 16);
      if (digit < 0) {
        return null;
      }
      expected = expected << 4 | digit;
    }
    if (expected != checksum(bytes, json, end - json)) {
      return null;
    }
    return Arrays.copyOfRange(bytes, json, end);
  }

  private static long checksum(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return crc.getValue();
  }

  @Override
  public String toString() {
    return String.valueOf(path().getFileName());
  }
}
