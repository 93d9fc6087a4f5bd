package dev.observer.config;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * A block of IP addresses in CIDR notation, such as {@code 10.0.0.0/8}; a plain address is a block
 * of one. Immutable; never asks a name server.
 *
 * @param address the first address of the block
 * @param prefixLength how many leading bits all of its addresses share: 0 to 32, or to 128 for IPv6
 */
public record Network(InetAddress address, int prefixLength) {

  private static final Pattern IPV4 =
      Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.(?!$)|$)){4}");

  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*");

  /**
   * Clears the bits after the prefix, so that equal blocks are equal.
   *
   * @throws IllegalArgumentException when the prefix is longer than the address
   */
  public Network {
    int bits = address.getAddress().length * 8;
    if (prefixLength < 0 || prefixLength > bits) {
      throw new IllegalArgumentException("prefix length must be 0 to " + bits);
    }
    address = masked(address, prefixLength);
  }

  /**
   * Reads an address or a block.
   *
   * @throws IllegalArgumentException when the text is neither
   */
  public static Network parse(String text) {
    int slash = text.indexOf('/');
    InetAddress address = literal(slash < 0 ? text : text.substring(0, slash));
    int prefixLength =
        slash < 0
            ? address.getAddress().length * 8
            : Integer.parseUnsignedInt(text.substring(slash + 1));
    return new Network(address, prefixLength);
  }

  /**
   * Reads one address, in digits; a name is not looked up.
   *
   * @throws IllegalArgumentException when the text is none
   */
  public static InetAddress address(String text) {
    return literal(text);
  }

  /** Whether an address belongs to this block. An IPv4 address never belongs to an IPv6 block. */
  public boolean contains(InetAddress candidate) {
    return candidate.getAddress().length == address.getAddress().length
        && masked(candidate, prefixLength).equals(address);
  }

  /** CIDR notation; a block of one is written as its address. */
  @Override
  public String toString() {
    return prefixLength == address.getAddress().length * 8
        ? address.getHostAddress()
        : address.getHostAddress() + "/" + prefixLength;
  }

  private static InetAddress literal(String text) {
    // getByName would look a host name up: only what cannot be one gets there.
    if (!IPV4.matcher(text).matches() && !IPV6.matcher(text).matches()) {
      throw new IllegalArgumentException("not an IP address");
    }
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("not an IP address", e);
    }
  }

  private static InetAddress masked(InetAddress address, int prefixLength) {
    byte[] bytes = address.getAddress();
    int hostBits = bytes.length * 8 - prefixLength;
    byte[] kept = new BigInteger(1, bytes).shiftRight(hostBits).shiftLeft(hostBits).toByteArray();
    byte[] result = new byte[bytes.length];
    // toByteArray drops leading zeros, or adds one as a sign.
    int length = Math.min(kept.length, result.length);
    System.arraycopy(kept, kept.length - length, result, result.length - length, length);
    try {
      return InetAddress.getByAddress(result);
    } catch (UnknownHostException e) {
      throw new AssertionError("length is that of an address", e);
    }
  }
}
