package dev.observer.testserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.opentest4j.IncompleteExecutionException;
import org.testcontainers.DockerClientFactory;

class BackendTest {
  @Test
  void whatNobodyHas_isLookedForInDocker_andThenMissedInWords() throws Exception {
    String said = "";
    Backend found = null;
    try {
      found =
          Backend.find(
              "no-such-backend",
              program -> fail(program.toString()),
              port -> new BackendElsewhere("container", URI.create("http://127.0.0.1:" + port)));
    } catch (IncompleteExecutionException | AssertionError e) {
      said = String.valueOf(e.getMessage());
    }
    assertEquals(DockerClientFactory.instance().isDockerAvailable(), found != null, said);
    assertTrue(found != null || said.contains("OBSERVER_TEST_NO_SUCH_BACKEND"), said);
  }
}
