package dev.observer.example;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Names for customers: one that stands for an e-mail address and does not tell it, the same for as
 * long as the process runs, whether they buy or sign up. Thread-safe.
 */
final class Customers {
  private final SecretKeySpec key;

  Customers() {
    byte[] random = new byte[32];
    new SecureRandom().nextBytes(random);
    key = new SecretKeySpec(random, "HmacSHA256");
  }

  String idOf(@Nullable String email) {
    String address = email == null ? "" : email.strip().toLowerCase(Locale.ROOT);
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      byte[] digest = mac.doFinal(address.getBytes(StandardCharsets.UTF_8));
      return "customer-" + HexFormat.of().formatHex(digest, 0, 5);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }
}
