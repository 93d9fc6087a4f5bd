package dev.observer.event;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gives errors that are the same mistake the same {@code fingerprint}: a hash over the type and the
 * first frames of the application, without line numbers and without the content hash in a file's
 * name, so that it stays the same over releases; where there are no frames, over the type and the
 * message with its numbers and ids taken out. A fingerprint that the application gave is hashed
 * alone.
 */
public final class Fingerprint {
  /** Raised when the rule changes, so that old and new groups can be told apart. */
  public static final long VERSION = 2;

  private static final int FRAMES = 5;
  private static final int MAX_STACK = 16_384;

  /**
   * Of longer ones the end is searched for a content hash, which takes the square of the length.
   */
  private static final int MAX_FILE_NAME = 128;

  /** {@code at fn (https://host/app.js:1:2)}, {@code at https://…}, {@code at a.B.c(B.java:3)}. */
  private static final Pattern AT_FRAME =
      Pattern.compile("^\\s*at (?:(?:async |new )?([^\\s(]+) ?\\(([^)\\s]*)\\)|(\\S+))\\s*$");

  /** {@code fn@https://host/app.js:1:2}, as Firefox and Safari have it. */
  private static final Pattern AT_SIGN_FRAME = Pattern.compile("^([^@\\s]*)@(\\S+)$");

  private static final Pattern POSITION = Pattern.compile("(?::\\d+){1,2}$");

  /** Of the hashes of eight letters of base64 a fourth has no digit, but nearly all a capital. */
  private static final Pattern CONTENT_HASH =
      Pattern.compile("^(.*)[-.](?=[a-z_-]*[A-Z0-9])[A-Za-z0-9_-]{8,}(?=\\.[a-z]+$)");

  private static final Pattern VARIABLE =
      Pattern.compile(
          "[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|\\b[0-9a-fA-F]{16,}\\b|\\d+");

  private Fingerprint() {}

  /** The fingerprint of what the application gave: a list of strings, as JSON. */
  public static String ofGiven(String list) {
    return hash("given\n" + list);
  }

  /** The fingerprint of an error of a browser that was given none; what it lacks is empty. */
  static String of(String type, String message, String stackTrace) {
    return of(
        type,
        message,
        stackTrace,
        (function, place) -> place.contains("node_modules/") || function.startsWith("java."));
  }

  /**
   * The fingerprint of an error that was given none; what it lacks is empty.
   *
   * @param isLibrary tells by its function and its place whether a frame is none of the application
   */
  public static String of(
      String type, String message, String stackTrace, BiPredicate<String, String> isLibrary) {
    List<String> frames = frames(stackTrace, isLibrary);
    if (!frames.isEmpty()) {
      return hash("frames\n" + type + "\n" + String.join("\n", frames));
    }
    String head = message.substring(0, Math.min(message.length(), 1000));
    return hash("message\n" + type + "\n" + VARIABLE.matcher(head).replaceAll("*"));
  }

  private static List<String> frames(String stack, BiPredicate<String, String> isLibrary) {
    List<String> application = new ArrayList<>();
    List<String> libraries = new ArrayList<>();
    String head = stack.substring(0, Math.min(stack.length(), MAX_STACK));
    for (String line : head.split("\n", -1)) {
      if (line.length() > 1000) {
        continue;
      }
      Matcher at = AT_FRAME.matcher(line);
      Matcher sign = AT_SIGN_FRAME.matcher(line);
      String function;
      String place;
      if (at.matches()) {
        function = at.group(1) == null ? "" : at.group(1);
        place = at.group(1) == null ? at.group(3) : at.group(2);
      } else if (sign.matches()) {
        function = sign.group(1);
        place = sign.group(2);
      } else {
        continue;
      }
      List<String> frames = isLibrary.test(function, place) ? libraries : application;
      if (frames.size() < FRAMES) {
        frames.add(function + " " + file(place));
      }
      if (application.size() == FRAMES) {
        break;
      }
    }
    return application.isEmpty() ? libraries : application;
  }

  private static String file(String place) {
    String path = POSITION.matcher(place).replaceFirst("");
    int query = path.indexOf('?');
    path = query < 0 ? path : path.substring(0, query);
    path = path.substring(path.lastIndexOf('/') + 1);
    int end = Math.max(0, path.length() - MAX_FILE_NAME);
    // The last that may be one: what is before it are words of the name.
    return path.substring(0, end) + CONTENT_HASH.matcher(path.substring(end)).replaceFirst("$1");
  }

  private static String hash(String basis) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(basis.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
