/** Loki as the store of records. */
@NullMarked
package dev.observer.server.loki;

import org.jspecify.annotations.NullMarked;
