package dev.observer.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The official tRPC client, in Node, against the shop: web/test/procedures.test.mjs. */
final class ProceduresIT {
  private static final Path WEB = Path.of("web").toAbsolutePath();

  /** Put there by the build, which needs it too; see observer-client-js/use-system-node.cjs. */
  private static final Path NODE = Path.of("target", "node", "node").toAbsolutePath();

  @Test
  @Timeout(120)
  void officialClient_callsEveryProcedure(@TempDir Path data) throws Exception {
    try (Shop shop = Shops.open(data)) {
      Process node = start(shop);
      try {
        String said = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(node.waitFor(10, TimeUnit.SECONDS), said);
        assertEquals(0, node.exitValue(), said);
        assertTrue(said.contains("# tests 22") && said.contains("# pass 22"), said);
      } finally {
        node.destroyForcibly();
      }
    }
  }

  private static Process start(Shop shop) throws IOException {
    ProcessBuilder node =
        new ProcessBuilder(
            NODE.toString(), "--test", "--test-reporter=tap", "test/procedures.test.mjs");
    node.directory(WEB.toFile());
    node.environment().put("SHOP_URL", shop.uri().toString());
    node.redirectErrorStream(true);
    return node.start();
  }
}
