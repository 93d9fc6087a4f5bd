package dev.observer.server.metrics;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A registry of our own, with the meters of the JVM. Our meters are in it and, if the host has a
 * registry that they are to join, in that too, until closed.
 */
public final class Registry implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Registry.class);
  private static final String SCHEDULER = "io.prometheus.metrics.core.util.Scheduler";

  private final CurrentTrace trace = new CurrentTrace();
  private final PrometheusMeterRegistry prometheus;
  private final JvmGcMetrics garbage = new JvmGcMetrics();

  private final @Nullable MeterRegistry joined;
  private final MeterRegistry ours;

  /**
   * Registers the JVM's meters.
   *
   * @param joined the host's registry, or null
   * @throws IllegalStateException if another has joined it and is not closed: meters of the same
   *     names would be one, and leave with the first that closes
   */
  public Registry(@Nullable MeterRegistry joined) {
    if (joined != null && Meters.areIn(joined)) {
      throw new IllegalStateException(
          "the meters of another Observer are in this registry, which takes one at a time");
    }
    this.joined = joined;
    this.prometheus =
        new PrometheusMeterRegistry(
            new ExemplarsWhereTheyBelong(),
            new PrometheusRegistry(),
            Clock.SYSTEM,
            hasEnded(scheduler()) ? null : trace);
    this.ours =
        joined == null
            ? prometheus
            : new CompositeMeterRegistry(Clock.SYSTEM, List.of(prometheus, joined));
    prometheus.config().meterFilter(new PrometheusNames());
    processorTime();
    garbage.bindTo(prometheus);
    new JvmMemoryMetrics().bindTo(prometheus);
    new JvmThreadMetrics().bindTo(prometheus);
    new ClassLoaderMetrics().bindTo(prometheus);
    new ProcessorMetrics().bindTo(prometheus);
    new UptimeMetrics().bindTo(prometheus);
  }

  /** What {@link PrometheusNames} leaves out, as Prometheus names it. */
  private void processorTime() {
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.OperatingSystemMXBean system) {
      FunctionCounter.builder("process.cpu", system, bean -> bean.getProcessCpuTime() / 1e9)
          .baseUnit("seconds")
          .description("Processor time of the process")
          .register(prometheus);
    }
  }

  /** The registry. */
  public PrometheusMeterRegistry prometheus() {
    return prometheus;
  }

  /** Meters in this registry, with exemplars, and in the one that is joined. */
  public Meters meters() {
    return new Meters(ours, trace);
  }

  /** To be called once. */
  @Override
  public void close() {
    garbage.close();
    if (joined != null) {
      // The host's lives on, and would keep us.
      ours.getMeters().forEach(meter -> joined.removeByPreFilterId(meter.getId()));
      ours.close();
    }
    prometheus.close();
  }

  /**
   * Ends the one thread that Prometheus's client has for the exemplars of all registries of this
   * class loader, and never ends. To be called when all are closed: one that is opened after that
   * has no exemplars.
   */
  public static void endExemplars() {
    ExecutorService scheduler = scheduler();
    if (scheduler != null) {
      scheduler.shutdownNow();
    }
  }

  private static boolean hasEnded(@Nullable ExecutorService scheduler) {
    return scheduler != null && scheduler.isShutdown();
  }

  /** Null where it is not ours, or not to be got at. */
  private static @Nullable ExecutorService scheduler() {
    ClassLoader own = Registry.class.getClassLoader();
    try {
      Class<?> scheduler = Class.forName(SCHEDULER, true, own);
      if (scheduler.getClassLoader() != own) {
        return null;
      }
      Field executor = scheduler.getDeclaredField("executor");
      executor.setAccessible(true);
      return (ExecutorService) executor.get(null);
    } catch (ReflectiveOperationException | RuntimeException e) {
      log.debug("the thread of Prometheus's client stays", e);
      return null;
    }
  }

  /** Two names of Micrometer's that {@code promtool check metrics} objects to. */
  private static final class PrometheusNames implements MeterFilter {
    @Override
    public MeterFilterReply accept(Meter.Id id) {
      // in nanoseconds
      return id.getName().equals("process.cpu.time")
          ? MeterFilterReply.DENY
          : MeterFilterReply.NEUTRAL;
    }

    @Override
    public Meter.Id map(Meter.Id id) {
      return id.getName().equals("system.cpu.count") ? id.withName("system.cpus") : id;
    }
  }

  /**
   * Micrometer puts exemplars on every kind of meter, unlike OpenMetrics 1.0; Prometheus 2 then
   * refuses the whole scrape.
   */
  private static final class ExemplarsWhereTheyBelong implements PrometheusConfig {
    @Override
    public @Nullable String get(String key) {
      return null;
    }

    @Override
    public Properties prometheusProperties() {
      Properties properties = new Properties();
      properties.putAll(PrometheusConfig.super.prometheusProperties());
      properties.setProperty("io.prometheus.exporter.exemplarsOnAllMetricTypes", "false");
      return properties;
    }
  }
}
