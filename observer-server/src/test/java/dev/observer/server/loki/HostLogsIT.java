package dev.observer.server.loki;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import dev.observer.event.Rfc3339;
import dev.observer.server.TestServer;
import dev.observer.server.loki.LokiReader.Entry;
import dev.observer.testserver.LokiServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.MDC;

/** The configuration of Logback that the documentation gives, with a real Loki. */
class HostLogsIT {
  private static final String TENANT = "host-logs";
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final Path CONFIGURATION =
      Path.of("..", "docs", "backends", "logback-loki.xml").toAbsolutePath().normalize();

  @TempDir Path directory;

  @Test
  @Timeout(120)
  void errorAndTheLinesOfItsHost_areFoundByOneTraceId() throws Exception {
    try (LokiServer loki = LokiServer.start(directory);
        TestServer server =
            TestServer.start(
                directory.resolve("data"),
                settings -> settings.loki(to -> to.url(loki.uri().toString()).tenant(TENANT)))) {
      String error = TestServer.id();
      String body =
          """
          {"context":{"service_name":"shop"},"errors":[{"event_id":"%s","timestamp":"%s",\
          "message":"payment failed","trace_id":"%s"}]}"""
              .formatted(error, Rfc3339.format(System.currentTimeMillis()), TRACE);
      assertEquals(202, server.post("/errors", body).statusCode());
      log(loki.uri().toString());

      LokiReader reader = new LokiReader(loki.uri(), TENANT);
      String query = "{service_name=\"shop\"} | trace_id=\"" + TRACE + "\"";
      List<Entry> found = reader.queryUntil(query, entries -> entries.size() >= 3);
      assertEquals(3, found.size());
      Map<String, List<Entry>> byKind =
          found.stream().collect(Collectors.groupingBy(entry -> entry.labels().get("kind")));
      assertEquals(error, byKind.getOrDefault("error", List.of()).get(0).id());
      List<Entry> lines = byKind.getOrDefault("log", List.of());
      Entry info =
          lines.stream().filter(line -> level(line).equals("INFO")).findFirst().orElseThrow();
      assertEquals("charging é😀", info.line());
      assertEquals(
          Set.of("service_name", "environment", "kind", "level", "instance"),
          info.labels().keySet());
      assertEquals("session-1", info.metadata().get("session_id"));
      assertEquals("shop.payment", info.metadata().get("logger"));
      Entry failure =
          lines.stream().filter(line -> level(line).equals("ERROR")).findFirst().orElseThrow();
      assertTrue(
          failure.line().startsWith("failed\njava.lang.IllegalStateException: declined\n\tat "),
          failure.line());

      List<Entry> all = reader.queryUntil("{kind=\"log\"}", entries -> entries.size() >= 3);
      assertEquals(3, all.size());
      Entry outside =
          all.stream().filter(entry -> entry.line().equals("outside")).findFirst().orElseThrow();
      assertEquals(Set.of("logger", "thread"), outside.metadata().keySet());
    }
  }

  private static String level(Entry entry) {
    return String.valueOf(entry.labels().get("level"));
  }

  /** Two lines within the trace, one outside; all are sent when the context is stopped. */
  private static void log(String loki) throws Exception {
    LoggerContext context = new LoggerContext();
    context.setName("host");
    context.setMDCAdapter((LogbackMDCAdapter) MDC.getMDCAdapter());
    context.putProperty("LOKI_URL", loki);
    context.putProperty("LOKI_TENANT", TENANT);
    context.putProperty("SERVICE_NAME", "shop");
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(CONFIGURATION.toFile());
    Logger logger = context.getLogger("shop.payment");
    try (MDC.MDCCloseable trace = MDC.putCloseable("trace_id", TRACE);
        MDC.MDCCloseable session = MDC.putCloseable("session_id", "session-1")) {
      logger.info("charging é😀");
      logger.error("failed", new IllegalStateException("declined"));
    }
    logger.info("outside");
    context.stop();
    assertEquals(
        List.of(),
        context.getStatusManager().getCopyOfStatusList().stream()
            .filter(status -> status.getLevel() > 0)
            .map(String::valueOf)
            .toList());
  }
}
