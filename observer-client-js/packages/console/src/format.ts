/** How values are written. All plain functions; `now` is passed in so that a list says one thing. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `just now`, `3 min ago`, `2 h ago`, `5 d ago`, then the date; a time ahead of us is `in 3 min`. */
export function ago(time: number, now: number): string {
  const distance = Math.abs(now - time);
  if (distance < 10 * SECOND) return "just now";
  if (distance >= 30 * DAY)
    return new Date(time).toLocaleDateString("en-GB", {
      day: "numeric",
      month: "short",
      year: "numeric",
    });
  const words =
    distance < MINUTE
      ? `${Math.floor(distance / SECOND)} s`
      : distance < HOUR
        ? `${Math.floor(distance / MINUTE)} min`
        : distance < DAY
          ? `${Math.floor(distance / HOUR)} h`
          : `${Math.floor(distance / DAY)} d`;
  return time > now ? `in ${words}` : `${words} ago`;
}

/** The exact time where the reader is, with the zone: `25 Nov 2026, 10:04:05.123 GMT+1`. */
export function absolute(time: number): string {
  return new Date(time).toLocaleString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    timeZoneName: "short",
  });
}

/** `25 Nov, 10:04`, where the reader is. */
export function shortTime(time: number): string {
  return new Date(time).toLocaleString("en-GB", {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  });
}

/** `10:04:05`, where the reader is. */
export function clockTime(time: number): string {
  return new Date(time).toLocaleTimeString("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
}

/** A length of time in its two largest units: `350 ms`, `12 s`, `4 min 5 s`, `2 h 3 min`, `3 d 4 h`. */
export function duration(milliseconds: number): string {
  const total = Math.max(0, Math.round(milliseconds));
  if (total < SECOND) return `${total} ms`;
  if (total < MINUTE) return `${Math.round(total / SECOND)} s`.replace("60 s", "1 min");
  const [large, largeName, small, smallName] =
    total < HOUR
      ? ([MINUTE, "min", SECOND, "s"] as const)
      : total < DAY
        ? ([HOUR, "h", MINUTE, "min"] as const)
        : ([DAY, "d", HOUR, "h"] as const);
  const rest = Math.floor((total % large) / small);
  return `${Math.floor(total / large)} ${largeName}${rest === 0 ? "" : ` ${rest} ${smallName}`}`;
}

/** A position in a recording: `0:07`, `12:34`, `1:02:03`. */
export function position(milliseconds: number): string {
  const total = Math.max(0, Math.floor(milliseconds / SECOND));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor(total / 60) % 60;
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(total % 60)}`;
}

/** Bytes in binary units: `0 B`, `512 B`, `1.5 KiB`, `10 MiB`. */
export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let rest = value;
  let unit = 0;
  while (Math.abs(rest) >= 1024 && unit < units.length - 1) {
    rest /= 1024;
    unit++;
  }
  return `${unit > 0 && rest < 10 ? Number(rest.toFixed(1)) : Math.round(rest)} ${units[unit]}`;
}

/** `1,234,567`. */
export function whole(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 3 });
}

/** `1 error`, `2 errors`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${whole(value)} ${value === 1 ? one : many}`;
}

/** A name of the wire in words, without the unit that its value shows: `oldest_seconds` as `Oldest`. */
export function label(name: string): string {
  const words = name
    .replace(/(?<=.)_(?:bytes|seconds|millis|ms)$/, "")
    .replaceAll(/[_-]+/g, " ")
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The end of a long id, which tells two apart: UUIDv7s of one moment begin alike. */
export function shortId(id: string): string {
  return id.length > 12 ? `…${id.slice(-8)}` : id;
}

/** A Java type without its packages, as one says it: `IllegalStateException`; other names as they are. */
export function shortType(type: string): string {
  return /^(?:[a-z_][\w]*\.)+([A-Z][\w$]*)$/.exec(type)?.[1] ?? type;
}
