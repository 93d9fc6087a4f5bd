/** A shop on Undertow that Observer watches: how a host mounts it, and what the tests drive. */
@NullMarked
package dev.observer.example;

import org.jspecify.annotations.NullMarked;
