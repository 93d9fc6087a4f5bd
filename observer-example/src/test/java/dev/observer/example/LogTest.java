package dev.observer.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.joran.spi.JoranException;
import com.fasterxml.jackson.databind.JsonNode;
import io.undertow.Undertow;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Where the shop's log goes. */
final class LogTest {
  @Test
  void withoutALoki_itGoesToTheConsoleAlone() throws Exception {
    LoggerContext context = configured(Map.of());
    assertEquals(List.of("CONSOLE"), appenders(context));
    context.stop();
  }

  @Test
  void withALoki_itGoesThereToo_withItsTrace() throws Exception {
    BlockingQueue<String> pushed = new LinkedBlockingQueue<>();
    Undertow loki =
        Undertow.builder()
            .addHttpListener(0, "127.0.0.1")
            .setHandler(
                exchange ->
                    exchange
                        .getRequestReceiver()
                        .receiveFullString(
                            (answer, body) -> {
                              pushed.add(answer.getRequestPath() + " " + body);
                              answer.setStatusCode(204);
                            },
                            StandardCharsets.UTF_8))
            .build();
    loki.start();
    try {
      int port = ((InetSocketAddress) loki.getListenerInfo().get(0).getAddress()).getPort();
      LoggerContext context =
          configured(
              Map.of(
                  "OBSERVER_LOKI_URL",
                  "http://127.0.0.1:" + port,
                  "OBSERVER_ENVIRONMENT",
                  "staging"));
      assertEquals(List.of("CONSOLE", "LOKI"), appenders(context));
      context.getMDCAdapter().put("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736");
      context.getLogger(Kiln.class).info("The kiln is open");
      context.stop();

      String push = pushed.poll(10, TimeUnit.SECONDS);
      assertTrue(push != null && push.startsWith("/loki/api/v1/push "), () -> "pushed: " + push);
      JsonNode stream = Json.MAPPER.readTree(push.substring(push.indexOf(' '))).at("/streams/0");
      assertEquals("shop", stream.at("/stream/service_name").asText(), push);
      assertEquals("staging", stream.at("/stream/environment").asText(), push);
      assertEquals("log", stream.at("/stream/kind").asText(), push);
      assertEquals("The kiln is open", stream.at("/values/0/1").asText(), push);
      assertEquals(
          "4bf92f3577b34da6a3ce929d0e0e4736", stream.at("/values/0/2/trace_id").asText(), push);
    } finally {
      loki.stop();
    }
  }

  private static LoggerContext configured(Map<String, String> properties) throws JoranException {
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    properties.forEach(context::putProperty);
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(LogTest.class.getResource("/logback.xml"));
    return context;
  }

  private static List<String> appenders(LoggerContext context) {
    List<String> names = new ArrayList<>();
    context
        .getLogger(Logger.ROOT_LOGGER_NAME)
        .iteratorForAppenders()
        .forEachRemaining(appender -> names.add(appender.getName()));
    return names;
  }
}
