package dev.observer.event;

import org.jspecify.annotations.Nullable;

/**
 * What the server knows about a batch beside its body.
 *
 * @param receivedAt when it arrived, in milliseconds since 1970
 * @param source who made it
 * @param userAgent of the request, for items that name none
 * @param services what an item may call itself, and what it is called when it does not
 */
public record Arrival(
    long receivedAt, Source source, @Nullable String userAgent, ServiceNames services) {}
