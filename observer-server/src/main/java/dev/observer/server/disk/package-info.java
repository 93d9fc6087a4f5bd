/** The data directory, and writing to it so that it lasts. */
@NullMarked
package dev.observer.server.disk;

import org.jspecify.annotations.NullMarked;
