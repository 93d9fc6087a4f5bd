package dev.observer.event;

import java.util.ArrayList;
import java.util.List;

/** What is asked of the items of one batch once their context is known. Not thread-safe. */
final class ItemChecks {
  /** Whether the batch's own pair was admitted; once it is, it stays so. */
  private boolean serviceAdmitted;

  private final Kind kind;
  private final Envelope envelope;
  private final Arrival arrival;
  private final long contextFields;
  private final long wrongContext;
  private final ServiceNames.Service service;

  /**
   * Starts checking.
   *
   * @param contextFields the {@link Fields} that an item need not bring
   */
  ItemChecks(Kind kind, Envelope envelope, Arrival arrival, long contextFields) {
    this.kind = kind;
    this.envelope = envelope;
    this.arrival = arrival;
    this.contextFields = contextFields;
    this.wrongContext = envelope.context().refused() & Fields.ofItems(kind);
    this.service = envelope.service(arrival.services());
  }

  /**
   * Why an item is not accepted; empty if it is.
   *
   * @param index of the item in its list
   * @param time of the item, corrected, in milliseconds since 1970
   */
  List<Violation> violations(Item item, int index, long time) {
    if (!item.violations().isEmpty()) {
      return item.violations();
    }
    if ((wrongContext & ~item.sent()) != 0) {
      return envelope.context().violations();
    }
    long missing = required(item) & ~(item.sent() | contextFields);
    boolean early = time < BatchReader.YEAR_2000;
    boolean late = time > arrival.receivedAt() + BatchReader.MAX_AHEAD;
    if (missing == 0 && !early && !late && admitted(item)) {
      return List.of();
    }
    String pointer = "/" + kind.batchField() + "/" + index + "/";
    List<Violation> violations = new ArrayList<>();
    for (Field field : Fields.list(missing)) {
      violations.add(new Violation(pointer + field.wireName(), "is required"));
    }
    if (Fields.has(item.sent(), Field.TIMESTAMP)) {
      if (early) {
        violations.add(new Violation(pointer + "timestamp", "must not be before the year 2000"));
      } else if (late) {
        violations.add(
            new Violation(pointer + "timestamp", "must not be more than a day in the future"));
      }
    }
    if (violations.isEmpty()) {
      String place =
          item.service() != null
              ? pointer + "service_name"
              : item.environment() != null ? pointer + "environment" : "/context/service_name";
      violations.add(new Violation(place, ServiceNames.TOO_MANY));
    }
    return violations;
  }

  private long required(Item item) {
    long fields = Fields.of(Field.EVENT_ID) | Fields.of(Field.TIMESTAMP);
    if (kind == Kind.ERROR) {
      return fields | Fields.of(Field.MESSAGE);
    }
    fields |= Fields.of(Field.EVENT_TYPE);
    if ("page_view".equals(item.type())) {
      return fields | Fields.of(Field.URL);
    }
    return "custom_event".equals(item.type()) ? fields | Fields.of(Field.EVENT_NAME) : fields;
  }

  /** Asked last, because what is refused must not take a place. */
  private boolean admitted(Item item) {
    if (item.service() == null && item.environment() == null) {
      serviceAdmitted = serviceAdmitted || arrival.services().admit(service);
      return serviceAdmitted;
    }
    return arrival
        .services()
        .admit(
            new ServiceNames.Service(
                item.service() != null ? item.service() : service.name(),
                item.environment() != null ? item.environment() : service.environment()));
  }
}
