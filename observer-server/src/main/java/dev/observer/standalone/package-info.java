/** The server as a program of its own. */
@NullMarked
package dev.observer.standalone;

import org.jspecify.annotations.NullMarked;
