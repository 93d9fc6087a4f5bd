package dev.observer.server.rpc;

import java.util.Locale;

/** What a procedure is. */
public enum ProcedureType {
  QUERY,
  MUTATION,
  SUBSCRIPTION;

  /** Its name in tRPC, which is also the value of the label {@code type}. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
