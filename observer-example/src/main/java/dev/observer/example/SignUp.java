package dev.observer.example;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;

/** What somebody says to sign up. Anything may be missing until it is validated. */
record SignUp(
    @NotBlank(message = "We need an address to write to.")
        @Size(max = 200, message = "That is longer than we can write to.")
        @Email(message = "This does not look like an e-mail address.")
        @Nullable String email,
    @NotBlank(message = "Please tell us your name.")
        @Size(max = 200, message = "That is longer than fits the label.")
        @Nullable String name,
    @NotNull(message = "Please choose one.") Taste taste,
    @AssertTrue(message = "We can only write to you if you agree.") boolean agreed) {

  /** The first step: the address alone. */
  record Address(
      @NotBlank(message = "We need an address to write to.")
          @Size(max = 200, message = "That is longer than we can write to.")
          @Email(message = "This does not look like an e-mail address.")
          @Nullable String email) {}

  /** What they like best. */
  enum Taste {
    CUPS,
    BOWLS,
    VASES
  }
}
