package dev.observer.event;

import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Checks one replay batch while its bytes arrive: that it is JSON within the limits, that all of
 * its head stands before {@code events} and is right, that {@code events} is a list. The events
 * themselves are counted and not kept.
 *
 * <p>Not thread-safe.
 */
public final class ReplayReader {
  private static final int MAX_HEAD_BYTES = 256 * 1024;
  private static final int MAX_HEAD_DEPTH = 32;

  private final int maxStringBytes;
  private final Arrival arrival;
  private final JsonScanner scanner;
  private final Utf8Check utf8 = new Utf8Check();
  private ByteArrayOutputStream headBytes = new ByteArrayOutputStream(1024);

  private @Nullable ReplayHead head;
  private boolean inEvents;
  private int events;

  /**
   * Starts a batch.
   *
   * @param maxDepth of nesting, the batch itself being 1
   * @param maxStringBytes of one string of the head in UTF-8
   */
  public ReplayReader(int maxDepth, int maxStringBytes, Arrival arrival) {
    this.maxStringBytes = maxStringBytes;
    this.arrival = arrival;
    this.scanner = new JsonScanner(maxDepth, new Batch());
  }

  /** Checks the next inflated bytes. */
  public void accept(byte[] bytes, int from, int to) throws BatchException {
    if (!utf8.accept(bytes, from, to)) {
      throw BatchException.malformed("the body is not JSON: it is not UTF-8");
    }
    boolean inHead = head == null;
    if (inHead) {
      headBytes.write(bytes, from, to - from);
    }
    scanner.accept(bytes, from, to);
    if (head != null) {
      if (inHead) {
        headBytes = new ByteArrayOutputStream(0);
      }
    } else if (headBytes.size() > MAX_HEAD_BYTES) {
      throw BatchException.tooLarge("more than " + MAX_HEAD_BYTES + " bytes before the events");
    }
  }

  /** Ends the batch; everything was fed. */
  public ReplayHead finish() throws BatchException {
    scanner.finish();
    if (head == null) {
      throw BatchException.invalid("/events", "is required");
    }
    return head;
  }

  /** What stands before the events, once it was read. */
  public @Nullable ReplayHead head() {
    return head;
  }

  /** About how much memory it takes now; it does not grow with the events. */
  public int heldBytes() {
    return 2 * headBytes.size() + scanner.heldBytes();
  }

  /** How many events the batch has. */
  public int events() {
    return events;
  }

  /** Follows what the scanner sees. */
  private final class Batch implements JsonScanner.Listener {
    @Override
    public void name(String name, long position) throws BatchException {
      if (head != null) {
        String pointer = "/" + name.replace("~", "~0").replace("/", "~1");
        throw BatchException.invalid(pointer, "must stand before the events");
      }
      if (name.equals("events")) {
        head = readHead(Math.toIntExact(position));
        inEvents = true;
      }
    }

    @Override
    public void value(int depth, byte first) throws BatchException {
      if (depth == 0 && first != '{') {
        throw BatchException.invalid("", "must be an object");
      }
      if (inEvents && depth == 1 && first != '[') {
        throw BatchException.invalid("/events", "must be a list");
      }
      if (inEvents && depth == 2) {
        events++;
      }
    }

    @Override
    public void end(int depth) {
      if (depth == 1) {
        inEvents = false;
      }
    }
  }

  /** The head as an object of its own: what came before the name of the events. */
  private ReplayHead readHead(int length) throws BatchException {
    byte[] bytes = headBytes.toByteArray();
    int end = length;
    while (bytes[end - 1] != ',' && bytes[end - 1] != '{') {
      end--; // white space
    }
    if (bytes[end - 1] == ',') {
      end--;
    }
    bytes[end] = '}';
    SurrogateEscapes.replaceLone(bytes, end);
    JsonCursor json = new JsonCursor(bytes, end + 1, MAX_HEAD_DEPTH);
    return ReplayHead.read(json, maxStringBytes, arrival);
  }
}
