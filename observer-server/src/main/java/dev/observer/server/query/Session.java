package dev.observer.server.query;

import org.jspecify.annotations.Nullable;

/**
 * A session, summed up from its records.
 *
 * @param firstTime the earliest {@code timestamp}, in milliseconds since 1970
 * @param lastTime the latest
 * @param entryUrl of the first page view
 */
public record Session(
    String sessionId,
    @Nullable String visitorId,
    @Nullable String userId,
    long firstTime,
    long lastTime,
    long pageViews,
    long customEvents,
    long errors,
    @Nullable String entryUrl,
    boolean hasReplay) {}
