package dev.observer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.observer.config.ObserverConfig;
import dev.observer.config.ObserverConfigBuilder;
import dev.observer.server.rpc.Mutation;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.connector.ByteBufferPool;
import io.undertow.server.DefaultByteBufferPool;
import io.undertow.server.HttpHandler;
import jakarta.validation.constraints.NotBlank;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * A host that loads Observer anew, as application servers do, can start it again, and nothing of
 * the one before is left: no thread, and where DuckDB is in a class loader above, no class. In a
 * process of its own, whose registries and threads no other test has touched.
 */
class ClassLoaderIT {
  private static final int GONE = 0;
  private static final int LEFT = 3;

  @TempDir Path directory;

  @Test
  @Timeout(600)
  void closed_belowDuckDb_leavesNothing() throws Exception {
    host("below");
  }

  @Test
  @Timeout(200)
  void closed_withDuckDb_leavesNoThread_andTheNextOneStarts() throws Exception {
    host("with");
  }

  private void host(String place) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:SoftRefLRUPolicyMSPerMB=0"); // what is held softly is no leak
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Reloading.class.getName(), place, directory.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(GONE, process.waitFor(), said);
    } finally {
      process.destroyForcibly();
    }
  }

  /** The host. */
  static final class Reloading {
    private static final int LIVES = 5;

    /** Of some 3,000 that a life loads; the JDK makes some more each time. */
    private static final int FEW_CLASSES = 100;

    /** OkHttp's thread ends when it had nothing to do for a minute, on a busy machine later. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private Reloading() {}

    /** Exits with 3 if something stays, or goes wrong, and says what. */
    public static void main(String[] arguments) {
      boolean left = true;
      try {
        left = isAnyLeft(arguments[0].equals("below"), Path.of(arguments[1]));
      } catch (Exception e) {
        e.printStackTrace(System.out);
      }
      System.exit(left ? LEFT : GONE);
    }

    private static boolean isAnyLeft(boolean below, Path data) throws Exception {
      List<URL> above = new ArrayList<>();
      List<URL> reloaded = new ArrayList<>();
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
        File file = new File(entry);
        boolean duckDb = file.getName().startsWith("duckdb_jdbc");
        (below && duckDb ? above : reloaded).add(file.toURI().toURL());
      }
      URLClassLoader parent =
          new URLClassLoader(above.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
      if (below) {
        Class.forName("org.duckdb.DuckDBDriver", true, parent);
      }
      ReferenceQueue<ClassLoader> gone = new ReferenceQueue<>();
      int classes = 0;
      for (int i = 1; i <= LIVES; i++) {
        String backend = below && i == LIVES ? backend() : ""; // OkHttp's minute is waited for once
        boolean left =
            below
                ? isLeft(new WeakReference<>(live(reloaded, parent, data, backend), gone), gone)
                : hasThread(live(reloaded, parent, data, backend));
        if (left) {
          return true;
        }
        classes = i == 1 ? loadedClasses() : classes;
        // Before the last, for which the JDK loads what its HTTP client and server are made of.
        if (below && i == LIVES - 1 && hasMoreThan(classes + FEW_CLASSES)) {
          return true;
        }
      }
      return false;
    }

    private static int loadedClasses() {
      return ManagementFactory.getClassLoadingMXBean().getLoadedClassCount();
    }

    /** They are counted some time after their loader is gone. */
    private static boolean hasMoreThan(int classes) {
      long start = System.nanoTime();
      while (loadedClasses() > classes) {
        if (System.nanoTime() - start > PATIENCE.toNanos()) {
          System.out.println("classes: " + classes + ", and now " + loadedClasses());
          return true;
        }
        System.gc();
      }
      return false;
    }

    /** Takes what Loki is given, and is no MinIO now. */
    private static String backend() throws IOException {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/",
          exchange -> {
            exchange.getRequestBody().readAllBytes();
            boolean push = exchange.getRequestURI().getPath().endsWith("/push");
            exchange.sendResponseHeaders(push ? 204 : 503, -1);
            exchange.close();
          });
      server.start();
      return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private static boolean isLeft(Reference<ClassLoader> loader, ReferenceQueue<ClassLoader> gone)
        throws InterruptedException, JMException {
      long start = System.nanoTime();
      while (System.nanoTime() - start < PATIENCE.toNanos()) {
        System.gc();
        if (gone.remove(100) != null) {
          return false;
        }
      }
      ClassLoader left = loader.get();
      if (left != null) {
        System.out.println("left: " + left + ", " + threads(left) + ", " + beans(left));
      }
      return left != null;
    }

    private static boolean hasThread(ClassLoader loader) throws Exception {
      long start = System.nanoTime();
      List<Thread> threads = threads(loader);
      while (!threads.isEmpty()) {
        if (System.nanoTime() - start > PATIENCE.toNanos()) {
          System.out.println("left: " + threads);
          return true;
        }
        TimeUnit.MILLISECONDS.timedJoin(threads.get(0), 100); // it may be at its end
        threads = threads(loader);
      }
      return false;
    }

    /** One life in a loader of its own. */
    private static ClassLoader live(List<URL> urls, ClassLoader parent, Path data, String backend)
        throws Exception {
      Thread thread = Thread.currentThread();
      ClassLoader before = thread.getContextClassLoader();
      try (URLClassLoader loader = new URLClassLoader(urls.toArray(URL[]::new), parent)) {
        thread.setContextClassLoader(loader);
        loader
            .loadClass(Life.class.getName())
            .getMethod("live", Path.class, String.class)
            .invoke(null, data, backend);
        return loader;
      } finally {
        thread.setContextClassLoader(before);
      }
    }

    /** Threads that run code of this loader. */
    private static List<Thread> threads(ClassLoader loader) {
      return Thread.getAllStackTraces().keySet().stream()
          .filter(
              thread ->
                  thread.getContextClassLoader() == loader
                      || thread.getClass().getClassLoader() == loader
                      || thread.getName().startsWith("observer-"))
          .toList();
    }

    private static List<ObjectName> beans(ClassLoader loader) throws JMException {
      MBeanServer server = ManagementFactory.getPlatformMBeanServer();
      List<ObjectName> beans = new ArrayList<>();
      for (ObjectName bean : server.queryNames(null, null)) {
        if (server.getClassLoaderFor(bean) == loader) {
          beans.add(bean);
        }
      }
      return beans;
    }
  }

  /** What is done inside. */
  public static final class Life {
    private static final String TOKEN = "test-read-token-0123456789";

    private Life() {}

    /**
     * One of a host whose Undertow is still there when it closes; and after it two at a time.
     *
     * @param backend of Loki and MinIO; empty for none
     */
    public static void live(Path data, String backend) throws Exception {
      Observer mounted = Observer.mount(config(data.resolve("first"), ""));
      ByteBufferPool buffers = new DefaultByteBufferPool(true, 16_384, 64, 4);
      Undertow server = serve(mounted, buffers);
      try {
        use(mounted, address(server));
        mounted.close();
        ObjectName xnio = new ObjectName("org.xnio:type=Xnio,provider=\"nio\"");
        assertTrue(
            ManagementFactory.getPlatformMBeanServer().isRegistered(xnio), "the host uses it");
      } finally {
        mounted.close();
        server.stop();
        buffers.close(); // Undertow leaves that to the JDK's finalizer, which keeps some of them
      }
      try (Observer first = Observer.start(config(data.resolve("first"), backend))) {
        try (Observer second = Observer.start(config(data.resolve("second"), ""))) {
          use(second, second.uri());
        }
        use(first, first.uri());
      }
    }

    private static ObserverConfig config(Path data, String backend) {
      ObserverConfigBuilder config =
          ObserverConfig.builder()
              .environmentVariables(Map.of())
              .readToken(TOKEN)
              .dataDir(data)
              .http(http -> http.port(0));
      if (!backend.isEmpty()) {
        config
            .loki(loki -> loki.url(backend))
            .minio(
                minio ->
                    minio.endpoint(backend).bucket("replays").accessKey("key").secretKey("secret"));
      }
      return config.build();
    }

    private static Undertow serve(Observer observer, ByteBufferPool buffers) {
      HttpHandler procedures = observer.procedures().add("orders", new Orders()).handler();
      HttpHandler routes = Handlers.path().addPrefixPath("/trpc", procedures);
      Undertow server =
          Undertow.builder()
              .setByteBufferPool(buffers)
              .addHttpListener(0, "127.0.0.1")
              .setHandler(observer.handler(observer.watch(routes)))
              .build();
      server.start();
      return server;
    }

    private static URI address(Undertow server) throws IOException {
      InetSocketAddress address = (InetSocketAddress) server.getListenerInfo().get(0).getAddress();
      URI uri = URI.create("http://127.0.0.1:" + address.getPort());
      assertEquals(200, ask(uri.resolve("/trpc/orders.place"), "{\"id\":\"a\"}"));
      assertEquals(400, ask(uri.resolve("/trpc/orders.place"), "{\"id\":\"\"}"));
      return uri;
    }

    record OrderId(@NotBlank String id) {}

    static final class Orders {
      @Mutation
      OrderId place(OrderId order) {
        return order;
      }
    }

    private static void use(Observer observer, URI uri) throws IOException {
      observer.captureLogs();
      observer.captureUncaught();
      observer.captureException(new IllegalStateException("inside"));
      observer.track("inside", Map.of("a", 1));
      LoggerFactory.getLogger("shop").error("inside");
      Executor here = Runnable::run;
      observer.propagating(here).execute(() -> observer.track("carried"));
      if (!observer.flush(Duration.ofSeconds(10))) {
        throw new IllegalStateException("not flushed");
      }
      assertEquals(200, ask(uri.resolve("/api/observer/health"), null));
      assertEquals(200, ask(uri.resolve("/metrics"), null));
      assertEquals(200, ask(uri.resolve("/api/observer/sessions"), null));
    }

    private static int ask(URI uri, @Nullable String body) throws IOException {
      HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
      connection.setRequestProperty("authorization", "Bearer " + TOKEN);
      connection.setRequestProperty(
          "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
      if (body != null) {
        connection.setDoOutput(true);
        connection.setRequestProperty("content-type", "application/json");
        connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
      }
      int status = connection.getResponseCode();
      try (InputStream answer =
          status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
        answer.readAllBytes();
      }
      return status;
    }
  }
}
