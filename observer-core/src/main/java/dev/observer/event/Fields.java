package dev.observer.event;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Sets of {@link Field}s as bits of a long, because some are made for every item. */
final class Fields {
  private static final Field[] ALL = Field.values();

  static {
    if (ALL.length > Long.SIZE) {
      throw new IllegalStateException("more fields than a long has bits");
    }
  }

  private static final long OF_EVENTS = where(field -> isOfItems(field, Kind.EVENT));
  private static final long OF_ERRORS = where(field -> isOfItems(field, Kind.ERROR));
  private static final long OF_REPLAYS = where(field -> isOfItems(field, Kind.REPLAY));

  private Fields() {}

  private static boolean isOfItems(Field field, Kind kind) {
    return switch (field.origin()) {
      case OURS -> true; // to be refused
      case ITEM, CONTEXT -> field.in(kind);
      case DERIVED -> false;
    };
  }

  /** What is read of an item; of the other fields nothing is known. */
  static long ofItems(Kind kind) {
    return switch (kind) {
      case EVENT -> OF_EVENTS;
      case ERROR -> OF_ERRORS;
      case REPLAY -> OF_REPLAYS;
    };
  }

  static long of(Field field) {
    return 1L << field.index();
  }

  static long where(Predicate<Field> condition) {
    long fields = 0;
    for (Field field : ALL) {
      fields |= condition.test(field) ? of(field) : 0;
    }
    return fields;
  }

  static boolean has(long fields, Field field) {
    return (fields & of(field)) != 0;
  }

  static List<Field> list(long fields) {
    List<Field> list = new ArrayList<>();
    for (Field field : ALL) {
      if (has(fields, field)) {
        list.add(field);
      }
    }
    return list;
  }
}
