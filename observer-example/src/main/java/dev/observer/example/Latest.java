package dev.observer.example;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last of many, newest first; what is older than {@link #MOST} others is gone. Thread-safe. */
final class Latest<T> {
  static final int MOST = 1_000;

  private final Deque<T> all = new ArrayDeque<>();

  synchronized void add(T one) {
    all.addFirst(one);
    if (all.size() > MOST) {
      all.removeLast();
    }
  }

  synchronized List<T> first(int most) {
    return all.stream().limit(most).toList();
  }
}
