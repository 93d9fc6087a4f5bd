package dev.observer.example;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** After a visit to the shop, its operator opens the console. Each test is a browser of its own. */
@WithChromium
@WithShop
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ConsoleIT {
  private final Browser browser;
  private final Shop shop;
  private final Reading reading;
  private BrowserContext context;
  private Page page;
  private BrowserLog log;

  ConsoleIT(Shop shop, Reading reading, Browser browser) {
    this.browser = browser;
    this.shop = shop;
    this.reading = reading;
    context = browser.newContext();
    page = context.newPage();
    log = BrowserLog.of(page);
  }

  @BeforeAll
  void someoneVisits() throws Exception {
    context.close();
    Visit.to(shop, browser);
    Visit.session(reading);
  }

  @BeforeEach
  void openBrowser() {
    context = browser.newContext(new Browser.NewContextOptions().setViewportSize(1360, 900));
    page = context.newPage();
    log = BrowserLog.of(page);
  }

  @AfterEach
  void closeBrowser() {
    context.close();
  }

  @Test
  void readyLink_logsIn_listsTheErrors_andLeavesNoTokenInTheAddress() {
    page.navigate(reading.consoleLink());
    assertThat(page.locator(".row")).hasCount(5);
    assertThat(row("TypeError")).containsText("Cannot read properties of undefined");
    assertThat(row("The kiln is booked out")).containsText("unhandled");
    assertThat(row("A review has no author")).isVisible();
    assertThat(row("ApiError")).containsText("/broken");
    assertFalse(page.url().contains(reading.token()), page.url());
    assertQuiet();
  }

  @Test
  void login_staysAfterAReload() {
    page.navigate(reading.consoleLink());
    assertThat(page.locator(".row")).hasCount(5);
    page.reload();
    assertThat(page.locator(".row")).hasCount(5);
    assertQuiet();
  }

  @Test
  void wrongToken_isRefusedInWords_andTheRightOneTakenByTheForm() {
    page.navigate(reading.console());
    page.getByLabel("Access token").fill("not-the-token-of-this-server");
    button("Log in").click();
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("not the server's");
    assertThat(page.locator(".row")).hasCount(0);

    page.getByLabel("Access token").fill(reading.token());
    button("Log in").click();
    assertThat(page.locator(".row")).hasCount(5);
    for (String complaint : log.complaints()) {
      assertEquals(
          "Failed to load resource: the server responded with a status of 401 (Unauthorized)",
          complaint);
    }
  }

  @Test
  void error_isShownWithItsStackAndWhatHappenedBefore() {
    page.navigate(reading.consoleLink());
    row("TypeError").getByRole(AriaRole.LINK).first().click();
    assertThat(heading()).hasText("TypeError");
    assertThat(page.locator(".error")).containsText("onerror");
    assertThat(page.locator(".frame").first()).containsText("applyVoucher");
    assertThat(page.locator(".frame").first()).containsText("/assets/index-");
    assertThat(page.getByText("/orders/L-1001 → /broken")).isVisible();
    assertQuiet();
  }

  @Test
  void cause_ofAnErrorIsShown() {
    page.navigate(reading.consoleLink());
    row("The kiln is booked out").getByRole(AriaRole.LINK).first().click();
    assertThat(page.getByText("Caused by RangeError")).isVisible();
    assertThat(page.getByText("week 14 has no free slot").first()).isVisible();
    assertQuiet();
  }

  @Test
  void session_listsWhatHappened() {
    openSession();
    Locator moments = page.locator(".moment");
    for (String words :
        List.of("/products/:id", "add_to_cart", "checkout_completed", "TypeError", "/broken")) {
      assertThat(moments.filter(new Locator.FilterOptions().setHasText(words)).first()).isVisible();
    }
    assertQuiet();
  }

  @Test
  void replay_showsTheShopAtTheMomentThatIsAskedFor() {
    openSession();
    // Moments at which somebody clicked: at a page view the page is yet to be fetched and drawn.
    goTo("TypeError");
    waitForRecordedPage("h1", "^Things that break$");
    goTo("add_to_cart");
    waitForRecordedPage("h1", "^Ember teapot$");
    goTo("TypeError");
    waitForRecordedPage("h1", "^Things that break$");
    assertQuiet();
  }

  @Test
  void replay_showsStarsWhereSomethingWasTyped() {
    openSession();
    goTo("checkout_completed");
    waitForRecordedPage("#checkout [name=email]", "^\\*+$");
    waitForRecordedPage("#checkout [name=name]", "^\\*+$");
    assertQuiet();
  }

  @Test
  void replay_playsToItsEnd() {
    openSession();
    page.locator(".control-play").click();
    page.getByLabel("Speed").selectOption("8");
    waitForRecordedPage("main", Visit.LAST_SHOWN);
    assertQuiet();
  }

  @Test
  void replay_isInAFrameThatCanRunNoScript() {
    openSession();
    assertThat(page.locator(".stage iframe")).hasAttribute("sandbox", "allow-same-origin");
  }

  @Test
  void error_leadsToItsMomentOfTheReplay() {
    page.navigate(reading.consoleLink());
    row("A review has no author").getByRole(AriaRole.LINK).first().click();
    page.getByText("See the session at this moment").click();
    waitForRecordedPage("h1", "^Things that break$");
    assertQuiet();
  }

  private void openSession() {
    page.navigate(reading.consoleLink());
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Sessions")).click();
    page.locator("table.sessions .row-link").click();
    assertThat(page.locator(".stage iframe")).isVisible();
  }

  private void goTo(String moment) {
    page.locator(".moment-go")
        .filter(new Locator.FilterOptions().setHasText(moment))
        .first()
        .click();
  }

  /** What the recorded page shows, or holds as a value, looked at from outside of its frame. */
  private void waitForRecordedPage(String selector, String pattern) {
    page.waitForFunction(
        """
        ([selector, pattern]) => {
          const frame = document.querySelector('.stage iframe');
          const found = frame?.contentDocument?.querySelector(selector);
          const said = found?.value ?? found?.innerText;
          return said !== undefined && new RegExp(pattern).test(said.trim());
        }
        """,
        List.of(selector, pattern),
        new Page.WaitForFunctionOptions().setTimeout(15_000));
  }

  private Locator row(String words) {
    return page.locator(".row").filter(new Locator.FilterOptions().setHasText(words));
  }

  private Locator heading() {
    return page.locator("article h1");
  }

  private Locator button(String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(Pattern.compile("^" + name + "$")));
  }

  /** Nothing failed to load, nothing was forbidden by the policy, nothing was thrown. */
  private void assertQuiet() {
    assertEquals(List.of(), log.complaints());
    assertEquals(List.of(), log.uncaught());
  }
}
