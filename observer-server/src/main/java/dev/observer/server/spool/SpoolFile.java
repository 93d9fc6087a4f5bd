package dev.observer.server.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One file of the events lane: stored records, one a line, each behind its own checksum, so that
 * damage costs the lines it hits and no other.
 *
 * <pre>
 * name  00000000000000000042.50.ndjson          sequence, number of lines
 * line  9ae0daaf {"received_at":"…","kind":…}   CRC-32C of the JSON in hex, space, JSON, newline
 * </pre>
 *
 * <p>The number of lines is in the name because a file cut at a line's end would otherwise look
 * whole. A file appears under its name only when all of it is on the disk.
 *
 * @param sequence of the lane, from 1, never used twice
 * @param lines how many were written
 * @param bytes the size of the file
 */
record SpoolFile(Path path, long sequence, int lines, long bytes) implements LaneDirectory.Entry {
  private static final Pattern NAME = Pattern.compile("(\\d{20})\\.(\\d{1,9})\\.ndjson");
  private static final int CHECKSUM = 8;
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /**
   * What could be read.
   *
   * @param records the JSON of every line that is as it was written
   * @param damaged every other line, as it is
   * @param missing lines that were written and are not there at all
   */
  record Content(List<byte[]> records, List<byte[]> damaged, int missing) {}

  static String name(long sequence, int lines) {
    return String.format(Locale.ROOT, "%020d.%d.ndjson", sequence, lines);
  }

  /** The spool file at this path, or null if it is not named like one. */
  static @Nullable SpoolFile of(Path path) throws IOException {
    Matcher name = NAME.matcher(String.valueOf(path.getFileName()));
    if (!name.matches()) {
      return null;
    }
    return new SpoolFile(
        path, Long.parseLong(name.group(1)), Integer.parseInt(name.group(2)), Files.size(path));
  }

  /** How many bytes a line of this JSON takes in a file. */
  static int lineBytes(byte[] json) {
    return CHECKSUM + 1 + json.length + 1;
  }

  /** Appends the line of a JSON text. */
  static void putLine(byte[] json, ByteBuffer target) {
    long checksum = checksum(json, 0, json.length);
    for (int shift = 28; shift >= 0; shift -= 4) {
      target.put(HEX[(int) (checksum >>> shift) & 0xF]);
    }
    target.put((byte) ' ').put(json).put((byte) '\n');
  }

  Content read() throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    List<byte[]> records = new ArrayList<>(lines);
    List<byte[]> damaged = new ArrayList<>(0);
    int start = 0;
    while (start < bytes.length) {
      int end = start;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      byte[] record = end < bytes.length ? record(bytes, start, end) : null;
      if (record != null) {
        records.add(record);
      } else {
        damaged.add(java.util.Arrays.copyOfRange(bytes, start, end));
      }
      start = end + 1;
    }
    return new Content(records, damaged, Math.max(0, lines - records.size() - damaged.size()));
  }

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
    return java.util.Arrays.copyOfRange(bytes, json, end);
  }

  private static long checksum(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return crc.getValue();
  }
}
