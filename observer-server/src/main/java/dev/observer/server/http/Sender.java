package dev.observer.server.http;

import dev.observer.config.Network;
import dev.observer.config.ObserverConfig;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who sends a request, and what for, as far as it is believed: what the connection says, or where
 * the peer is a trusted proxy what its forwarding headers say.
 *
 * <p>The address is the nearest one that is no trusted proxy, because everything to the left of it
 * may be invented. A proxy writes {@code Forwarded} (RFC 7239) or {@code X-Forwarded-For} and
 * passes on the one that it does not know, so when they disagree neither is believed.
 *
 * @param address null when the connection is gone
 * @param scheme {@code http} or {@code https}; null when unknown, as behind a proxy that says
 *     nothing
 * @param host what the browser asked for, with a port that is not the scheme's own
 */
record Sender(@Nullable InetAddress address, @Nullable String scheme, @Nullable String host) {
  private static final HttpString FORWARDED = new HttpString("Forwarded");
  private static final HttpString FORWARDED_FOR = new HttpString("X-Forwarded-For");
  private static final HttpString FORWARDED_PROTO = new HttpString("X-Forwarded-Proto");
  private static final HttpString FORWARDED_HOST = new HttpString("X-Forwarded-Host");

  /** What one proxy says about the request that it took. */
  private record Hop(
      @Nullable InetAddress address, @Nullable String scheme, @Nullable String host) {}

  static Sender of(HttpServerExchange exchange, ObserverConfig.Http http) {
    InetSocketAddress socket = exchange.getSourceAddress();
    InetAddress peer = socket == null ? null : socket.getAddress();
    String host = exchange.getRequestHeaders().getFirst(Headers.HOST);
    if (peer == null || http.trustedProxies().isEmpty() || !http.trusts(peer)) {
      return new Sender(peer, null, host);
    }
    List<Hop> standard = forwarded(exchange);
    List<Hop> customary = xForwarded(exchange);
    Hop said = standard.isEmpty() ? nearest(peer, customary, http) : nearest(peer, standard, http);
    if (!standard.isEmpty() && !customary.isEmpty()) {
      said = common(peer, said, nearest(peer, customary, http));
    }
    return new Sender(said.address(), said.scheme(), said.host() == null ? host : said.host());
  }

  /** From right to left as long as it is a trusted proxy that speaks. */
  private static Hop nearest(InetAddress peer, List<Hop> hops, ObserverConfig.Http http) {
    Hop nearest = new Hop(peer, null, null);
    for (int i = hops.size() - 1; i >= 0; i--) {
      InetAddress speaker = nearest.address();
      if (speaker == null || !http.trusts(speaker)) {
        break;
      }
      Hop hop = hops.get(i);
      if (hop.address() == null) {
        return new Hop(speaker, hop.scheme(), hop.host());
      }
      nearest = hop;
    }
    return nearest;
  }

  private static Hop common(InetAddress peer, Hop one, Hop other) {
    return new Hop(
        Objects.equals(one.address(), other.address()) ? one.address() : peer,
        common(one.scheme(), other.scheme()),
        common(one.host(), other.host()));
  }

  private static @Nullable String common(@Nullable String one, @Nullable String other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.equalsIgnoreCase(other) ? one : null;
  }

  private static List<Hop> xForwarded(HttpServerExchange exchange) {
    List<String> addresses = list(exchange, FORWARDED_FOR);
    List<String> schemes = list(exchange, FORWARDED_PROTO);
    List<String> hosts = list(exchange, FORWARDED_HOST);
    List<Hop> hops = new ArrayList<>();
    for (int i = 0; i < addresses.size(); i++) {
      hops.add(
          new Hop(
              address(addresses.get(i)),
              scheme(at(schemes, i, addresses.size())),
              at(hosts, i, addresses.size())));
    }
    if (hops.isEmpty() && !(schemes.isEmpty() && hosts.isEmpty())) {
      hops.add(new Hop(null, scheme(at(schemes, 0, 1)), at(hosts, 0, 1)));
    }
    return hops;
  }

  /** One value for each proxy, or one that the nearest proxy vouches for. */
  private static @Nullable String at(List<String> values, int i, int hops) {
    if (values.isEmpty()) {
      return null;
    }
    return values.get(values.size() == hops ? i : values.size() - 1);
  }

  private static List<String> list(HttpServerExchange exchange, HttpString name) {
    List<String> values = new ArrayList<>();
    for (String value : headers(exchange, name)) {
      for (String one : value.split(",", -1)) {
        values.add(one.strip());
      }
    }
    return values;
  }

  private static List<String> headers(HttpServerExchange exchange, HttpString name) {
    HeaderValues values = exchange.getRequestHeaders().get(name);
    return values == null ? List.of() : values;
  }

  private static List<Hop> forwarded(HttpServerExchange exchange) {
    List<Hop> hops = new ArrayList<>();
    for (String value : headers(exchange, FORWARDED)) {
      for (String element : unquotedSplit(value, ',')) {
        InetAddress address = null;
        String scheme = null;
        String host = null;
        for (String pair : unquotedSplit(element, ';')) {
          int equals = pair.indexOf('=');
          String text = equals < 0 ? "" : unquoted(pair.substring(equals + 1).strip());
          switch (pair.substring(0, Math.max(0, equals)).strip().toLowerCase(Locale.ROOT)) {
            case "for" -> address = address(text);
            case "proto" -> scheme = scheme(text);
            case "host" -> host = text;
            default -> {} // by, and extensions
          }
        }
        hops.add(new Hop(address, scheme, host));
      }
    }
    return hops;
  }

  private static List<String> unquotedSplit(String text, char separator) {
    List<String> parts = new ArrayList<>();
    boolean quoted = false;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted && c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == separator && !quoted) {
        parts.add(text.substring(from, i));
        from = i + 1;
      }
    }
    parts.add(text.substring(from));
    return parts;
  }

  private static String unquoted(String text) {
    return text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"")
        ? text.substring(1, text.length() - 1).replaceAll("\\\\(.)", "$1")
        : text;
  }

  private static @Nullable String scheme(@Nullable String text) {
    String scheme = text == null ? "" : text.toLowerCase(Locale.ROOT);
    return scheme.equals("http") || scheme.equals("https") ? scheme : null;
  }

  /** An address in digits, with or without a port; null for anything else, such as a hidden one. */
  private static @Nullable InetAddress address(String text) {
    String address = text;
    if (text.startsWith("[")) {
      address = text.substring(1, Math.max(1, text.indexOf(']')));
    } else if (text.indexOf(':') == text.lastIndexOf(':') && text.indexOf(':') > 0) {
      address = text.substring(0, text.indexOf(':'));
    }
    try {
      return Network.address(address);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /**
   * What counts as one sender for a limit: an IPv4 address, or the network of an IPv6 address, as
   * whoever has one such address has 2^64.
   */
  String bucket() {
    if (address == null) {
      return "unknown";
    }
    return address instanceof Inet6Address
        ? HexFormat.of().formatHex(address.getAddress(), 0, 8)
        : address.getHostAddress();
  }

  /** Whether an origin is the server's own, as this sender's browser knows it. */
  boolean isSameOrigin(String origin) {
    if (host == null || host.isBlank()) {
      return false;
    }
    return scheme == null
        ? isOrigin(origin, "http", host) || isOrigin(origin, "https", host)
        : isOrigin(origin, scheme, host);
  }

  private static boolean isOrigin(String origin, String scheme, String host) {
    String own = scheme.equals("http") ? ":80" : ":443";
    String authority = host.endsWith(own) ? host.substring(0, host.length() - own.length()) : host;
    return origin.equalsIgnoreCase(scheme + "://" + authority);
  }
}
