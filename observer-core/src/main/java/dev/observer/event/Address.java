package dev.observer.event;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Addresses as they are kept. Links to set a password, answers of a login and signed links say in a
 * parameter what lets whoever has it in; it is nobody's business who reads records.
 */
final class Address {
  private static final String DELIMITERS = "?&;#";

  /** Parts of names of letters, in lower case. */
  private static final List<String> SECRET_PARTS =
      List.of(
          "token",
          "secret",
          "passw",
          "passcode",
          "passphrase",
          "pwd",
          "jwt",
          "apikey",
          "accesskey",
          "privatekey",
          "credential",
          "authorization",
          "signature",
          "samlresponse",
          "sessionid",
          "sessid",
          "email");

  private static final Set<String> SECRET_NAMES =
      Set.of("code", "state", "sig", "auth", "key", "otp", "pin", "sid", "session", "ticket");

  /** A parameter of an address that is itself the value of one, written as it has to be there. */
  private static final Pattern INNER_PARAMETER =
      Pattern.compile("(?i)%(?:25)*(?:3f|26|23|3b)([^%&]*)%(?:25)*3d");

  private static final Pattern NO_LETTER = Pattern.compile("[^a-z]");

  private Address() {}

  /**
   * The address with {@code *} for the value of each parameter, in its query or its fragment, whose
   * name says that it is secret; the same object if there is none.
   */
  static String withoutSecrets(String address) {
    StringBuilder kept = null;
    int copied = 0;
    int from = next(address, 0);
    while (from < address.length()) {
      int end = next(address, from + 1);
      String parameter = address.substring(Math.min(from + 1, end), end);
      int equals = parameter.indexOf('=');
      if (equals >= 0 && (isSecret(parameter.substring(0, equals)) || holdsSecret(parameter))) {
        kept = kept == null ? new StringBuilder(address.length()) : kept;
        kept.append(address, copied, from + 1 + equals + 1).append('*');
        copied = end;
      }
      from = end;
    }
    return kept == null ? address : kept.append(address, copied, address.length()).toString();
  }

  /** Where the next parameter is introduced, or the length if there is none. */
  private static int next(String address, int from) {
    int at = from;
    while (at < address.length() && DELIMITERS.indexOf(address.charAt(at)) < 0) {
      at++;
    }
    return at;
  }

  private static boolean holdsSecret(String parameter) {
    return parameter.indexOf('%') >= 0
        && INNER_PARAMETER.matcher(parameter).results().anyMatch(inner -> isSecret(inner.group(1)));
  }

  private static boolean isSecret(String name) {
    if (name.length() < 3) {
      return false; // no name above is as short
    }
    String letters = NO_LETTER.matcher(name.toLowerCase(Locale.ROOT)).replaceAll("");
    return SECRET_NAMES.contains(letters) || SECRET_PARTS.stream().anyMatch(letters::contains);
  }
}
