package dev.observer.event;

/**
 * Makes every lone surrogate in JSON text a {@code ?}, which Loki neither refuses nor changes.
 * UTF-8 cannot carry one, so in checked text it can only stand as an escape, and the escape of a
 * question mark is as long. It has to be done before parsing: in a name, Jackson refuses the body.
 */
final class SurrogateEscapes {
  private SurrogateEscapes() {}

  /** Replaces in place. */
  static void replaceLone(byte[] json, int length) {
    int at = 0;
    while (at + 1 < length) {
      if (json[at] != '\\') {
        at++;
        continue;
      }
      int unit = unit(json, at, length);
      if (unit < 0 || !Character.isSurrogate((char) unit)) {
        at += 2; // an escape, whatever it is: its second character starts none
        continue;
      }
      int next = unit(json, at + 6, length);
      if (Character.isHighSurrogate((char) unit)
          && next >= 0
          && Character.isLowSurrogate((char) next)) {
        at += 12;
      } else {
        json[at + 2] = '0';
        json[at + 3] = '0';
        json[at + 4] = '3';
        json[at + 5] = 'f';
        at += 6;
      }
    }
  }

  /** The code unit whose escape starts here, or -1. */
  private static int unit(byte[] json, int at, int length) {
    if (at + 6 > length || json[at] != '\\' || json[at + 1] != 'u') {
      return -1;
    }
    int unit = 0;
    for (int i = at + 2; i < at + 6; i++) {
      int digit = Character.digit(json[i], 16);
      if (digit < 0) {
        return -1;
      }
      unit = unit << 4 | digit;
    }
    return unit;
  }
}
