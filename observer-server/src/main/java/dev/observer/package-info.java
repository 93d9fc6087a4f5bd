/** The one entry point of the server. */
@NullMarked
package dev.observer;

import org.jspecify.annotations.NullMarked;
