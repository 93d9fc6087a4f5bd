/** The dashboards of Grafana, and the services of {@code docker-compose.yml} run without Docker. */
@NullMarked
package dev.observer.example.grafana;

import org.jspecify.annotations.NullMarked;
