/** What a 202 is worth: servers are killed and their disks are read again. */
@NullMarked
package dev.observer.durability;

import org.jspecify.annotations.NullMarked;
