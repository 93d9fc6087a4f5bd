package dev.observer.event;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Finds a {@link Field} by the bytes of its name, without making a string of them. */
final class FieldNames {
  private static final int SLOTS = 256;
  private static final Field[] FIELDS = Field.values();

  /** By the last bits of the hash, or in the next free place after it. */
  private static final @Nullable Field[] TABLE = new @Nullable Field[SLOTS];

  /** By field: its name and its hash. */
  private static final byte[][] NAMES = new byte[FIELDS.length][];

  private static final long[] HASHES = new long[FIELDS.length];

  static {
    for (Field field : FIELDS) {
      byte[] name = field.wireName().getBytes(StandardCharsets.UTF_8);
      long hash = NameHash.of(name, 0, name.length);
      NAMES[field.index()] = name;
      HASHES[field.index()] = hash;
      int slot = slot(hash);
      while (TABLE[slot] != null) {
        slot = (slot + 1) % SLOTS;
      }
      TABLE[slot] = field;
    }
  }

  private FieldNames() {}

  private static int slot(long hash) {
    return (int) hash & (SLOTS - 1);
  }

  /** The field with this name, whose {@link NameHash} is {@code hash}, or null. */
  static @Nullable Field find(byte[] name, int from, int to, long hash) {
    int slot = slot(hash);
    while (true) {
      Field field = TABLE[slot];
      if (field == null) {
        return null;
      }
      byte[] known = NAMES[field.index()];
      if (HASHES[field.index()] == hash && Arrays.equals(known, 0, known.length, name, from, to)) {
        return field;
      }
      slot = (slot + 1) % SLOTS;
    }
  }

  /** The UTF-8 bytes of a name; not to be changed. */
  static byte[] bytes(Field field) {
    return NAMES[field.index()];
  }
}
