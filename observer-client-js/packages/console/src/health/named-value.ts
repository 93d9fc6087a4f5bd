import { absolute, bytes, duration, whole } from "../format";

/** A value of the health answer as text. Its name says its unit: `…_bytes`, `…_seconds`, `…_millis` or `…_ms`; RFC 3339 strings are times. */
export function namedValue(name: string, value: unknown): string {
  switch (typeof value) {
    case "number":
      if (/(?:^|_)bytes$/.test(name)) return bytes(value);
      if (/(?:^|_)seconds$/.test(name)) return value === 0 ? "0 s" : duration(value * 1000);
      if (/(?:^|_)(?:millis|ms)$/.test(name)) return duration(value);
      return whole(value);
    case "boolean":
      return value ? "yes" : "no";
    case "string":
      return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) && !Number.isNaN(Date.parse(value))
        ? absolute(Date.parse(value))
        : value || "–";
    default:
      return value === null || value === undefined ? "–" : JSON.stringify(value);
  }
}
