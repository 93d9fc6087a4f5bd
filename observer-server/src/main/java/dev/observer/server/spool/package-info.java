/** What was acknowledged and is not yet delivered, as files, and its delivery. */
@NullMarked
package dev.observer.server.spool;

import org.jspecify.annotations.NullMarked;
