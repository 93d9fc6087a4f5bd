package dev.observer.example;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.Size;
import java.util.List;
import org.hibernate.validator.constraints.CreditCardNumber;
import org.hibernate.validator.constraints.Range;
import org.jspecify.annotations.Nullable;

/** What a customer sends. Anything may be missing until it is validated. */
record Order(
    @NotBlank(message = "Please tell us your name.")
        @Size(max = 200, message = "That is longer than fits the label.")
        @Nullable String name,
    @NotBlank(message = "We need an address to write to.")
        @Size(max = 200, message = "That is longer than we can write to.")
        @Email(message = "This does not look like an e-mail address.")
        @Nullable String email,
    @NotBlank(message = "Please give a card number.")
        @CreditCardNumber(
            ignoreNonDigitCharacters = true,
            message = "This is not the number of a card.")
        @Nullable String cardNumber,
    @Size(max = 1000, message = "A thousand characters at most, please.") @Nullable String note,
    @NotEmpty(message = "The cart is empty.")
        @Size(max = 50, message = "That is too much for one parcel.")
        @Nullable List<@Valid Line> lines) {

  /** One product of an order. */
  record Line(
      @NotBlank(message = "Something without a name is in the cart.") @Nullable String productId,
      @Range(min = 1, max = 9, message = "We sell 1 to 9 of each.") int quantity) {}

  /** The answer to an order. */
  record Placed(String orderId, String customerId, int totalCents) {}

  /** Names one order. */
  record OrderId(@NotBlank String orderId) {}

  /** Where an order can be. */
  enum Step {
    RECEIVED,
    WRAPPED,
    ON_ITS_WAY
  }

  /** Where an order is. */
  record Progress(Step step) {}
}
