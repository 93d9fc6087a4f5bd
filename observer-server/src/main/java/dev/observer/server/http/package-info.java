/** The HTTP surface: routes, access, limits, ingest, reading, assets. */
@NullMarked
package dev.observer.server.http;

import org.jspecify.annotations.NullMarked;
