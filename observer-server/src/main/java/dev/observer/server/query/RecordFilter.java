package dev.observer.server.query;

import dev.observer.event.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Which records are asked for; null leaves a condition out.
 *
 * @param since inclusive, about {@code timestamp}, in milliseconds since 1970
 * @param until exclusive
 */
public record RecordFilter(
    @Nullable Kind kind,
    @Nullable String sessionId,
    @Nullable String visitorId,
    @Nullable String userId,
    @Nullable Long since,
    @Nullable Long until) {}
