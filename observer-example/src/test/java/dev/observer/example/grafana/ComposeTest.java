package dev.observer.example.grafana;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be said of {@code docker-compose.yml} and Grafana's files without running them. */
class ComposeTest {
  private static final Path GRAFANA = Compose.ROOT.resolve("docs/backends/grafana");
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{?([a-z]\\w*)");

  @TempDir Path directory;

  private static Stream<Map.Entry<String, JsonNode>> services() throws Exception {
    return Compose.file().path("services").properties().stream();
  }

  @Test
  void dockerCompose_takesIt() throws Exception {
    Path compose = Compose.program("docker-compose");
    Path said = directory.resolve("said");
    Process process =
        new ProcessBuilder(compose.toString(), "--profile", "traffic", "config", "--quiet")
            .directory(Compose.ROOT.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), Files.readString(said));
    assertEquals("", Files.readString(said));
  }

  @Test
  void everyService_isPinned_bounded_andChecked() throws Exception {
    services()
        .forEach(
            each -> {
              String name = each.getKey();
              JsonNode service = each.getValue();
              assertTrue(
                  service.has("build")
                      || name.equals("traffic")
                      || service.path("image").asText().matches(".+:.*\\d.*"),
                  name);
              if (service.path("restart").asText().equals("unless-stopped")) {
                assertTrue(service.has("mem_limit"), name);
                assertTrue(service.has("healthcheck") || name.equals("traffic"), name);
                assertEquals("ALL", service.at("/cap_drop/0").asText(), name);
              }
            });
  }

  @Test
  void nothing_isReachableFromOutside() throws Exception {
    List<String> ports = new ArrayList<>();
    services()
        .forEach(each -> each.getValue().path("ports").forEach(port -> ports.add(port.asText())));
    assertEquals(Set.of("127.0.0.1:3000:3000", "127.0.0.1:8080:8080"), Set.copyOf(ports));
  }

  @Test
  void nothing_isSecretInTheFile() throws Exception {
    services()
        .flatMap(each -> each.getValue().path("environment").properties().stream())
        .filter(each -> each.getKey().matches(".*(PASSWORD|SECRET|TOKEN|KEY|USER_FILE).*"))
        .forEach(
            each -> assertTrue(each.getValue().asText().startsWith("/secrets/"), each::getKey));
  }

  /** Maven builds nothing where a module is missing, whichever it is to build. */
  @Test
  void image_isMadeFromTheFilesThatMavenReads() throws Exception {
    List<String> ignored =
        Files.readAllLines(Compose.ROOT.resolve("observer-example/Dockerfile.dockerignore"));
    List<String> modules =
        Pattern.compile("<module>(.+)</module>")
            .matcher(Files.readString(Compose.ROOT.resolve("pom.xml")))
            .results()
            .map(found -> found.group(1))
            .toList();
    assertTrue(modules.contains("observer-example"), modules::toString);
    for (String module : modules) {
      assertFalse(isIgnored(ignored, Path.of(module)), module);
      assertFalse(isIgnored(ignored, Path.of(module, "pom.xml")), module);
    }
    assertTrue(isIgnored(ignored, Path.of("docs", "logql.md")));
    assertTrue(isIgnored(ignored, Path.of("observer-core", "target")));
  }

  /** By the last pattern that fits, as Docker does. */
  private static boolean isIgnored(List<String> patterns, Path path) {
    boolean ignored = false;
    for (String pattern : patterns) {
      boolean not = pattern.startsWith("!");
      String glob = "glob:" + (not ? pattern.substring(1) : pattern);
      if (!pattern.startsWith("#") && path.getFileSystem().getPathMatcher(glob).matches(path)) {
        ignored = !not;
      }
    }
    return ignored;
  }

  @Test
  void everyFileThatIsMounted_isThere() throws Exception {
    services()
        .flatMap(each -> Compose.volumes(each.getValue()).values().stream())
        .filter(source -> source.startsWith("."))
        .forEach(source -> assertTrue(Files.exists(Compose.ROOT.resolve(source)), source));
  }

  @Test
  void dashboards_nameDataSources_andVariables_thatAreThere() throws Exception {
    Set<String> sources = new HashSet<>();
    for (JsonNode source :
        Compose.yaml(GRAFANA.resolve("provisioning/datasources/observer.yaml"))
            .path("datasources")) {
      sources.add(source.path("uid").asText());
    }
    for (Dashboard dashboard : Dashboards.all()) {
      JsonNode json = new ObjectMapper().readTree(dashboard.json().toString());
      for (JsonNode source : json.findValues("datasource")) {
        assertTrue(sources.contains(source.path("uid").asText()), source::toString);
      }
      Set<String> variables = new HashSet<>();
      json.at("/templating/list").forEach(each -> variables.add(each.path("name").asText()));
      Set<String> used = new HashSet<>();
      VARIABLE.matcher(json.toString()).results().forEach(found -> used.add(found.group(1)));
      assertEquals(variables, used, dashboard.name());
    }
  }

  @Test
  void links_leadToDashboardsThatAreThere() throws Exception {
    Set<String> dashboards = new HashSet<>();
    Dashboards.all().forEach(each -> dashboards.add("observer-" + each.name()));
    String alerts = Files.readString(GRAFANA.resolve("provisioning/alerting/observer.yaml"));
    String sources = Files.readString(GRAFANA.resolve("provisioning/datasources/observer.yaml"));
    List<String> named =
        Pattern.compile("(?:__dashboardUid__: |/d/)([a-z-]+)")
            .matcher(alerts + sources)
            .results()
            .map(found -> found.group(1))
            .toList();
    assertFalse(named.isEmpty());
    named.forEach(name -> assertTrue(dashboards.contains(name), name));
  }
}
