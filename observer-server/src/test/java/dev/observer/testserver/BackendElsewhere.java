package dev.observer.testserver;

import java.net.URI;

/** A backend that somebody else runs: a test may use it but not break it. */
record BackendElsewhere(String name, URI uri) implements Backend {
  private void refuse() {
    throw Program.missing(
        "This test breaks %s, and the one that %s names is not ours"
            .formatted(name, Program.variable(name)));
  }

  @Override
  public void freeze() {
    refuse();
  }

  @Override
  public void thaw() {
    refuse();
  }

  @Override
  public void kill() {
    refuse();
  }

  @Override
  public void restart() {
    refuse();
  }

  @Override
  public void close() {}
}
