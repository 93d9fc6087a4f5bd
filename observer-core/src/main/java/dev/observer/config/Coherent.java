package dev.observer.config;

import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Settings that are right by themselves must also be right together. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Constraint(validatedBy = Coherent.Check.class)
@interface Coherent {

  String message() default "settings that contradict each other";

  Class<?>[] groups() default {};

  Class<? extends Payload>[] payload() default {};

  /** Made by the validator. */
  final class Check implements ConstraintValidator<Coherent, ObserverConfig> {

    @Override
    public boolean isValid(ObserverConfig config, ConstraintValidatorContext context) {
      Rule rule = new Rule(config, context);
      rule.atLeast(ConfigKey.SPOOL_EVENTS_BYTES, ConfigKey.LIMITS_INFLATED_BYTES);
      rule.atLeast(ConfigKey.SPOOL_REPLAYS_BYTES, ConfigKey.LIMITS_REPLAY_BODY_BYTES);
      rule.refuse(
          config.limits().requestsPerSecond() > 0 && config.limits().burst() < 1,
          ConfigKey.LIMITS_BURST,
          "allowed: at least 1, or limits.requests-per-second = 0 for no limit at all");

      Integer adminPort = config.admin().port();
      rule.refuse(
          adminPort != null
              && adminPort != 0
              && adminPort == config.http().port()
              && config.admin().host().equals(config.http().host()),
          ConfigKey.ADMIN_PORT,
          "allowed: another port than http.port, or none for one listener");

      for (ConfigKey key :
          List.of(
              ConfigKey.LOKI_TENANT,
              ConfigKey.LOKI_USERNAME,
              ConfigKey.LOKI_PASSWORD,
              ConfigKey.LOKI_TOKEN)) {
        rule.needs(key, ConfigKey.LOKI_URL);
      }
      rule.needs(ConfigKey.LOKI_USERNAME, ConfigKey.LOKI_PASSWORD);
      rule.needs(ConfigKey.LOKI_PASSWORD, ConfigKey.LOKI_USERNAME);
      rule.refuse(
          config.loki().token() != null && config.loki().username() != null,
          ConfigKey.LOKI_TOKEN,
          "allowed: a token, or user and password, but not both");

      for (ConfigKey key :
          List.of(ConfigKey.MINIO_BUCKET, ConfigKey.MINIO_ACCESS_KEY, ConfigKey.MINIO_SECRET_KEY)) {
        rule.needs(ConfigKey.MINIO_ENDPOINT, key);
        rule.needs(key, ConfigKey.MINIO_ENDPOINT);
      }
      rule.needs(ConfigKey.MINIO_REGION, ConfigKey.MINIO_ENDPOINT);
      return rule.refused.isEmpty();
    }
  }

  /**
   * The rules that one configuration is held against. The first that a key breaks is reported, at
   * the key's path.
   */
  final class Rule {

    private final ObserverConfig config;
    private final ConstraintValidatorContext context;
    private final Set<ConfigKey> refused = EnumSet.noneOf(ConfigKey.class);

    private Rule(ObserverConfig config, ConstraintValidatorContext context) {
      this.config = config;
      this.context = context;
      context.disableDefaultConstraintViolation();
    }

    private void needs(ConfigKey key, ConfigKey other) {
      refuse(
          key.read(config) != null && other.read(config) == null,
          other,
          "needed because " + key.key() + " is set");
    }

    private void atLeast(ConfigKey quota, ConfigKey limit) {
      if (quota.read(config) instanceof Long held && limit.read(config) instanceof Long needed) {
        refuse(
            held < needed,
            quota,
            "allowed: at least %s (%s), or the largest request never fits"
                .formatted(limit.key(), limit.type().format(needed)));
      }
    }

    private void refuse(boolean broken, ConfigKey key, String reason) {
      if (broken && refused.add(key)) {
        var violation = context.buildConstraintViolationWithTemplate(reason);
        List<String> path = key.path();
        var node = violation.addPropertyNode(path.get(0));
        for (String name : path.subList(1, path.size())) {
          node = node.addPropertyNode(name);
        }
        node.addConstraintViolation();
      }
    }
  }
}
