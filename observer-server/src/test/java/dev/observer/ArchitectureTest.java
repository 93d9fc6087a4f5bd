package dev.observer;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * Data goes one way: http → spool → sinks, and back through query; only Observer knows them all.
 */
@AnalyzeClasses(
    packages = "dev.observer.server",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String SERVER = "dev.observer.server.";

  @ArchTest static final ArchRule sink_knowsOnlyEvents = knowsOnly("sink");

  @ArchTest static final ArchRule query_knowsOnlyEvents = knowsOnly("query");

  @ArchTest static final ArchRule disk_knowsNobody = knowsOnly("disk");

  @ArchTest static final ArchRule metrics_knowOnlyEvents = knowsOnly("metrics");

  @ArchTest static final ArchRule task_knowsNobody = knowsOnly("task");

  @ArchTest
  static final ArchRule spool_knowsSinks = knowsOnly("spool", "sink", "disk", "metrics", "task");

  @ArchTest
  static final ArchRule embedded_knowsTheSeams =
      knowsOnly("embedded", "sink", "query", "disk", "metrics", "task");

  @ArchTest static final ArchRule minio_knowsItsSeam = knowsOnly("minio", "sink");

  @ArchTest
  static final ArchRule loki_knowsTheSeams = knowsOnly("loki", "sink", "query", "metrics", "task");

  @ArchTest
  static final ArchRule http_knowsNoBackend =
      knowsOnly("http", "spool", "sink", "query", "disk", "metrics");

  @ArchTest
  static final ArchRule capture_knowsTheSpool = knowsOnly("capture", "spool", "metrics", "task");

  @ArchTest static final ArchRule rpc_knowsCapture = knowsOnly("rpc", "capture", "metrics");

  @ArchTest
  static final ArchRule nobodyKnowsTheEntryPoint =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.observer", "dev.observer.standalone");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("dev.observer.server.(*)..").should().beFreeOfCycles();

  private static ArchRule knowsOnly(String name, String... others) {
    String[] allowed = new String[others.length + 1];
    allowed[0] = SERVER + name + "..";
    for (int i = 0; i < others.length; i++) {
      allowed[i + 1] = SERVER + others[i] + "..";
    }
    return classes()
        .that()
        .resideInAPackage(SERVER + name + "..")
        .should()
        .onlyDependOnClassesThat(
            com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage(
                    SERVER + ".")
                .or(
                    com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage(
                        allowed)));
  }
}
