package dev.observer.bench;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A request that posts 50 events of about 400 bytes each. It is built once; for each sending only
 * ids and times are written over, in place, so that making load costs little beside serving it. Not
 * thread-safe.
 */
final class EventBatch {

  static final int EVENTS = 50;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
  private static final String NO_ID = "00000000-0000-7000-8000-000000000000";
  private static final String NO_TIME = "2026-01-01T00:00:00.000Z";
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private final byte[] request;
  private final int bodyLength;
  private final List<Integer> ids;
  private final List<Integer> times;
  private final SplittableRandom random;

  /**
   * Builds the request.
   *
   * @param random where ids come from; each batch in a run needs its own
   */
  EventBatch(String path, SplittableRandom random) {
    this.random = random;
    String body = body(random);
    this.bodyLength = body.length();
    String head =
        "POST "
            + path
            + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "
            + bodyLength
            + "\r\n\r\n";
    String text = head + body;
    this.request = text.getBytes(StandardCharsets.US_ASCII);
    this.ids = positions(text, NO_ID);
    this.times = positions(text, NO_TIME);
  }

  int bodyLength() {
    return bodyLength;
  }

  /** The request with ids never sent before and the current time. Valid until the next call. */
  byte[] next() {
    Instant now = Instant.now();
    byte[] time = TIME.format(now).getBytes(StandardCharsets.US_ASCII);
    for (int position : times) {
      System.arraycopy(time, 0, request, position, time.length);
    }
    for (int position : ids) {
      writeUuid7(position, now.toEpochMilli());
    }
    return request;
  }

  private void writeUuid7(int position, long millis) {
    long high = millis << 16 | 0x7000 | random.nextInt(1 << 12);
    long low = random.nextLong() >>> 2 | Long.MIN_VALUE;
    int at = position;
    for (int digit = 0; digit < 32; digit++) {
      if (digit == 8 || digit == 12 || digit == 16 || digit == 20) {
        at++;
      }
      long half = digit < 16 ? high : low;
      request[at++] = HEX[(int) (half >>> (60 - digit % 16 * 4)) & 0xf];
    }
  }

  private static List<Integer> positions(String text, String placeholder) {
    List<Integer> positions = new ArrayList<>();
    for (int at = text.indexOf(placeholder); at >= 0; at = text.indexOf(placeholder, at + 1)) {
      positions.add(at);
    }
    return positions;
  }

  private static String body(SplittableRandom random) {
    StringBuilder body =
        new StringBuilder(
            """
            {"sent_at":"%s","sdk":{"name":"@observer/client","version":"0.1.0"},\
            "context":{"service_name":"shop-web","environment":"production","release":"1.4.0",\
            "session_id":"s-%016x","visitor_id":"v-%016x","language":"en-GB","screen_width":1920,\
            "screen_height":1080,"viewport_width":1280,"viewport_height":720},"events":["""
                .formatted(NO_TIME, random.nextLong(), random.nextLong()));
    for (int i = 0; i < EVENTS; i++) {
      body.append(i == 0 ? "" : ",").append(i % 2 == 0 ? pageView(i) : customEvent(i));
    }
    return body.append("]}").toString();
  }

  private static String pageView(int i) {
    return """
        {"event_id":"%s","timestamp":"%s","event_type":"page_view",\
        "url":"https://shop.example/catalogue/garden-furniture/orders/%d?utm_source=newsletter&page=%d",\
        "route":"/catalogue/:section/orders/:id",\
        "referrer":"https://shop.example/catalogue/garden-furniture?sort=price",\
        "title":"Order %d of garden furniture, delivered to your door - Shop Example"}"""
        .formatted(NO_ID, NO_TIME, i, i, i);
  }

  private static String customEvent(int i) {
    return """
        {"event_id":"%s","timestamp":"%s","event_type":"custom_event",\
        "event_name":"checkout_completed","url":"https://shop.example/checkout/confirmation",\
        "route":"/checkout/:step","properties":{"value":%d.5,"currency":"EUR","items":%d,\
        "payment":"card","coupon":"SPRING-2026","delivery":"express","gift":false,\
        "note":"left with the neighbour"}}"""
        .formatted(NO_ID, NO_TIME, i, i);
  }
}
