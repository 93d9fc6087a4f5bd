package dev.observer.event;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.observer", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule core_knowsNothingOfHttpStorageOrLogback =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.observer.server..",
              "io.undertow..",
              "org.duckdb..",
              "java.sql..",
              "java.net.http..",
              "ch.qos.logback..",
              "io.micrometer..");

  @ArchTest
  static final ArchRule events_knowNothingOfConfiguration =
      noClasses()
          .that()
          .resideInAPackage("dev.observer.event..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.observer.config..");
}
