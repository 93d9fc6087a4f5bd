package dev.observer.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the name that was probably meant. */
final class NearestName {

  private static final int TYPING_ERRORS = 3;

  private NearestName() {}

  /**
   * The candidate that differs by at most three typed characters, else one that only lacks
   * something between its first and last word ({@code OBSERVER_PORT}); empty when there is none.
   */
  static Optional<String> of(String name, Collection<String> candidates) {
    Optional<String> closest =
        candidates.stream()
            .filter(candidate -> distance(name, candidate) <= TYPING_ERRORS)
            .min(Comparator.comparingInt(candidate -> distance(name, candidate)));
    return closest.or(
        () -> candidates.stream().filter(candidate -> abbreviates(name, candidate)).findFirst());
  }

  private static boolean abbreviates(String name, String candidate) {
    int firstWordEnd = firstWordEnd(name);
    return firstWordEnd > 0
        && candidate.startsWith(name.substring(0, firstWordEnd))
        && candidate.endsWith(name.substring(firstWordEnd));
  }

  private static int firstWordEnd(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) == '.' || name.charAt(i) == '_') {
        return i;
      }
    }
    return -1;
  }

  /** Levenshtein's: how many characters to insert, delete or replace. */
  static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
