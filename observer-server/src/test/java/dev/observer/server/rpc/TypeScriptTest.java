package dev.observer.server.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Types are those of the JSON that the mapper writes. */
@SuppressWarnings("JavaUtilDate") // hosts have them
class TypeScriptTest {
  record Dates(Date at, List<Date> all, @JsonFormat(shape = JsonFormat.Shape.STRING) Date told) {}

  static final class OfDates {
    @Query
    Dates dates() {
      return new Dates(new Date(0), List.of(new Date(0)), new Date(0));
    }
  }

  record Told(@JsonSerialize(using = ToStringSerializer.class) Instant at) {}

  static final class OfTold {
    @Query
    Told told() {
      return new Told(Instant.EPOCH);
    }
  }

  static final class OfInstants {
    @Query
    Instant now() {
      return Instant.EPOCH;
    }
  }

  @ParameterizedTest
  @CsvSource({"true,number", "false,string"})
  void date_isWhatTheMapperWrites(boolean timestamps, String type) {
    ObjectMapper mapper =
        new ObjectMapper().configure(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS, timestamps);
    String module = TypeScript.of(mapper, Map.of("a", OfDates.class));
    assertTrue(
        module.contains(
            "interface Dates {\n  at: %s;\n  all: %s[];\n  told: string;\n}".formatted(type, type)),
        module);
    assertEquals(
        type, mapper.valueToTree(new Date(0)).getNodeType().name().toLowerCase(Locale.ROOT));
  }

  @Test
  void timeWithASerializerOfItsOwn_isWhatThatWrites() {
    String module = TypeScript.of(new ObjectMapper(), Map.of("a", OfTold.class));
    assertTrue(module.contains("interface Told {\n  at: string;\n}"), module);
  }

  @Test
  void timeThatTheMapperCannotWrite_isRefused() {
    Map<String, Class<?>> procedures = Map.of("a", OfInstants.class);
    assertThrows(
        IllegalArgumentException.class, () -> TypeScript.of(new ObjectMapper(), procedures));
    SimpleModule times = new SimpleModule();
    times.addSerializer(Instant.class, ToStringSerializer.instance);
    String module = TypeScript.of(new ObjectMapper().registerModule(times), procedures);
    assertTrue(module.contains("now: Query<void, string>"), module);
  }
}
