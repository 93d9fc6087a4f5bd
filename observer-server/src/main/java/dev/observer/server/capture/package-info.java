/**
 * What the host's own code tells: errors, events, and the trace to which they belong. Its records
 * go the way of every other, through the spool.
 */
@NullMarked
package dev.observer.server.capture;

import org.jspecify.annotations.NullMarked;
