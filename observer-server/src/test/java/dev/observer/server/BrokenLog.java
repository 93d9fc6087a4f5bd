package dev.observer.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import org.slf4j.LoggerFactory;

/** A log that finds no memory for what a class says, until it is closed. */
public final class BrokenLog extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private final Logger log;

  public BrokenLog(Class<?> speaker) {
    log = (Logger) LoggerFactory.getLogger(speaker);
    log.setLevel(Level.INFO);
    log.addAppender(this);
    start();
  }

  @Override
  protected void append(ILoggingEvent event) {
    throw new OutOfMemoryError("none for a line of the log");
  }

  @Override
  public void close() {
    log.detachAppender(this);
    log.setLevel(null);
  }
}
