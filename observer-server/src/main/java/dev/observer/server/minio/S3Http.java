package dev.observer.server.minio;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;
import okhttp3.Dispatcher;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okhttp3.ResponseBody;

/**
 * How we speak HTTP to an S3. Without TCP_NODELAY a small put waits 40 ms for an acknowledgement;
 * without bounds of ours the SDK waits for minutes. Its threads do not keep a process alive.
 */
final class S3Http {
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration SILENCE = Duration.ofSeconds(10);
  private static final MediaType XML = MediaType.get("application/xml");
  private static final String TOO_LARGE = "<Error><Code>EntityTooLarge</Code></Error>";

  private S3Http() {}

  /** A client, from which others with bounds for a whole request are derived. */
  static OkHttpClient create() {
    Dispatcher dispatcher =
        new Dispatcher(
            new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE, // as many as there are callers, who wait
                10,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                task -> {
                  Thread thread = new Thread(task, "observer-minio");
                  thread.setDaemon(true);
                  return thread;
                }));
    dispatcher.setMaxRequestsPerHost(dispatcher.getMaxRequests());
    return new OkHttpClient.Builder()
        .dispatcher(dispatcher)
        .socketFactory(new NoDelay())
        .connectTimeout(CONNECT)
        .readTimeout(SILENCE)
        .writeTimeout(SILENCE)
        .followRedirects(false) // which makes a get of a put, and takes its 200 for that of the put
        .addInterceptor(chain -> understood(chain.proceed(chain.request())))
        .build();
  }

  /**
   * An error of a server that is not the S3 itself, such as 502 of a proxy before it, is an outage
   * like any other, and 413 the same as of the S3. The SDK would say that it is no S3 at all. A
   * page that says that all is well has stored nothing.
   */
  private static Response understood(Response response) throws IOException {
    int status = response.code();
    if (status == 413) {
      response.close();
      return response
          .newBuilder()
          .header("Content-Type", XML.toString())
          .body(ResponseBody.create(TOO_LARGE, XML))
          .build();
    }
    MediaType type = response.body().contentType();
    boolean silent = response.request().method().equals("HEAD");
    boolean outage = status >= 500 || status == 429 || status == 408;
    if (outage && !silent && (type == null || !type.subtype().equals("xml"))) {
      response.close();
      throw new IOException("answered " + status);
    }
    boolean page = type != null && type.subtype().equals("html");
    if (page && response.isSuccessful() && response.request().method().equals("PUT")) {
      response.close();
      throw new IOException("answered a page");
    }
    return response;
  }

  private static final class NoDelay extends SocketFactory {
    private static Socket noDelay(Socket socket) throws IOException {
      socket.setTcpNoDelay(true);
      return socket;
    }

    @Override
    public Socket createSocket() throws IOException {
      return noDelay(new Socket());
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
      return noDelay(new Socket(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
      return noDelay(new Socket(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
        throws IOException {
      return noDelay(new Socket(host, port, local, localPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
        throws IOException {
      return noDelay(new Socket(host, port, local, localPort));
    }
  }
}
