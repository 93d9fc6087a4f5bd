package dev.observer.example;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.slf4j.LoggerFactory;

/** Finds Chromium, starts it once, and closes it after the last test. */
final class ChromiumExtension implements ExecutionCondition, ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(ChromiumExtension.class);
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome");
  static final List<String> ARGUMENTS =
      List.of(
          "--headless",
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync");
  private static final String MISSING =
      "No Chromium: neither OBSERVER_TEST_CHROMIUM names one, nor is "
          + String.join(", ", NAMES)
          + " on the PATH. Install it, on Debian with `apt-get install chromium`.";

  /** The one browser. Belongs to the thread that runs the tests. */
  private record Chromium(Playwright playwright, Browser browser) implements AutoCloseable {
    static Chromium start(Path executable) {
      Playwright playwright = ChromiumExtension.playwright();
      Browser browser =
          playwright
              .chromium()
              .launch(
                  new BrowserType.LaunchOptions().setExecutablePath(executable).setArgs(ARGUMENTS));
      return new Chromium(playwright, browser);
    }

    @Override
    public void close() {
      browser.close();
      playwright.close();
    }
  }

  static Playwright playwright() {
    return Playwright.create(
        new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
  }

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    Optional<Path> executable = executable();
    if (executable.isPresent()) {
      return ConditionEvaluationResult.enabled("drives " + executable.get());
    }
    if (Boolean.parseBoolean(System.getenv("OBSERVER_TEST_REQUIRE_BACKENDS"))) {
      throw new ExtensionConfigurationException(MISSING);
    }
    LoggerFactory.getLogger(ChromiumExtension.class)
        .warn("{} is skipped. {}", context.getDisplayName(), MISSING);
    return ConditionEvaluationResult.disabled(MISSING);
  }

  static Optional<Path> executable() {
    String named = System.getenv("OBSERVER_TEST_CHROMIUM");
    if (named != null && !named.isBlank()) {
      return Optional.of(Path.of(named)).filter(Files::isExecutable);
    }
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return NAMES.stream()
        .flatMap(name -> Stream.of(path.split(File.pathSeparator)).map(at -> Path.of(at, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Browser.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent(
            Chromium.class, key -> Chromium.start(executable().orElseThrow()), Chromium.class)
        .browser();
  }
}
