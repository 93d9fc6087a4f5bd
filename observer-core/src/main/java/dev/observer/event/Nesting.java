package dev.observer.event;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The objects and arrays that are open while JSON is read: how deep they may lie in each other, and
 * which names each object has had, of which none may come twice. Names are kept as {@link NameHash}
 * and numbered at most {@value #MAX_MEMBERS} an object and {@value #MAX_OPEN_NAMES} in all that are
 * open, so that memory is bounded however long they are and however deep the objects lie.
 *
 * <p>Not thread-safe.
 */
final class Nesting {
  static final int MAX_MEMBERS = 10_000;
  static final int MAX_OPEN_NAMES = 20_000;

  /** A hash, and where an object has many names its place in a set of boxed ones. */
  private static final int BYTES_A_NAME = 80;

  private static final int FEW_NAMES = 24;

  private final int maxDepth;
  private int depth;

  /** For each open container: where its names begin, or -1 for an array. */
  private int[] containers = new int[16];

  private long[] names = new long[64];
  private int nameCount;

  /** Names of an open object that has many; by depth. */
  private @Nullable Set<Long>[] many = emptySets(16);

  Nesting(int maxDepth) {
    this.maxDepth = maxDepth;
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static @Nullable Set<Long>[] emptySets(int size) {
    return (@Nullable Set<Long>[]) new Set[size];
  }

  /** About how much memory it takes now. */
  int heldBytes() {
    return nameCount * BYTES_A_NAME + containers.length * 8;
  }

  /** Containers that are open. */
  int depth() {
    return depth;
  }

  /** Whether the innermost open container is an array. */
  boolean inArray() {
    return containers[depth - 1] < 0;
  }

  void openObject() throws BatchException {
    open(nameCount);
  }

  void openArray() throws BatchException {
    open(-1);
  }

  private void open(int firstName) throws BatchException {
    if (depth == maxDepth) {
      throw BatchException.tooLarge("nested deeper than " + maxDepth + " levels");
    }
    if (depth == containers.length) {
      containers = Arrays.copyOf(containers, depth * 2);
      many = Arrays.copyOf(many, depth * 2);
    }
    containers[depth] = firstName;
    depth++;
  }

  /** Closes the innermost container. */
  void close() {
    depth--;
    if (containers[depth] >= 0) {
      nameCount = containers[depth];
      many[depth] = null;
    }
  }

  /**
   * Notes a name of the innermost object.
   *
   * @param position of its opening quote
   */
  void name(long hash, long position) throws BatchException {
    int first = containers[depth - 1];
    int count = nameCount - first;
    if (count >= MAX_MEMBERS) {
      throw BatchException.tooLarge("more than " + MAX_MEMBERS + " names in one object");
    }
    if (nameCount >= MAX_OPEN_NAMES) {
      throw BatchException.tooLarge("more than " + MAX_OPEN_NAMES + " names in nested objects");
    }
    if (isKnown(hash, first, count)) {
      throw BatchException.malformed(
          "the body is not JSON: a name stands twice in one object, at byte " + position);
    }
    if (nameCount == names.length) {
      names = Arrays.copyOf(names, nameCount * 2);
    }
    names[nameCount++] = hash;
  }

  private boolean isKnown(long hash, int first, int count) {
    if (count < FEW_NAMES) {
      for (int i = first; i < nameCount; i++) {
        if (names[i] == hash) {
          return true;
        }
      }
      return false;
    }
    Set<Long> known = many[depth - 1];
    if (known == null) {
      known = new HashSet<>();
      for (int i = first; i < nameCount; i++) {
        known.add(names[i]);
      }
      many[depth - 1] = known;
    }
    return !known.add(hash);
  }
}
