package dev.observer.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3/8, 10.0.0.0/8",
    "10.1.2.3, 10.1.2.3",
    "10.1.2.3/32, 10.1.2.3",
    "255.255.255.255/1, 128.0.0.0/1",
    "0.0.0.0/0, 0.0.0.0/0",
    "2001:db8::1/32, 2001:db8:0:0:0:0:0:0/32",
    "::/0, 0:0:0:0:0:0:0:0/0",
  })
  void parsed_isTheBlockThatHoldsTheAddress(String text, String block) {
    assertEquals(block, Network.parse(text).toString());
    assertEquals(Network.parse(block), Network.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "10", "10.0.0", "10.0.0.256", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8",
        "localhost", "010.0.0.1", "::/129", "fe80::1%eth0", "::g", ":::", "10.0.0.1 ", "1.2.3.4.5"
      })
  void anythingElse_isRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> Network.parse(text));
  }

  @Test
  void everyAddressOfAFamily_isInItsWidestBlock_andNoneOfTheOther() throws Exception {
    InetAddress v4 = InetAddress.getByName("203.0.113.9");
    InetAddress v6 = InetAddress.getByName("2001:db8::9");
    assertTrue(Network.parse("0.0.0.0/0").contains(v4));
    assertFalse(Network.parse("0.0.0.0/0").contains(v6));
    assertTrue(Network.parse("::/0").contains(v6));
    assertFalse(Network.parse("::/0").contains(v4));
  }
}
