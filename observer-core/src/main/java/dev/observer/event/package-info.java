/** Event types, their validation and their stored form: the words every module shares. */
@NullMarked
package dev.observer.event;

import org.jspecify.annotations.NullMarked;
