package dev.observer.server.spool;

/** What became of something that was given to the spool. */
public enum Outcome {
  /** It is on the disk and will be delivered. */
  DURABLE,
  /** The lane has no room for it; nothing of it was kept. */
  FULL,
  /** The disk did not take it, or the spool is closed; nothing of it was kept. */
  FAILED,
  /** Something else is already there under its name; nothing of it was kept. */
  CONFLICT
}
