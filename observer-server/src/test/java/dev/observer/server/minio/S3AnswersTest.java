package dev.observer.server.minio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.observer.config.ObserverConfig;
import dev.observer.server.sink.ReplayKey;
import dev.observer.server.sink.SinkException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers that a real MinIO gives only when its clock is wrong, its disk is full, and so on. */
class S3AnswersTest {
  private static final String LISTING =
      "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>replays</Name>"
          + "<Prefix>replays/</Prefix><KeyCount>0</KeyCount><MaxKeys>1</MaxKeys>"
          + "<IsTruncated>false</IsTruncated></ListBucketResult>";
  private static final String CUT = "the rest does not come";
  private static final String SECRET = "secret-of-a-test";

  @TempDir Path directory;
  private HttpServer s3;
  private volatile String toList = "200 " + LISTING;
  private volatile String toPut = "200 ";

  @BeforeEach
  void start() throws IOException {
    s3 = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    s3.createContext("/", this::answer);
    s3.start();
  }

  @AfterEach
  void stop() {
    s3.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    String[] answer = (exchange.getRequestMethod().equals("PUT") ? toPut : toList).split(" ", 2);
    String body =
        answer[1].matches("\\w+")
            ? "<Error><Code>" + answer[1] + "</Code><Message>m</Message></Error>"
            : answer[1];
    boolean xml = body.startsWith("<Error") || body.startsWith("<List");
    if (!body.isEmpty()) {
      exchange.getResponseHeaders().set("Content-Type", xml ? "application/xml" : "text/html");
    }
    exchange.getResponseHeaders().set("Location", "/sign-in");
    exchange.getResponseHeaders().set("ETag", "\"00000000000000000000000000000000\"");
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    boolean cut = body.equals(CUT);
    exchange.sendResponseHeaders(
        Integer.parseInt(answer[0]), bytes.length == 0 ? -1 : bytes.length + (cut ? 1 : 0));
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private MinioReplayStore open() throws IOException {
    ObserverConfig config =
        ObserverConfig.builder()
            .environmentVariables(Map.of())
            .minio(
                m ->
                    m.endpoint("http://127.0.0.1:" + s3.getAddress().getPort())
                        .region("us-east-1")
                        .bucket("replays")
                        .accessKey("access-key-of-a-test")
                        .secretKey(SECRET)
                        .lifecycle(false))
            .build();
    return MinioReplayStore.open(config.minio(), Duration.ofDays(1));
  }

  @ParameterizedTest
  @CsvSource({
    "403 RequestTimeTooSkewed, the clocks of this machine and of that",
    "403 AccessDenied, minio.access-key may not do",
    "403 SomethingNew, it refuses what is needed (SomethingNew)",
    "400 AuthorizationHeaderMalformed, minio.region",
    "400 InvalidBucketName, minio.bucket",
    "404 <html>Not Found</html>, not an S3",
    "200 <html>Welcome</html>, not an S3",
  })
  void whatIsWrong_endsTheStart_andIsSaid(String answer, String said) {
    toList = answer;
    IOException e = assertThrows(IOException.class, this::open);
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains(said), message);
    assertFalse(message.contains(SECRET) || message.contains("Credential"), message);
  }

  @ParameterizedTest
  @CsvSource({
    "503 SlowDown",
    "503 XMinioServerNotInitialized",
    "500 InternalError",
    "502 <html>Bad Gateway</html>",
    "429 <html>Too Many Requests</html>",
    "408 <html>Request Timeout</html>",
    "400 RequestTimeout",
  })
  void outage_doesNotEndTheStart_andIsLookedAtAgainBeforeTheFirstPut(String answer)
      throws Exception {
    toList = answer;
    Path file = Files.writeString(directory.resolve("batch"), "batch");
    ReplayKey key = new ReplayKey("session-1", "recording-1", 0);
    try (MinioReplayStore store = open()) {
      assertTrue(assertThrows(SinkException.class, () -> store.put(key, file)).retryable());
      toList = "403 SignatureDoesNotMatch";
      SinkException e = assertThrows(SinkException.class, () -> store.put(key, file));
      assertTrue(e.retryable(), "what is acknowledged waits until somebody mends it");
      assertTrue(String.valueOf(e.getMessage()).contains("minio.secret-key is wrong"));
      toList = "200 " + LISTING;
      assertTrue(store.put(key, file));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "507 XMinioStorageFull, true",
    "400 IncompleteBody, true",
    "403 AccessDenied, true",
    "403 InvalidAccessKeyId, true",
    "404 NoSuchBucket, true",
    "400 SomethingNew, true",
    "502 <html>Bad Gateway</html>, true",
    "200 <html>Sign in</html>, true",
    "302 <html>Found</html>, true",
    "413 EntityTooLarge, false",
    "413 <html>Request Entity Too Large</html>, false",
    "400 KeyTooLongError, false",
  })
  void put_isTriedAgain_unlessTheObjectItselfIsRefused(String answer, boolean retryable)
      throws Exception {
    toPut = answer;
    Path file = Files.writeString(directory.resolve("batch"), "batch");
    try (MinioReplayStore store = open()) {
      SinkException e =
          assertThrows(
              SinkException.class,
              () -> store.put(new ReplayKey("session-1", "recording-1", 0), file));
      assertEquals(retryable, e.retryable(), e.getMessage());
    }
  }

  @Test
  void objectThatIsCut_isAnOutage_andReadsFailAtOnceThen() throws Exception {
    ReplayKey key = new ReplayKey("session-1", "recording-1", 0);
    try (MinioReplayStore store = open()) {
      toList = "200 " + CUT;
      SinkException e = assertThrows(SinkException.class, () -> store.open(key));
      assertTrue(e.retryable());
      assertTrue(String.valueOf(e.getMessage()).contains("cannot be reached"), e.getMessage());
      e = assertThrows(SinkException.class, () -> store.open(key));
      assertEquals("it did not answer just now", e.getMessage());
    }
  }

  @Test
  void present_isNoFailure() throws Exception {
    toPut = "412 PreconditionFailed";
    Path file = Files.writeString(directory.resolve("batch"), "batch");
    try (MinioReplayStore store = open()) {
      assertFalse(store.put(new ReplayKey("session-1", "recording-1", 0), file));
    }
  }
}
