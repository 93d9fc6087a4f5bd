package dev.observer.server.capture;

import dev.observer.event.Fingerprint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a throwable says, as text: in the form of {@link Throwable#printStackTrace()}, but bounded,
 * and whatever its methods do. Frames are written without class loader and module, which differ
 * between machines. Of a stack of more than {@value #FRAMES} frames the middle is left out, and how
 * many there were is said; suppressed ones stand below, causes apart.
 *
 * @param type its class
 * @param message empty if it has none
 * @param stackTrace of itself and what it suppressed
 * @param causes from the outer to the inner, at most {@value #CAUSES}, each once
 * @param shortened whether something was left out of {@code stackTrace}
 */
record ErrorText(
    String type, String message, String stackTrace, List<ErrorText> causes, boolean shortened) {
  static final int FRAMES = 256;
  static final int LAST_FRAMES = 64;
  static final int CAUSES = 10;
  private static final int CAUSE_FRAMES = 64;
  private static final int SUPPRESSED = 5;
  private static final int SUPPRESSED_FRAMES = 32;
  private static final int HEAD_BYTES = 1024;
  private static final StackTraceElement[] NO_FRAMES = {};

  /** Reads a throwable; its methods are called on this thread. */
  static ErrorText of(Throwable thrown) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    seen.add(thrown);
    StackTraceElement[] frames = framesOf(thrown);
    List<ErrorText> causes = new ArrayList<>();
    StackTraceElement[] enclosing = frames;
    Throwable cause = causeOf(thrown);
    while (cause != null && causes.size() < CAUSES && seen.add(cause)) {
      StackTraceElement[] own = framesOf(cause);
      causes.add(text(cause, own, common(own, enclosing), CAUSE_FRAMES, List.of(), seen));
      enclosing = own;
      cause = causeOf(cause);
    }
    return text(thrown, frames, 0, FRAMES, causes, seen);
  }

  private static ErrorText text(
      Throwable thrown,
      StackTraceElement[] frames,
      int inCommon,
      int maxFrames,
      List<ErrorText> causes,
      Set<Throwable> seen) {
    String type = thrown.getClass().getName();
    String message = messageOf(thrown);
    StringBuilder stack = new StringBuilder(128 + 80 * Math.min(frames.length, maxFrames));
    stack.append(head(type, message)).append('\n');
    boolean shortened = frames(stack, frames, inCommon, maxFrames, "\tat ");
    shortened |= suppressed(stack, thrown, seen);
    return new ErrorText(type, message, stack.toString(), causes, shortened);
  }

  private static String head(String type, String message) {
    return message.isEmpty() ? type : type + ": " + BoundedText.of(message, HEAD_BYTES);
  }

  /** How many frames at the end are those of the throwable around it too. */
  private static int common(StackTraceElement[] own, StackTraceElement[] enclosing) {
    int common = 0;
    while (common < own.length
        && common < enclosing.length
        && own[own.length - 1 - common].equals(enclosing[enclosing.length - 1 - common])) {
      common++;
    }
    return common;
  }

  private static boolean frames(
      StringBuilder stack, StackTraceElement[] frames, int inCommon, int max, String indent) {
    int own = frames.length - inCommon;
    int last = own <= max ? 0 : Math.min(LAST_FRAMES, max / 4);
    int first = own <= max ? own : max - last;
    for (int i = 0; i < first; i++) {
      frame(stack.append(indent), frames[i]);
    }
    if (own > max) {
      stack.append(indent, 0, indent.length() - "at ".length());
      stack.append("... ").append(own - max).append(" frames left out\n");
      for (int i = own - last; i < own; i++) {
        frame(stack.append(indent), frames[i]);
      }
    }
    if (inCommon > 0) {
      stack.append(indent, 0, indent.length() - "at ".length());
      stack.append("... ").append(inCommon).append(" more\n");
    }
    return own > max;
  }

  private static void frame(StringBuilder stack, StackTraceElement frame) {
    stack.append(frame.getClassName()).append('.').append(frame.getMethodName()).append('(');
    String file = frame.getFileName();
    if (frame.isNativeMethod()) {
      stack.append("Native Method");
    } else if (file == null) {
      stack.append("Unknown Source");
    } else {
      stack.append(file);
      if (frame.getLineNumber() >= 0) {
        stack.append(':').append(frame.getLineNumber());
      }
    }
    stack.append(")\n");
  }

  private static boolean suppressed(StringBuilder stack, Throwable thrown, Set<Throwable> seen) {
    Throwable[] suppressed;
    try {
      suppressed = thrown.getSuppressed();
    } catch (RuntimeException | StackOverflowError e) {
      return true;
    }
    boolean shortened = suppressed.length > SUPPRESSED;
    for (int i = 0; i < Math.min(suppressed.length, SUPPRESSED); i++) {
      Throwable one = suppressed[i];
      stack.append("\tSuppressed: ").append(head(one.getClass().getName(), messageOf(one)));
      stack.append('\n');
      if (seen.add(one)) {
        StackTraceElement[] frames = framesOf(one);
        shortened |= frames(stack, frames, 0, SUPPRESSED_FRAMES, "\t\tat ");
        Throwable cause = causeOf(one);
        if (cause != null) {
          stack
              .append("\t\tCaused by: ")
              .append(head(cause.getClass().getName(), messageOf(cause)));
          stack.append('\n');
        }
      }
    }
    return shortened;
  }

  private static String messageOf(Throwable thrown) {
    try {
      String message = thrown.getMessage();
      return message == null ? "" : message;
    } catch (RuntimeException | StackOverflowError e) {
      return "[its getMessage failed: " + e.getClass().getName() + "]";
    }
  }

  private static StackTraceElement[] framesOf(Throwable thrown) {
    try {
      StackTraceElement[] frames = thrown.getStackTrace();
      return frames == null ? NO_FRAMES : frames;
    } catch (RuntimeException | StackOverflowError e) {
      return NO_FRAMES;
    }
  }

  private static @Nullable Throwable causeOf(Throwable thrown) {
    try {
      return thrown.getCause();
    } catch (RuntimeException | StackOverflowError e) {
      return null;
    }
  }

  /** The fingerprint, where the frames of these packages are the application's. */
  String fingerprint(InApp inApp) {
    return Fingerprint.of(type, message, stackTrace, inApp::isLibrary);
  }
}
