/** A real server as a child process, for tests and benchmarks that kill or time it. */
@NullMarked
package dev.observer.testserver;

import org.jspecify.annotations.NullMarked;
