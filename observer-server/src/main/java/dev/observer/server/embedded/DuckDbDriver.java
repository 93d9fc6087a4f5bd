package dev.observer.server.embedded;

import java.nio.file.Path;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDriver;

/**
 * DuckDB's driver, without the JDK's registry of drivers: that looks for drivers once in the life
 * of a process, and so does not find the one of a host that was loaded anew.
 */
final class DuckDbDriver {
  private DuckDbDriver() {}

  static DuckDBConnection connect(Path file, Properties settings) throws SQLException {
    return (DuckDBConnection) new DuckDBDriver().connect("jdbc:duckdb:" + file, settings);
  }

  /**
   * The driver registers itself, and the registry, being the JDK's, would keep a class loader that
   * is to go. What is loaded for as long as the process lives stays.
   */
  static void release() throws SQLException {
    ClassLoader own = DuckDbDriver.class.getClassLoader();
    if (own == ClassLoader.getSystemClassLoader()) {
      return;
    }
    List<Driver> registered = DriverManager.drivers().toList();
    for (Driver driver : registered) {
      if (driver instanceof DuckDBDriver) {
        DriverManager.deregisterDriver(driver);
      }
    }
  }
}
