package dev.observer.server.rpc;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A procedure that tells as it happens: its method returns a {@link
 * java.util.concurrent.Flow.Publisher} of what it tells, or of {@link Tracked}. Sent as server-sent
 * events; each is asked of the publisher when the one before was written, and the publisher is
 * cancelled when the client is gone.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Subscription {
  /** Its name; by default the method's. */
  String value() default "";
}
