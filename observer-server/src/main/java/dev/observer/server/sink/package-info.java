/** The two seams a backend implements. */
@NullMarked
package dev.observer.server.sink;

import org.jspecify.annotations.NullMarked;
