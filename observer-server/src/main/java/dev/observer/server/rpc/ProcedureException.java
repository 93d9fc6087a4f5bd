package dev.observer.server.rpc;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Thrown by a procedure to say what is wrong; its message is what the client gets. With a code of
 * the client's mistakes (4xx) the call is counted, with one of the server's (5xx) also captured. Of
 * any other exception the client learns nothing but {@link ErrorCode#INTERNAL_SERVER_ERROR} and the
 * trace id.
 */
public final class ProcedureException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final ErrorCode code;
  private final transient List<Violation> errors;

  /**
   * What is wrong at one place of the input.
   *
   * @param pointer where, as a JSON pointer (RFC 6901) into the input; empty: all of it
   * @param reason to be read by people
   */
  public record Violation(String pointer, String reason) {}

  /** Says what is wrong. */
  public ProcedureException(ErrorCode code, String message) {
    this(code, message, List.of(), null);
  }

  /** Says what is wrong at which places of the input. */
  public ProcedureException(ErrorCode code, String message, List<Violation> errors) {
    this(code, message, errors, null);
  }

  /** Says what is wrong and why; the cause stays here. */
  public ProcedureException(ErrorCode code, String message, Throwable cause) {
    this(code, message, List.of(), cause);
  }

  private ProcedureException(
      ErrorCode code, String message, List<Violation> errors, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.errors = List.copyOf(errors);
  }

  /** What went wrong. */
  public ErrorCode code() {
    return code;
  }

  /** At which places of the input. */
  public List<Violation> errors() {
    return errors == null ? List.of() : errors;
  }

  /** What the client is told about this exception: nothing that it is not made for. */
  static ProcedureException of(Throwable thrown) {
    return thrown instanceof ProcedureException expected
        ? expected
        : new ProcedureException(
            ErrorCode.INTERNAL_SERVER_ERROR, "The server made a mistake", thrown);
  }
}
