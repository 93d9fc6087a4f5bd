package dev.observer.example;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ScreenshotType;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Takes the pictures of README.md and docs: a visit to the shop, then the console, each light and
 * dark, into the folder that {@code -Dpictures} names. CONTRIBUTING.md says how to run it.
 */
final class Screenshots {
  private static final int WIDTH = 1280;
  private static final int HEIGHT = 800;

  private Screenshots() {}

  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createDirectories(Path.of(System.getProperty("pictures", "docs/images")));
    Path data = Files.createTempDirectory("observer-screenshots");
    try (Shop shop = Shops.open(data);
        Playwright playwright = ChromiumExtension.playwright();
        Browser browser =
            playwright
                .chromium()
                .launch(
                    new BrowserType.LaunchOptions()
                        .setExecutablePath(ChromiumExtension.executable().orElseThrow())
                        .setArgs(ChromiumExtension.ARGUMENTS))) {
      Reading reading = Reading.of(shop.uri(), shop.observer());
      Visit.to(shop, browser);
      Visit.session(reading);
      for (ColorScheme scheme : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
        take(shop, reading, browser, scheme, folder);
      }
    }
  }

  private static void take(
      Shop shop, Reading reading, Browser browser, ColorScheme scheme, Path folder) {
    try (BrowserContext context =
        browser.newContext(
            new Browser.NewContextOptions()
                .setViewportSize(WIDTH, HEIGHT)
                .setColorScheme(scheme))) {
      Page page = context.newPage();
      page.navigate(shop.uri().toString());
      assertThat(page.locator("h1").first()).isVisible();
      picture(page, "shop", scheme, folder);

      page.navigate(reading.consoleLink());
      assertThat(page.locator(".row").first()).isVisible();
      picture(page, "console-errors", scheme, folder);

      page.locator(".row")
          .filter(new Locator.FilterOptions().setHasText("The kiln is booked out"))
          .getByRole(AriaRole.LINK)
          .first()
          .click();
      assertThat(page.locator(".frame").first()).isVisible();
      picture(page, "console-error", scheme, folder);

      page.navigate(reading.console());
      page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Sessions")).click();
      page.locator("table.sessions .row-link").last().click(); // the customer, not this browser
      assertThat(page.locator(".stage iframe")).isVisible();
      page.locator(".moment-go").last().click();
      picture(page, "console-session", scheme, folder);
    }
  }

  /** The shop is photographs in effect, and small only as one. */
  private static void picture(Page page, String name, ColorScheme scheme, Path folder) {
    page.waitForLoadState();
    boolean photograph = name.equals("shop");
    String file =
        name + (scheme == ColorScheme.DARK ? "-dark" : "") + (photograph ? ".jpg" : ".png");
    Page.ScreenshotOptions options = new Page.ScreenshotOptions().setPath(folder.resolve(file));
    page.screenshot(photograph ? options.setType(ScreenshotType.JPEG).setQuality(80) : options);
  }
}
