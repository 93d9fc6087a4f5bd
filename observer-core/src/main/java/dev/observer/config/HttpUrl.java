package dev.observer.config;

import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * The base address of an HTTP service. User and password are refused, because an address is printed
 * and logged; they have keys of their own.
 */
@Target({ElementType.FIELD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Constraint(validatedBy = HttpUrl.Check.class)
@interface HttpUrl {

  String message() default Rules.URL_WORDS;

  Class<?>[] groups() default {};

  Class<? extends Payload>[] payload() default {};

  /** Made by the validator. */
  final class Check implements ConstraintValidator<HttpUrl, URI> {

    @Override
    public boolean isValid(@Nullable URI url, ConstraintValidatorContext context) {
      return url == null
          || (("http".equalsIgnoreCase(url.getScheme())
                  || "https".equalsIgnoreCase(url.getScheme()))
              && url.getHost() != null
              && url.getPort() <= Rules.PORT_MAX
              && url.getRawUserInfo() == null
              && url.getRawQuery() == null
              && url.getRawFragment() == null);
    }
  }
}
