package dev.observer.example.grafana;

/** Which records the panels ask of Loki, and how these are counted. */
final class LogQl {
  /** The end of a selector: of the services and environments that the reader chose. */
  static final String CHOSEN = "service_name=~\"$service\", environment=~\"$environment\"}";

  static final String EVENTS = "{kind=\"event\", " + CHOSEN;
  static final String ERRORS = "{kind=\"error\", " + CHOSEN;
  static final String REPLAYS = "{kind=\"replay\", " + CHOSEN;
  static final String LOGS = "{kind=\"log\", " + CHOSEN;

  static final String VIEWS = EVENTS + " | json event_type | event_type=`page_view`";
  private static final String OWN = " | json event_name | event_name=`observer.";
  static final String LEAVES = EVENTS + OWN + "page_leave`";

  /** The application's, not those of the SDK. */
  static final String CUSTOM =
      EVENTS + " | json event_name | event_name!=`` | event_name!~`observer\\..+`";

  static final String STARTED =
      REPLAYS + " | json event_type | event_type=`session_replay_started`";

  /** An error of a storm stands for several; see docs/browser.md. */
  private static final String OCCURRENCES =
      " | json occurrences=\"properties.occurrences\""
          + " | label_format occurrences=`{{ if .occurrences }}{{ .occurrences }}{{ else }}1{{ end }}`"
          + " | unwrap occurrences | __error__=``";

  private LogQl() {}

  static String count(String selector) {
    return "sum(count_over_time(" + selector + " [$__range]))";
  }

  static String countBy(String labels, String selector) {
    return "sum by (" + labels + ") (count_over_time(" + selector + " [$__range]))";
  }

  static String top(int most, String labels, String selector) {
    return "topk(" + most + ", " + countBy(labels, selector) + ")";
  }

  /** How many values of a piece of metadata there are. */
  static String distinct(String metadata, String selector) {
    return "count(" + countBy(metadata, selector + " | " + metadata + "!=``") + ")";
  }

  static String occurred(String by, String range) {
    return "sum" + by + " (sum_over_time(" + ERRORS + OCCURRENCES + " [" + range + "]))";
  }
}
