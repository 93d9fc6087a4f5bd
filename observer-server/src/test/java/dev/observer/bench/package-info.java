/**
 * Benchmarks: programs with a main method, run by {@code mvn -Pbench}, never by the tests.
 *
 * <p>They use nothing but the JDK, so that what they measure is the server.
 */
@NullMarked
package dev.observer.bench;

import org.jspecify.annotations.NullMarked;
