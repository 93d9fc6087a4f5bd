/**
 * Benchmarks: programs with a main method, run by {@code mvn -Pbench}, never by the tests.
 *
 * <p>The loader uses nothing but the JDK, so that what is measured is the server.
 */
@NullMarked
package dev.observer.bench;

import org.jspecify.annotations.NullMarked;
