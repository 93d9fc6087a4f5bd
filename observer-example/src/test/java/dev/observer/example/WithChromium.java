package dev.observer.example;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests that take a {@link com.microsoft.playwright.Browser}: one Chromium for all of them. On a
 * machine without one they are skipped, in words; with {@code OBSERVER_TEST_REQUIRE_BACKENDS=true}
 * they fail.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(ChromiumExtension.class)
@interface WithChromium {}
