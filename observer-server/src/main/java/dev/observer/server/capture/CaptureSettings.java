package dev.observer.server.capture;

import dev.observer.config.ObserverConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What records of the host carry, and what they may hold.
 *
 * @param version of Observer
 * @param maxStringBytes of one string, in UTF-8
 * @param inApp packages of the application
 */
record CaptureSettings(
    String serviceName,
    String environment,
    @Nullable String release,
    String version,
    int maxStringBytes,
    List<String> inApp) {

  static CaptureSettings of(ObserverConfig config, String version) {
    return new CaptureSettings(
        config.serviceName(),
        config.environment(),
        config.release(),
        version,
        Math.toIntExact(config.limits().stringBytes()),
        config.capture().inApp());
  }
}
