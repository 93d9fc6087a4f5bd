/**
 * Procedures written in Java that the official tRPC client calls, and the interceptor that other
 * styles of remote calls are watched with.
 */
@NullMarked
package dev.observer.server.rpc;

import org.jspecify.annotations.NullMarked;
