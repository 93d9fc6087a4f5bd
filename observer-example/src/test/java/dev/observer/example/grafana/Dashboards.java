package dev.observer.example.grafana;

import java.util.List;

/**
 * The dashboards that {@code docs/backends/grafana/dashboards} has, and {@code docs/dashboards.md}
 * explains.
 */
final class Dashboards {
  private Dashboards() {}

  static List<Dashboard> all() {
    return List.of(
        OverviewDashboard.dashboard(),
        ErrorsDashboard.dashboard(),
        WebDashboard.dashboard(),
        ProductDashboard.dashboard(),
        ReplaysDashboard.dashboard(),
        ServerDashboard.dashboard(),
        FindDashboard.dashboard());
  }
}
