package dev.observer.server.embedded;

import dev.observer.server.sink.ReplayStore;
import dev.observer.server.sink.ReplayStoreContract;
import java.nio.file.Path;

class FileReplayStoreTest extends ReplayStoreContract {
  @Override
  protected ReplayStore open(Path directory) {
    return new FileReplayStore(directory);
  }
}
