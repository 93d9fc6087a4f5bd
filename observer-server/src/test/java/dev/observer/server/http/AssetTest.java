package dev.observer.server.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.observer.server.TestServer;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The browser script and the console, as they are served. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AssetTest {
  private TestServer server;

  @BeforeAll
  void start(@TempDir Path directory) {
    server = TestServer.start(directory);
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @Test
  void consolePage_hasAStrictPolicy_andScriptIsRevalidated() throws Exception {
    HttpResponse<String> page = server.get("/console/");
    assertEquals(200, page.statusCode());
    String policy = page.headers().firstValue("Content-Security-Policy").orElse("");
    assertTrue(
        policy.contains("default-src 'none'") && policy.contains("script-src 'self';"), policy);
    assertTrue(policy.contains("frame-ancestors 'none'"), policy);
    HttpResponse<String> script = server.get("/client.js");
    assertEquals(200, script.statusCode());
    assertEquals("no-cache", script.headers().firstValue("Cache-Control").orElse(""));
    String etag = script.headers().firstValue("ETag").orElse("");
    assertEquals(304, server.get("/client.js", "If-None-Match", etag).statusCode());
    for (String path :
        List.of("/..%2Fclient.js", "/console/assets/..%2Findex.html", "/.git", "/client.js%00")) {
      assertNotEquals(200, server.get(path).statusCode(), path);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/client.js", "/console/"})
  void asset_isGzipped_forThoseWhoTakeIt(String path) throws Exception {
    HttpResponse<byte[]> plain = server.getBytes(path);
    HttpResponse<byte[]> gzipped = server.getBytes(path, "Accept-Encoding", "br, gzip;q=0.8");
    assertEquals("gzip", header(gzipped, "Content-Encoding"));
    assertEquals(String.valueOf(gzipped.body().length), header(gzipped, "Content-Length"));
    try (var in = new GZIPInputStream(new ByteArrayInputStream(gzipped.body()))) {
      assertArrayEquals(plain.body(), in.readAllBytes());
    }
    assertEquals(header(plain, "Content-Type"), header(gzipped, "Content-Type"));
    assertNotEquals(header(plain, "ETag"), header(gzipped, "ETag"));
    for (HttpResponse<byte[]> answer : List.of(plain, gzipped)) {
      assertTrue(answer.headers().allValues("Vary").contains("Accept-Encoding"));
      assertEquals(
          path.equals("/client.js"), answer.headers().allValues("Vary").contains("Origin"));
    }
    HttpResponse<String> head =
        server.send(
            "HEAD",
            server.uri(path),
            HttpRequest.BodyPublishers.noBody(),
            "Accept-Encoding",
            "gzip");
    for (String name : List.of("Content-Encoding", "Content-Length", "ETag")) {
      assertEquals(header(gzipped, name), header(head, name), name);
    }
    for (String[] known : new String[][] {{"gzip", "identity"}, {"identity", "gzip"}}) {
      String etag = header(server.getBytes(path, "Accept-Encoding", known[0]), "ETag");
      assertEquals(
          304, server.get(path, "Accept-Encoding", known[0], "If-None-Match", etag).statusCode());
      assertEquals(
          200,
          server.getBytes(path, "Accept-Encoding", known[1], "If-None-Match", etag).statusCode());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gzip                     | gzip",
        "gzip, deflate, br, zstd  | gzip",
        "deflate,GZIP             | gzip",
        "gzip ; q=1.0             | gzip",
        "gzip;q=0.001, identity   | gzip",
        "gzip;q=0                 | ''",
        "gzip;q=0.000, br;q=1     | ''",
        "br;q=1,gzip; q=0.0       | ''",
        "identity                 | ''",
        "x-gzipped, gzip2         | ''",
        "*                        | ''",
      })
  void coding_isWhatTheHeaderSays(String accepted, String coding) throws Exception {
    HttpResponse<byte[]> answer = server.getBytes("/client.js", "Accept-Encoding", accepted);
    assertEquals(coding, header(answer, "Content-Encoding"));
  }

  private static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }
}
