package dev.observer.server.capture;

import dev.observer.event.Kind;
import dev.observer.server.metrics.TraceParent;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was captured and waits to become a record. Made on the host's thread, so it holds what may
 * be different a moment later, and leaves to the writer what takes time.
 *
 * @param timestamp in milliseconds since 1970
 * @param free data of the host, as JSON; null: none
 * @param trace to which it belongs, if any
 * @param place where it was captured, if in a request
 * @param call the procedure in which it was captured, if in one
 */
record Captured(
    String eventId,
    long timestamp,
    What what,
    Identity identity,
    FreeData.@Nullable Written free,
    @Nullable TraceParent trace,
    Scope.@Nullable Place place,
    @Nullable Call call) {
  /** About as many bytes of the heap as such a thing holds; frames of a stack count among them. */
  private static final int EVENT_BYTES = 512;

  private static final int ERROR_BYTES = 16 * 1024;

  /**
   * The call of a procedure.
   *
   * @param input JSON
   */
  record Call(String path, String type, @Nullable String input) {}

  sealed interface What {
    Kind kind();
  }

  /** An event of this name. */
  record Event(String name) implements What {
    @Override
    public Kind kind() {
      return Kind.EVENT;
    }
  }

  /**
   * An error.
   *
   * @param thrown null: a line of the log without one
   * @param fallbackType what the type is then
   * @param fallbackMessage what the message is then; else what the log says about it, if anything
   */
  record Failure(
      @Nullable Throwable thrown,
      String fallbackType,
      String fallbackMessage,
      Mechanism mechanism,
      ErrorContext context,
      Map<String, String> about)
      implements What {
    @Override
    public Kind kind() {
      return Kind.ERROR;
    }
  }

  int weight() {
    int characters = free == null ? 0 : free.json().length();
    characters += call == null ? 0 : length(call.input());
    characters += place == null ? 0 : length(place.url()) + length(place.userAgent());
    return what instanceof Failure failure
        ? ERROR_BYTES + 2 * (characters + failure.fallbackMessage().length())
        : EVENT_BYTES + 2 * (characters + ((Event) what).name().length());
  }

  private static int length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }
}
