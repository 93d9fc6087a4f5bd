package dev.observer.server.minio;

import io.minio.GetBucketLifecycleArgs;
import io.minio.MinioClient;
import io.minio.SetBucketLifecycleArgs;
import io.minio.errors.MinioException;
import io.minio.messages.Filter;
import io.minio.messages.LifecycleConfiguration;
import io.minio.messages.LifecycleConfiguration.Rule;
import io.minio.messages.Status;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;

/**
 * The rule of a bucket by which the S3 deletes batches by their age. Rules of others stay as they
 * are.
 *
 * @param days whole days, as the rule has them
 */
record Expiry(int days) {
  private static final String ID = "observer-replays";
  private static final String PREFIX = "replays/";

  /** After so long, in whole days, rounded up. */
  static Expiry after(Duration keep) {
    return new Expiry(
        (int) Math.max(1, Math.min(keep.plusDays(1).minusMillis(1).toDays(), 36_500)));
  }

  /** Sees that the bucket has the rule. */
  void ensure(MinioClient client, String bucket) throws MinioException {
    LifecycleConfiguration present =
        client.getBucketLifecycle(GetBucketLifecycleArgs.builder().bucket(bucket).build());
    List<Rule> rules = new ArrayList<>();
    if (present != null) {
      for (Rule rule : present.rules()) {
        if (isOurs(rule)) {
          return;
        }
        if (!ID.equals(rule.id())) {
          rules.add(rule);
        }
      }
    }
    rules.add(
        new Rule(
            Status.ENABLED,
            null,
            new LifecycleConfiguration.Expiration((ZonedDateTime) null, days, null, null),
            new Filter(PREFIX),
            ID,
            null,
            null,
            null));
    client.setBucketLifecycle(
        SetBucketLifecycleArgs.builder()
            .bucket(bucket)
            .config(new LifecycleConfiguration(rules))
            .build());
  }

  private boolean isOurs(Rule rule) {
    return ID.equals(rule.id())
        && rule.status() == Status.ENABLED
        && rule.filter() != null
        && PREFIX.equals(rule.filter().prefix())
        && rule.expiration() != null
        && Integer.valueOf(days).equals(rule.expiration().days());
  }
}
