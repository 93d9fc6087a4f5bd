package dev.observer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.observer.config.ObserverConfig;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A host that loads Observer anew, as application servers do, can start it again, and no thread of
 * the one before is left. In a process of its own, whose registries and threads no other test has
 * touched.
 */
class ClassLoaderTest {
  private static final int TRIES = 100;
  private static final int GONE = 0;
  private static final int LEFT = 3;

  @Test
  @Timeout(120)
  void closed_noThreadIsLeft_andTheNextOneStarts(@TempDir Path directory) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Reloading.class.getName(), directory.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor(10, TimeUnit.SECONDS);
      assertEquals(GONE, process.exitValue(), said);
    } finally {
      process.destroyForcibly();
    }
  }

  /** The host. */
  static final class Reloading {
    private Reloading() {}

    /** Exits with 3 if a thread stays. */
    public static void main(String[] arguments) throws Exception {
      Set<ClassLoader> loaders = new HashSet<>();
      loaders.add(lived(arguments[0]));
      loaders.add(lived(arguments[0]));
      for (int i = 0; i < TRIES && !left(loaders).isEmpty(); i++) {
        TimeUnit.MILLISECONDS.timedJoin(Thread.currentThread(), 100); // others may be at their end
      }
      left(loaders).forEach(System.out::println);
      System.exit(left(loaders).isEmpty() ? GONE : LEFT);
    }

    /** Threads that run code of these loaders. */
    private static List<Thread> left(Set<ClassLoader> loaders) {
      return Thread.getAllStackTraces().keySet().stream()
          .filter(
              thread ->
                  loaders.contains(thread.getContextClassLoader())
                      || loaders.contains(thread.getClass().getClassLoader())
                      || thread.getName().startsWith("observer-"))
          .toList();
    }

    /** One life of an Observer in a loader that shares nothing but the JDK. */
    private static ClassLoader lived(String data) throws Exception {
      List<URL> urls = new ArrayList<>();
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
        urls.add(new File(entry).toURI().toURL());
      }
      Thread thread = Thread.currentThread();
      ClassLoader before = thread.getContextClassLoader();
      try (URLClassLoader loader =
          new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
        thread.setContextClassLoader(loader);
        loader
            .loadClass(Life.class.getName())
            .getMethod("live", Path.class)
            .invoke(null, Path.of(data));
        return loader;
      } finally {
        thread.setContextClassLoader(before);
      }
    }
  }

  /** What is done inside. */
  public static final class Life {
    private Life() {}

    /** Two at a time, and one after both. */
    public static void live(Path data) throws IOException {
      try (Observer first = start(data.resolve("first"))) {
        try (Observer second = start(data.resolve("second"))) {
          use(second);
        }
        use(first);
      }
      try (Observer third = start(data.resolve("first"))) {
        use(third);
      }
    }

    private static Observer start(Path data) {
      return Observer.start(
          ObserverConfig.builder()
              .environmentVariables(Map.of())
              .readToken("test-read-token-0123456789")
              .dataDir(data)
              .http(http -> http.port(0))
              .build());
    }

    private static void use(Observer observer) throws IOException {
      observer.captureLogs();
      observer.captureUncaught();
      observer.captureException(new IllegalStateException("inside"));
      observer.track("inside", Map.of("a", 1));
      URLConnection health =
          observer.uri().resolve("/api/observer/health").toURL().openConnection();
      health.setRequestProperty(
          "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
      health.getInputStream().close();
      if (!observer.flush(Duration.ofSeconds(10))) {
        throw new IllegalStateException("not flushed");
      }
    }
  }
}
