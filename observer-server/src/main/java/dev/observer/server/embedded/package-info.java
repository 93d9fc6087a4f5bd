/** The backend that needs nothing installed: DuckDB and files. */
@NullMarked
package dev.observer.server.embedded;

import org.jspecify.annotations.NullMarked;
