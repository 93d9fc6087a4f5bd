/**
 * A crowd for the shop: visitors who look around, buy, sign up, run into errors and are recorded,
 * over HTTP and nothing else, as their browsers would.
 */
@NullMarked
package dev.observer.example.traffic;

import org.jspecify.annotations.NullMarked;
