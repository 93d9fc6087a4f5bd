package dev.observer.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressTest {
  @ParameterizedTest
  @CsvSource({
    "https://s.example/reset?token=abc, https://s.example/reset?token=*",
    "/callback?code=4%2F0A&state=xy&scope=openid, /callback?code=*&state=*&scope=openid",
    "/#access_token=ey.J&expires_in=5, /#access_token=*&expires_in=5",
    "/#/reset?resetToken=abc, /#/reset?resetToken=*",
    "/?next=/in?api-key=abc&x=1, /?next=/in?api-key=*&x=1",
    "/file?X-Amz-Signature=a=b&X-Amz-Date=c, /file?X-Amz-Signature=*&X-Amz-Date=c",
    "/a;PASSWORD=abc;b=c?d, /a;PASSWORD=*;b=c?d",
    "?token=, ?token=*",
    "/cart;jsessionid=AB12?x=1, /cart;jsessionid=*?x=1",
    "?PHPSESSID=a, ?PHPSESSID=*",
    "/in?next=%2Freset%3Fa%3D1%26token%3Dabc&x=1, /in?next=*&x=1",
    "/in?next=%252Freset%253Ftoken%253Dabc, /in?next=*",
  })
  void valuesOfSecretParameters_areLeftOut(String sent, String kept) {
    assertEquals(kept, Address.withoutSecrets(sent));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "?",
        "?&;#=",
        "https://s.example/orders/7",
        "https://s.example/?utm_source=email&page=2&keyword=lamp&q=token&monkey=1&stateful=2#top",
        "/token=abc",
        "/in?next=%2Forders%3Fpage%3D2",
        "?token"
      })
  void others_areAsTheyWere(String address) {
    assertSame(address, Address.withoutSecrets(address));
  }

  @Test
  void longOnes_takeNoLonger() {
    String hostile = "?token&".repeat(100_000) + "token".repeat(100_000) + "=".repeat(100_000);
    String nested = "?a=" + "%3f".repeat(100_000) + "%25".repeat(100_000) + "a".repeat(100_000);
    assertTimeout(Duration.ofSeconds(5), () -> Address.withoutSecrets(hostile + nested));
  }
}
