/** The meters, all named in one file. */
@NullMarked
package dev.observer.server.metrics;

import org.jspecify.annotations.NullMarked;
