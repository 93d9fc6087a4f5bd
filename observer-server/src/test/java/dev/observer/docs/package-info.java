/**
 * The Java of README.md and docs, compiled and run; the build sees that the pages show it as it is.
 */
@NullMarked
package dev.observer.docs;

import org.jspecify.annotations.NullMarked;
