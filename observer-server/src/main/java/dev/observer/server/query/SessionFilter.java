package dev.observer.server.query;

import org.jspecify.annotations.Nullable;

/**
 * Which sessions are asked for; null leaves a condition out.
 *
 * @param since sessions that went on at or after this time, in milliseconds since 1970
 * @param until sessions that began before this time
 */
public record SessionFilter(@Nullable Long since, @Nullable Long until, @Nullable String userId) {}
