package dev.observer.server.capture;

import java.util.List;

/**
 * Tells the frames of the application from those of libraries.
 *
 * @param packages the application's; empty: all but well-known libraries'
 */
record InApp(List<String> packages) {
  private static final List<String> LIBRARIES =
      List.of(
          "java.",
          "javax.",
          "jakarta.",
          "jdk.",
          "sun.",
          "com.sun.",
          "kotlin.",
          "kotlinx.",
          "scala.",
          "groovy.",
          "org.springframework.",
          "org.hibernate.",
          "org.apache.",
          "org.eclipse.jetty.",
          "org.jboss.",
          "org.xnio.",
          "org.wildfly.",
          "org.slf4j.",
          "org.junit.",
          "io.undertow.",
          "io.netty.",
          "io.grpc.",
          "io.micrometer.",
          "io.vertx.",
          "reactor.",
          "okhttp3.",
          "ch.qos.",
          "com.fasterxml.",
          "com.google.common.",
          "com.zaxxer.",
          "dev.observer.server.",
          "dev.observer.Observer.");

  /** Whether a frame is none of the application; {@code function} is class and method. */
  boolean isLibrary(String function, String place) {
    return packages.isEmpty()
        ? LIBRARIES.stream().anyMatch(function::startsWith)
        : packages.stream().noneMatch(name -> isIn(function, name));
  }

  private static boolean isIn(String function, String name) {
    return function.startsWith(name) && function.startsWith(".", name.length());
  }
}
