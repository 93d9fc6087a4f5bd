package dev.observer;

import dev.observer.server.metrics.Registry;
import java.io.Closeable;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.management.ManagementFactory;
import java.lang.runtime.ObjectMethods;
import java.util.List;
import java.util.Set;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Observer and its libraries leave behind in the JVM, for all that are open in one class
 * loader. It would keep the loader of a host that is loaded anew, so it is removed when the last of
 * them closes. Where the loader lives as long as the process it stays, as others may use it.
 * Thread-safe.
 */
final class Footprint {
  private static final Logger log = LoggerFactory.getLogger(Footprint.class);
  private static final ClassLoader OWN = Footprint.class.getClassLoader();

  /** How many are open. Static, as what they share is. */
  private static int open;

  private Footprint() {}

  /**
   * To be called before anything else of an Observer.
   *
   * @return to be closed after everything else of it, once
   */
  static synchronized Closeable enter() {
    open++;
    return Footprint::leave;
  }

  private static synchronized void leave() {
    open--;
    if (open > 0 || OWN == ClassLoader.getSystemClassLoader()) {
      return;
    }
    Registry.endExemplars();
    try {
      forgetXnio();
      forgetRecords();
    } catch (JMException | ReflectiveOperationException | RuntimeException e) {
      log.debug("the class loader of Observer may stay", e);
    }
  }

  /**
   * XNIO registers a bean that tells its version, and leaves it there. As long as the host has an
   * Undertow of the same loader, whose workers have beans too, it stays.
   */
  private static void forgetXnio() throws JMException {
    MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
    ObjectName provider = new ObjectName("org.xnio:type=Xnio,provider=\"nio\"");
    Set<ObjectName> all = beans.queryNames(new ObjectName("org.xnio:*"), null);
    for (ObjectName bean : all) {
      if (!bean.equals(provider) && beans.getClassLoaderFor(bean) == OWN) {
        return;
      }
    }
    // Only one loader of the process has the name; another may be the one.
    if (all.contains(provider) && beans.getClassLoaderFor(provider) == OWN) {
      beans.unregisterMBean(provider);
    }
  }

  /**
   * Java 17 keeps the types of the record class whose methods it made last (JDK-8078641, mended in
   * 18), which is likely one of ours. So they are made once more, for types of its own.
   */
  private static void forgetRecords() throws ReflectiveOperationException {
    if (Runtime.version().feature() > 17) {
      return;
    }
    MethodHandles.Lookup lookup = MethodHandles.publicLookup();
    MethodHandle getter =
        lookup.findVirtual(String.class, "strip", MethodType.methodType(String.class));
    for (String method : List.of("equals", "hashCode", "toString")) {
      try {
        ObjectMethods.bootstrap(lookup, method, MethodHandle.class, String.class, "text", getter);
      } catch (Throwable e) {
        throw new ReflectiveOperationException(e);
      }
    }
  }
}
