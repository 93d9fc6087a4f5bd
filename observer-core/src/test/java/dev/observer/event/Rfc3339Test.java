package dev.observer.event;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.time.OffsetDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Rfc3339Test {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-11-22T10:00:00Z",
        "2026-11-22T10:00:00.123Z",
        "2024-02-29T23:59:59.999999999Z",
        "1969-12-31T23:59:59.001Z",
        "2026-11-22T10:00:00.1+02:00",
        "2026-01-01T00:00:00-11:30",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z"
      })
  void time_isReadAsTheJdkReadsIt(String text) {
    assertEquals(OffsetDateTime.parse(text).toInstant().toEpochMilli(), Rfc3339.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2026-11-22",
        "2026-11-22T10:00:00",
        "2026-11-22 10:00:00Z",
        "2026-13-22T10:00:00Z",
        "2026-02-29T10:00:00Z",
        "2026-11-00T10:00:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T10:60:00Z",
        "2026-11-22T10:00:61Z",
        "2026-11-22T10:00:00.Z",
        "2026-11-22T10:00:00+0200",
        "2026-11-22T10:00:00+24:00",
        "+2026-11-22T10:00:00Z",
        "2026-11-22T10:00:00.123ZZ",
        "２026-11-22T10:00:00Z",
        "0000-01-01T00:00:00+01:00",
        "9999-12-31T23:30:00-01:00"
      })
  void whatIsNoTime_isInvalid(String text) {
    assertEquals(Rfc3339.INVALID, Rfc3339.parse(text));
  }

  @Test
  void format_hasMillisecondsAndZ() {
    for (String text :
        new String[] {
          "2026-11-22T10:00:00.000Z", "2000-02-29T23:59:59.999Z", "1970-01-01T00:00:00.001Z"
        }) {
      assertEquals(text, Rfc3339.format(Instant.parse(text).toEpochMilli()));
    }
  }
}
