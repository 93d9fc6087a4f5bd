package dev.observer.config;

/**
 * What a value may look like. Each rule is an expression or a bound, and beside it the words that
 * errors and the reference print for it, so that the two cannot drift apart.
 */
final class Rules {

  /** Service and environment become Loki labels, so they are as narrow as on the wire. */
  static final String NAME = "[A-Za-z0-9._-]{1,64}";

  static final String NAME_WORDS = "1 to 64 letters, digits, dots, underscores or dashes";

  static final String RELEASE = "[^\\p{Cntrl}]{1,200}";
  static final String RELEASE_WORDS = "1 to 200 characters without control characters";

  static final String HOST = "[A-Za-z0-9.:_%-]{1,253}";
  static final String HOST_WORDS =
      "a host name or IP address of this machine, without brackets; 0.0.0.0 or :: for all";

  static final int PORT_MAX = 65_535;
  static final String PORT_WORDS = "a whole number from 0 to 65535";

  /** No dot segments: a path that browsers and proxies rewrite would never be reached. */
  static final String BASE_PATH = "(?=.{1,200}$)(/(?!\\.{1,2}(/|$))[A-Za-z0-9._~-]+)+";

  static final String BASE_PATH_WORDS =
      "a path that starts with / and does not end with it, of letters, digits, . _ ~ -";

  static final String NETWORKS_WORDS =
      "IP addresses or networks such as 10.0.0.0/8 or fd00::/8, comma-separated";

  static final String PATH_WORDS = "a directory that this process may write";

  /** It travels in a query string, so only characters that need no escaping there. */
  static final String WRITE_KEY = "[A-Za-z0-9._~-]{1,128}";

  static final String WRITE_KEY_WORDS = "1 to 128 letters, digits, . _ ~ -";

  static final String ORIGIN =
      "[a-z][a-z0-9+.-]{0,31}://([A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}\\])(:[0-9]{1,5})?";
  static final String ORIGINS_WORDS =
      "origins such as https://shop.example or http://localhost:3000, comma-separated; no path,"
          + " and no wildcard, which would let every site write";

  /** What RFC 6750 lets a bearer token be; shorter than 16 could be guessed. */
  static final String READ_TOKEN = "(?=.{16,256}$)[A-Za-z0-9._~+/-]+=*";

  static final String READ_TOKEN_WORDS = "16 to 256 letters, digits, - . _ ~ + /";

  /** Requests are measured and buffered with int lengths. */
  static final long BYTES_MAX = 1L << 30;

  static final String BYTES_WORDS = "a size from 1 byte to 1GiB, such as 65536, 512KiB or 10MiB";

  static final int ITEMS_MAX = 100_000;
  static final String ITEMS_WORDS = "a whole number from 1 to 100000";

  static final int DEPTH_MAX = 10_000;
  static final String DEPTH_WORDS = "a whole number from 1 to 10000";

  static final int RATE_MAX = 1_000_000;
  static final String RATE_WORDS = "a whole number from 0 to 1000000";

  static final int SERVICES_MAX = 10_000;
  static final String SERVICES_WORDS = "a whole number from 1 to 10000";

  static final String QUOTA_WORDS = "a size of at least 1 byte, such as 512MiB or 4GiB";

  /**
   * With what a file spans and the time to notice, within the hour in which Loki takes old lines.
   */
  static final int KEEP_MINUTES_MAX = 40;

  static final String KEEP_WORDS = "a duration from 0s to 40m, such as 10m, 90s or PT10M";

  static final String URL_WORDS =
      "an http or https address without user, password, query and fragment";

  /** Loki's own rule for tenant ids, which excludes dot segments. */
  static final String TENANT = "(?!\\.{1,2}$)[A-Za-z0-9!._*'()-]{1,150}";

  static final String TENANT_WORDS = "1 to 150 letters, digits or ! - _ . * ' ( )";

  /** A colon ends the user name in HTTP basic authentication. */
  static final String USERNAME = "[^:\\p{Cntrl}]{1,256}";

  static final String USERNAME_WORDS = "1 to 256 characters without colon and control characters";

  static final String SECRET = "[^\\p{Cntrl}]{1,4096}";
  static final String SECRET_WORDS = "1 to 4096 characters without control characters";

  static final String REGION = "[A-Za-z0-9-]{1,64}";
  static final String REGION_WORDS = "1 to 64 letters, digits or dashes, such as us-east-1";

  static final String BUCKET = "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]";
  static final String BUCKET_WORDS =
      "3 to 63 lower-case letters, digits, dots or dashes, with a letter or digit at both ends";

  static final int RETENTION_DAYS_MIN = 1;
  static final int RETENTION_DAYS_MAX = 36_500;
  static final String RETENTION_WORDS =
      "a duration from 1d to 36500d, such as 90d, 48h, 90000s or P90D";

  /** Less than this would be gone before anyone looks at it. */
  static final long KEPT_BYTES_MIN = 64L << 20;

  static final String KEPT_WORDS = "a size of at least 64MiB, such as 512MiB or 20GiB";

  static final String PACKAGE = "(?=.{1,200}$)[A-Za-z_$][\\w$]*(\\.[A-Za-z_$][\\w$]*)*";
  static final String PACKAGES_WORDS =
      "names of Java packages such as com.acme.shop, comma-separated";

  static final String DENIED_KEY = "[^,\\p{Cntrl}]{1,64}";
  static final String DENIED_KEYS_WORDS =
      "words of 1 to 64 characters without control characters, comma-separated";

  static final String BOOLEAN_WORDS = "true or false";

  private Rules() {}
}
