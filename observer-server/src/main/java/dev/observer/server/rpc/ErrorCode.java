package dev.observer.server.rpc;

import java.util.Locale;

/** What went wrong with a call, by the names and numbers of tRPC. */
public enum ErrorCode {
  PARSE_ERROR(-32700, 400),
  BAD_REQUEST(-32600, 400),
  UNAUTHORIZED(-32001, 401),
  PAYMENT_REQUIRED(-32002, 402),
  FORBIDDEN(-32003, 403),
  NOT_FOUND(-32004, 404),
  METHOD_NOT_SUPPORTED(-32005, 405),
  TIMEOUT(-32008, 408),
  CONFLICT(-32009, 409),
  PRECONDITION_FAILED(-32012, 412),
  PAYLOAD_TOO_LARGE(-32013, 413),
  UNSUPPORTED_MEDIA_TYPE(-32015, 415),
  UNPROCESSABLE_CONTENT(-32022, 422),
  PRECONDITION_REQUIRED(-32028, 428),
  TOO_MANY_REQUESTS(-32029, 429),
  CLIENT_CLOSED_REQUEST(-32099, 499),
  INTERNAL_SERVER_ERROR(-32603, 500),
  NOT_IMPLEMENTED(-32603, 501),
  BAD_GATEWAY(-32603, 502),
  SERVICE_UNAVAILABLE(-32603, 503),
  GATEWAY_TIMEOUT(-32603, 504);

  private final int number;
  private final int httpStatus;

  ErrorCode(int number, int httpStatus) {
    this.number = number;
    this.httpStatus = httpStatus;
  }

  /** The number of JSON-RPC 2.0. */
  public int number() {
    return number;
  }

  /** The status of an answer that holds nothing else. */
  public int httpStatus() {
    return httpStatus;
  }

  /** Whether it is a mistake of the server, and so to be captured. */
  boolean isServers() {
    return httpStatus >= 500;
  }

  /** The value of the label {@code outcome}. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
