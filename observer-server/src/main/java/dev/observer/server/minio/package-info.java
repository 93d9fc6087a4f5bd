/** Replays in MinIO or another S3. */
@NullMarked
package dev.observer.server.minio;

import org.jspecify.annotations.NullMarked;
