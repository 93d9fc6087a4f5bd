package dev.observer.server.http;

import dev.observer.server.query.Page;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A place in a list as a text for the client to bring back. It is signed together with the question
 * it belongs to, so that an invented one, or one of another question, is recognised.
 *
 * <pre>base64url( time 8 bytes | tie | signature 16 bytes )</pre>
 */
final class Cursor {
  private static final int SIGNATURE = 16;

  private Cursor() {}

  static @Nullable String write(Page.@Nullable Position position, String question, String key) {
    if (position == null) {
      return null;
    }
    byte[] tie = position.tie().getBytes(StandardCharsets.UTF_8);
    byte[] place =
        ByteBuffer.allocate(Long.BYTES + tie.length).putLong(position.time()).put(tie).array();
    ByteBuffer all = ByteBuffer.allocate(place.length + SIGNATURE);
    all.put(place).put(signature(place, question, key));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(all.array());
  }

  /** The place, or null if this is not a cursor of this question. */
  static Page.@Nullable Position read(String text, String question, String key) {
    byte[] all;
    try {
      all = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
    if (all.length < Long.BYTES + SIGNATURE) {
      return null;
    }
    byte[] place = Arrays.copyOf(all, all.length - SIGNATURE);
    byte[] given = Arrays.copyOfRange(all, place.length, all.length);
    if (!MessageDigest.isEqual(given, signature(place, question, key))) {
      return null;
    }
    String tie = new String(place, Long.BYTES, place.length - Long.BYTES, StandardCharsets.UTF_8);
    return new Page.Position(ByteBuffer.wrap(place).getLong(), tie);
  }

  private static byte[] signature(byte[] place, String question, String key) {
    String text = Base64.getEncoder().encodeToString(place) + "\n" + question;
    return Arrays.copyOf(Signature.of(key, text), SIGNATURE);
  }
}
