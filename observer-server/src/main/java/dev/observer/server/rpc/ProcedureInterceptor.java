package dev.observer.server.rpc;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Stands around calls of procedures. Observer's own counts, times and captures, and is there for
 * other styles of remote calls too ({@code Observer.interceptor()}); those of an application check
 * who calls, and the like.
 */
@FunctionalInterface
public interface ProcedureInterceptor {
  /**
   * Makes the call, or throws instead.
   *
   * @param body calls the procedure, or the interceptor inside of this one
   * @return what {@code body} returned, or something in its place
   */
  @Nullable Object intercept(ProcedureCall call, Callable<? extends @Nullable Object> body)
      throws Exception;
}
