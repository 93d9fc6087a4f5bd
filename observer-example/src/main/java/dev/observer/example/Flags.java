package dev.observer.example;

import dev.observer.server.rpc.ErrorCode;
import dev.observer.server.rpc.Mutation;
import dev.observer.server.rpc.ProcedureException;
import dev.observer.server.rpc.Query;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.hibernate.validator.constraints.Range;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Procedures about what not everybody sees yet. Thread-safe. */
final class Flags {
  private static final Logger log = LoggerFactory.getLogger(Flags.class);

  /** Of a hundred visitors, how many see it. */
  private final Map<String, Integer> percents =
      new ConcurrentSkipListMap<>(Map.of("pairs-well-with", 50));

  /** For how many of a hundred visitors it is on. */
  record Flag(@NotBlank String name, @Range(min = 0, max = 100) int percent) {}

  /** Which of a hundred parts of all visitors somebody belongs to; their browser keeps it. */
  record Bucket(@Range(min = 0, max = 99) int bucket) {}

  /** Whether it is on for somebody. */
  record Switch(String name, boolean on) {}

  /** All there are. */
  @Query
  List<Flag> list() {
    return percents.entrySet().stream()
        .map(flag -> new Flag(flag.getKey(), flag.getValue()))
        .toList();
  }

  /** All there are, for one visitor. */
  @Query
  List<Switch> forVisitor(@Valid Bucket visitor) {
    return list().stream()
        .map(flag -> new Switch(flag.name(), visitor.bucket() < flag.percent()))
        .toList();
  }

  /** Turns one up or down. */
  @Mutation
  Flag set(@Valid Flag flag) {
    if (percents.replace(flag.name(), flag.percent()) == null) {
      throw new ProcedureException(ErrorCode.NOT_FOUND, "There is no such flag.");
    }
    log.info("{} is on for {} of 100 visitors", flag.name(), flag.percent());
    return flag;
  }
}
