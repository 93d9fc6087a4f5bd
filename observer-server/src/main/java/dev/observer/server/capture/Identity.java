package dev.observer.server.capture;

import org.jspecify.annotations.Nullable;

/**
 * Whom an event or error is about. What is null is taken from the current request, as far as it
 * says so.
 *
 * @param userId of your application, at most 256 characters; what is longer is cut
 * @param visitorId as the browser SDK made it: 8 to 64 letters, digits, {@code _} or {@code -};
 *     anything else is left out
 * @param sessionId likewise
 */
public record Identity(
    @Nullable String userId, @Nullable String visitorId, @Nullable String sessionId) {
  /** Nobody in particular. */
  public static final Identity UNKNOWN = new Identity(null, null, null);

  /** A user of your application. */
  public static Identity user(String userId) {
    return new Identity(userId, null, null);
  }
}
