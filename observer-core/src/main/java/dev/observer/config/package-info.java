/**
 * Configuration of the server: one table of keys ({@link dev.observer.config.ConfigKey}), three
 * spellings of each (builder, environment, file), one record ({@link
 * dev.observer.config.ObserverConfig}) and one error that lists everything that is wrong.
 */
@NullMarked
package dev.observer.config;

import org.jspecify.annotations.NullMarked;
