package dev.observer.example;

import com.microsoft.playwright.Page;
import java.util.ArrayList;
import java.util.List;

/** What a page complained about: errors and warnings of its console, uncaught errors. */
final class BrowserLog {
  private final List<String> complaints = new ArrayList<>();
  private final List<String> uncaught = new ArrayList<>();

  private BrowserLog() {}

  static BrowserLog of(Page page) {
    BrowserLog log = new BrowserLog();
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error") || message.type().equals("warning")) {
            log.complaints.add(message.text());
          }
        });
    page.onPageError(error -> log.uncaught.add(error.lines().findFirst().orElse("")));
    return log;
  }

  /** Violations of the page's Content-Security-Policy are among them. */
  List<String> complaints() {
    return List.copyOf(complaints);
  }

  /** The first line of each. */
  List<String> uncaught() {
    return List.copyOf(uncaught);
  }
}
