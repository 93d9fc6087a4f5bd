package dev.observer.example.grafana;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The services of {@code docker-compose.yml} as processes of this machine, for want of a Docker
 * engine: the commands, environments, files and health checks that the file has for them. Only what
 * a container has of its own is replaced: its paths by directories of the test, and the addresses
 * of services by free ports of the loopback interface. Not thread-safe.
 */
final class Compose implements AutoCloseable {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What services listen on in their containers. */
  private static final Map<String, Integer> PORTS =
      Map.of("minio", 9000, "loki", 3100, "prometheus", 9090, "shop", 8080);

  private final JsonNode services;
  private final Path directory;
  private final Map<String, Integer> ports = new HashMap<>();
  private final List<Process> running = new ArrayList<>();
  private int nextPort = 20_000 + (int) (ProcessHandle.current().pid() % 10_000);

  /**
   * @param directory gets what the services keep, and their logs
   */
  Compose(Path directory) throws IOException {
    this.services = file().path("services");
    this.directory = directory;
    for (String service : PORTS.keySet()) {
      ports.put(service, freePort());
    }
  }

  /** One that nobody listens on, and below those that the system gives to outgoing connections. */
  private int freePort() {
    while (true) {
      int port = nextPort++;
      try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return free.getLocalPort();
      } catch (IOException e) {
        Assertions.assertTrue(nextPort < 32_000, e::toString);
      }
    }
  }

  /** The file, with what it says by reference in its place. */
  static JsonNode file() throws IOException {
    return yaml(ROOT.resolve("docker-compose.yml"));
  }

  static JsonNode yaml(Path file) throws IOException {
    Object read = new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
    return JSON.valueToTree(read);
  }

  /** The volumes of a service as {@code source:target}, without the mode. */
  static Map<String, String> volumes(JsonNode service) {
    Map<String, String> volumes = new LinkedHashMap<>();
    for (JsonNode volume : service.path("volumes")) {
      List<String> parts = List.of(volume.asText().split(":", -1));
      volumes.put(parts.get(1), parts.get(0));
    }
    return volumes;
  }

  /** Where a service listens here. */
  URI uri(String service) {
    return URI.create("http://127.0.0.1:" + ports.get(service));
  }

  /** Where a named volume lies. */
  Path volume(String name) {
    return directory.resolve("volumes").resolve(name);
  }

  /** What Loki's process needs to listen on a port of this machine. */
  Map<String, String> lokiHere() {
    return Map.of(
        "LOKI_HOST", "127.0.0.1",
        "LOKI_PORT", Integer.toString(uri("loki").getPort()),
        "LOKI_GRPC_PORT", Integer.toString(freePort()));
  }

  /** What the shop's process needs to. */
  Map<String, String> shopHere() {
    return Map.of(
        "OBSERVER_HTTP_HOST",
        "127.0.0.1",
        "OBSERVER_HTTP_PORT",
        Integer.toString(uri("shop").getPort()));
  }

  /** Runs a service that ends by itself, and waits for that. */
  void run(String name) throws IOException, InterruptedException {
    JsonNode service = service(name);
    List<String> command = here(name, words(service.path("entrypoint")));
    command.addAll(here(name, words(service.path("command"))));
    int status = process(name, command, Map.of()).waitFor();
    Assertions.assertEquals(0, status, () -> name + ":\n" + log(name));
  }

  /**
   * Starts a service, and waits until its health check is content.
   *
   * @param program what its image starts, here
   * @param more arguments that only a process needs, such as where to listen
   * @param environment the same
   */
  void start(String name, List<String> program, List<String> more, Map<String, String> environment)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(program);
    command.addAll(here(name, words(service(name).path("command"))));
    command.addAll(more);
    Process process = process(name, command, environment);
    List<String> check = words(service(name).at("/healthcheck/test"));
    if (check.isEmpty()) {
      return;
    }
    Assertions.assertEquals("CMD", check.remove(0));
    check = here(name, check);
    check.set(0, program(Path.of(check.get(0)).getFileName().toString()).toString());
    awaitHealth(name, process, check);
  }

  private void awaitHealth(String name, Process process, List<String> check)
      throws IOException, InterruptedException {
    if (name.equals("loki")) {
      check.add("-health.url=" + uri(name) + "/ready");
    }
    long deadline = System.nanoTime() + Duration.ofSeconds(90).toNanos();
    while (true) {
      ProcessBuilder asking =
          new ProcessBuilder(check)
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve(name + ".health").toFile());
      if (name.equals("minio")) { // What its image says of mc, and a port of its own.
        asking.environment().put("MC_CONFIG_DIR", directory.resolve("mc").toString());
        asking.environment().put("MC_HOST_local", uri(name).toString());
      }
      if (asking.start().waitFor() == 0) {
        return;
      }
      Assertions.assertTrue(
          process.isAlive() && System.nanoTime() < deadline,
          () -> name + " is not healthy:\n" + log(name + ".health") + log(name));
      LockSupport.parkNanos(Duration.ofMillis(200).toNanos()); // asked at once, it had no time
    }
  }

  private Process process(String name, List<String> command, Map<String, String> environment)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve(name).toFile());
    builder.environment().keySet().removeIf(key -> key.startsWith("OBSERVER_"));
    service(name)
        .path("environment")
        .properties()
        .forEach(
            each -> builder.environment().put(each.getKey(), here(name, each.getValue().asText())));
    builder.environment().putAll(environment);
    builder.environment().put("PATH", System.getenv("PATH") + File.pathSeparator + cache());
    Process process = builder.start();
    running.add(process);
    return process;
  }

  private JsonNode service(String name) {
    JsonNode service = services.path(name);
    Assertions.assertTrue(service.isObject(), name);
    return service;
  }

  private static List<String> words(JsonNode command) {
    List<String> words = new ArrayList<>();
    command.forEach(word -> words.add(word.asText().replace("$$", "$")));
    return words;
  }

  private List<String> here(String service, List<String> words) throws IOException {
    List<String> here = new ArrayList<>();
    for (String word : words) {
      here.add(here(service, word));
    }
    return here;
  }

  /** A text of a service with the paths and addresses that it has here. */
  private String here(String name, String text) {
    String here = text;
    for (Map.Entry<String, Integer> port : PORTS.entrySet()) {
      String service = port.getKey();
      int inside = port.getValue();
      String address = uri(service).getAuthority();
      here = here.replace(service + ":" + inside, address);
      if (service.equals(name)) {
        String own = "$1" + uri(service).getPort();
        here =
            here.replaceAll("(127\\.0\\.0\\.1[:/])" + inside + "\\b", own)
                .replaceAll("^:" + inside + "$", address);
      }
    }
    for (Map.Entry<String, String> volume : volumes(service(name)).entrySet()) {
      String target = volume.getKey();
      Pattern path = Pattern.compile("(?<![\\w.}/-])" + Pattern.quote(target) + "(?![\\w-])");
      here =
          path.matcher(here).replaceAll(Matcher.quoteReplacement(place(name, volume).toString()));
    }
    return here;
  }

  /** A named volume is a directory, and a file of ours a copy that says where things are here. */
  private Path place(String name, Map.Entry<String, String> volume) {
    try {
      String source = volume.getValue();
      if (!source.startsWith("./")) {
        return Files.createDirectories(volume(source));
      }
      Path original = ROOT.resolve(source).normalize();
      if (!original.toString().endsWith(".yml")) {
        return original;
      }
      Path copy = directory.resolve(name + "-files" + volume.getKey());
      if (!Files.exists(copy)) {
        Files.createDirectories(copy.getParent());
        Files.createFile(copy);
        // Looked at and evaluated more often, so that a test need not wait.
        Files.writeString(copy, here(name, Files.readString(original)).replace(": 15s", ": 1s"));
      }
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String log(String name) {
    try {
      return Files.readString(directory.resolve(name));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /**
   * A program of this machine; without it the test is skipped, in words, or fails with {@code
   * OBSERVER_TEST_REQUIRE_BACKENDS=true}.
   */
  static Path program(String name) {
    Optional<Path> found = find(name);
    if (found.isEmpty()) {
      String what = name + " is neither on the PATH nor in the cache directory of .ci/backends";
      if (Boolean.parseBoolean(System.getenv("OBSERVER_TEST_REQUIRE_BACKENDS"))) {
        Assertions.fail(what);
      }
      Assumptions.abort(what);
    }
    return found.orElseThrow();
  }

  static Optional<Path> find(String name) {
    return Stream.concat(
            Stream.of(System.getenv("PATH").split(File.pathSeparator, -1)), Stream.of(cache()))
        .map(place -> Path.of(place, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static String cache() {
    return Optional.ofNullable(System.getenv("OBSERVER_TEST_BACKENDS"))
        .orElse(System.getProperty("user.home") + "/.cache/observer-backends");
  }

  /** Ends what was started, the last first. */
  @Override
  public void close() throws InterruptedException {
    for (int i = running.size() - 1; i >= 0; i--) {
      Process process = running.get(i);
      process.destroy();
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    }
  }
}
