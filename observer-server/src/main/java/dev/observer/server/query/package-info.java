/** What can be asked of stored records. */
@NullMarked
package dev.observer.server.query;

import org.jspecify.annotations.NullMarked;
