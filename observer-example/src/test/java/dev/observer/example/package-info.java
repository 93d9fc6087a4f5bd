/**
 * End to end: a real Chromium visits the shop, and what it left is read back over HTTP and in the
 * console.
 */
@NullMarked
package dev.observer.example;

import org.jspecify.annotations.NullMarked;
