package dev.observer.event;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A JSON parser that refuses what we refuse: nesting beyond a depth, a name twice in one object,
 * more than {@value #MAX_MEMBERS} names in one object. Jackson's own duplicate detection has no
 * bound, so one hostile object could cost hundreds of megabytes.
 */
final class StrictParser {
  static final int MAX_MEMBERS = 10_000;

  /**
   * Lengths are bounded by the body, which is bounded before it is parsed, so Jackson's own limits
   * are lifted; names it would keep in a table for ever are not interned.
   */
  static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private static final Pattern SOURCE = Pattern.compile("\\s*\\(start marker at [^)]*\\)[^)]*\\)");

  private final JsonParser parser;
  private final int maxDepth;
  private final List<@Nullable Set<String>> names = new ArrayList<>();
  private int depth;

  StrictParser(JsonParser parser, int maxDepth) {
    this.parser = parser;
    this.maxDepth = maxDepth;
  }

  JsonParser parser() {
    return parser;
  }

  /** Containers that are open now. */
  int depth() {
    return depth;
  }

  /** The next token; null at the end, {@link JsonToken#NOT_AVAILABLE} while more must be fed. */
  @Nullable JsonToken next() throws BatchException {
    try {
      JsonToken token = parser.nextToken();
      if (token != null) {
        follow(token);
      }
      return token;
    } catch (StreamConstraintsException e) {
      throw BatchException.tooLarge("the body is not within the limits of JSON: " + detail(e));
    } catch (IOException e) {
      throw BatchException.malformed("the body is not JSON: " + detail(e));
    }
  }

  /** What the parser says, without what it says about itself. */
  private static String detail(IOException e) {
    if (!(e instanceof JacksonException json)) {
      return "it cannot be read";
    }
    String message = SOURCE.matcher(json.getOriginalMessage()).replaceAll("");
    JsonLocation location = json.getLocation();
    String place =
        location == null
            ? ""
            : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    return message.substring(0, Math.min(message.length(), 200)) + place;
  }

  private void follow(JsonToken token) throws IOException, BatchException {
    switch (token) {
      case START_OBJECT, START_ARRAY -> {
        if (depth == maxDepth) {
          throw BatchException.tooLarge("nested deeper than " + maxDepth + " levels");
        }
        if (names.size() == depth) {
          names.add(null);
        }
        depth++;
      }
      case END_OBJECT, END_ARRAY -> {
        depth--;
        Set<String> seen = names.get(depth);
        if (seen != null) {
          if (seen.size() > 256) {
            names.set(depth, null); // do not keep a large table for small objects
          } else {
            seen.clear();
          }
        }
      }
      case FIELD_NAME -> {
        Set<String> seen = names.get(depth - 1);
        if (seen == null) {
          seen = new HashSet<>();
          names.set(depth - 1, seen);
        }
        if (!seen.add(parser.currentName())) {
          throw BatchException.malformed(
              "a name stands twice in one object at " + pointer(parser.getParsingContext()));
        }
        if (seen.size() > MAX_MEMBERS) {
          throw BatchException.tooLarge("more than " + MAX_MEMBERS + " names in one object");
        }
      }
      default -> {}
    }
  }

  static String pointer(com.fasterxml.jackson.core.JsonStreamContext context) {
    return new Violation(context.pathAsPointer().toString(), "").pointer();
  }

  /** Passes over the value that starts with the current token. */
  void skip() throws BatchException {
    int outside = depth - (parser.currentToken().isStructStart() ? 1 : 0);
    while (depth > outside) {
      next();
    }
  }

  /** Reads to the end and refuses anything there but white space. */
  void expectEnd() throws BatchException {
    if (next() != null) {
      throw BatchException.malformed("the body is not JSON: something follows the object");
    }
  }

  /** The name of the current field. */
  String name() throws BatchException {
    try {
      return parser.currentName();
    } catch (IOException e) {
      throw BatchException.malformed("the body is not JSON: " + detail(e));
    }
  }

  /** The text of the current string or number. */
  String text() throws BatchException {
    try {
      return parser.getText();
    } catch (IOException e) {
      throw BatchException.malformed("the body is not JSON: " + detail(e));
    }
  }
}
