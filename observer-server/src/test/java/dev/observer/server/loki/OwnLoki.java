package dev.observer.server.loki;

import dev.observer.config.ObserverConfigBuilder;
import dev.observer.server.TestServer;
import dev.observer.testserver.LokiServer;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A Loki of a test's own, with servers that write into it as one tenant, and what it has of them.
 */
record OwnLoki(LokiServer server, LokiReader reader, String tenant) implements AutoCloseable {
  /** Selects everything. */
  static final String ALL = "{service_name=~\".+\"}";

  static OwnLoki start(Path directory, String tenant) throws Exception {
    LokiServer server = LokiServer.start(directory);
    return new OwnLoki(server, new LokiReader(server.uri(), tenant), tenant);
  }

  TestServer observer(Path data, String instance, Consumer<ObserverConfigBuilder> more) {
    return TestServer.start(
        data,
        settings ->
            more.accept(
                settings
                    .instance(instance)
                    .loki(to -> to.url(server.uri().toString()).tenant(tenant))
                    .limits(limits -> limits.requestsPerSecond(0))));
  }

  @Override
  public void close() {
    server.close();
  }
}
