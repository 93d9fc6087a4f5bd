package dev.observer.event;

/**
 * A value kept as the JSON text it has in the stored form: checked, without white space, without
 * lone surrogates.
 *
 * @param text one JSON value
 */
public record Json(String text) {}
