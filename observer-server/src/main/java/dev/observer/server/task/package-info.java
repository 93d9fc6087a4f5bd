/** Work that is done again and again beside everything else. */
@NullMarked
package dev.observer.server.task;

import org.jspecify.annotations.NullMarked;
