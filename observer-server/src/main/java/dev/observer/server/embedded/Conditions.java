package dev.observer.server.embedded;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Conditions with their values, joined by AND; values are always bound, never text of SQL. */
final class Conditions {
  private final StringBuilder sql = new StringBuilder();
  private final List<Object> values = new ArrayList<>();

  void add(String condition, Object... bound) {
    sql.append(sql.isEmpty() ? " WHERE " : " AND ").append(condition);
    values.addAll(List.of(bound));
  }

  void addIfSet(String condition, @Nullable Object bound) {
    if (bound != null) {
      add(condition, bound);
    }
  }

  /** The values of these and of others that stand after them in the statement. */
  Conditions and(Conditions following) {
    Conditions both = new Conditions();
    both.values.addAll(values);
    both.values.addAll(following.values);
    return both;
  }

  void bind(PreparedStatement statement) throws SQLException {
    for (int i = 0; i < values.size(); i++) {
      statement.setObject(i + 1, values.get(i));
    }
  }

  @Override
  public String toString() {
    return sql.toString();
  }
}
