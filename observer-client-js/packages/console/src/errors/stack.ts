/** One line of a stack trace: a frame that was understood, or the text as it is. */
export type StackLine =
  | {
      readonly kind: "frame";
      readonly text: string;
      readonly functionName: string | undefined;
      /** Without origin and query, as a person names it: `/assets/cart.js`, `CartService.java`. */
      readonly file: string;
      /** The file as the trace has it. */
      readonly location: string;
      readonly line: number | undefined;
      readonly column: number | undefined;
      /** False for code the reader did not write: dependencies, extensions, the JDK, the server's frameworks. */
      readonly inApp: boolean;
    }
  | { readonly kind: "text"; readonly text: string };

/** `    at f (https://…/a.js:1:2)` of V8, with or without function and with `async`, `new` and `[as x]`. */
const V8 =
  /^\s*at (?:(?<fn>.+?) \()?(?<file>\S.*?|<anonymous>|native)(?::(?<line>\d+))?(?::(?<column>\d+))?\)?$/;
/** `f@https://…/a.js:1:2` of Firefox and Safari. */
const GECKO = /^(?<fn>[^@\s]*(?:@[^@/]*)?)@(?<file>.+?)(?::(?<line>\d+))?(?::(?<column>\d+))?$/;
/** `	at a.b.C.m(C.java:12)`, with `module/` or `loader//` before it. */
const JAVA =
  /^\s*at (?:[\w.@-]*\/)*(?<fn>[\w$.<>/]+)\((?<file>[^():]*?)(?::(?<line>\d+))?\)(?: ~?\[.*\])?$/;

const JVM_LIBRARIES = [
  ...["java.", "javax.", "jdk.", "sun.", "com.sun.", "jakarta.", "kotlin.", "scala."],
  ...[
    "io.undertow.",
    "org.xnio.",
    "org.jboss.",
    "org.wildfly.",
    "io.netty.",
    "io.vertx.",
    "org.eclipse.jetty.",
    "org.apache.",
  ],
  ...[
    "org.springframework.",
    "org.hibernate.",
    "com.fasterxml.",
    "tools.jackson.",
    "ch.qos.logback.",
    "org.slf4j.",
  ],
  ...["io.micrometer.", "com.zaxxer.", "org.junit.", "reactor."],
];
const BROWSER_LIBRARIES =
  /\/node_modules\/|^(?:chrome|moz|safari-web)-extension:|^(?:node|webpack|internal):|\[native code\]|^native$|^<anonymous>$/;

/** Reads a stack trace of V8, Firefox, Safari or a JVM, line by line; nothing of it is lost. */
export function parseStack(trace: string): readonly StackLine[] {
  return trace
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .map(parseLine);
}

/** A frame is shorter than this. Longer lines are text, so that a hostile trace cannot keep the expressions above busy. */
const MAX_FRAME = 2_000;

function parseLine(text: string): StackLine {
  if (text.length > MAX_FRAME) return { kind: "text", text };
  const java = JAVA.exec(text)?.groups;
  if (java !== undefined && isJava(java.file ?? "")) {
    const functionName = java.fn ?? "";
    return {
      kind: "frame",
      text,
      functionName,
      file: java.file ?? "",
      location: java.file ?? "",
      line: numberOf(java.line),
      column: undefined,
      inApp: !JVM_LIBRARIES.some((prefix) => functionName.startsWith(prefix)),
    };
  }
  const found =
    V8.exec(text)?.groups ?? (text.includes("@") ? GECKO.exec(text)?.groups : undefined);
  const location = found?.file;
  if (location === undefined || !looksLikeFile(location, found?.line))
    return { kind: "text", text };
  return {
    kind: "frame",
    text,
    functionName: found?.fn === "" ? undefined : found?.fn,
    file: nameOf(location),
    location,
    line: numberOf(found?.line),
    column: numberOf(found?.column),
    inApp: !BROWSER_LIBRARIES.test(location),
  };
}

/** A message that says "meet me at noon" or an e-mail address must not become a frame. */
function looksLikeFile(location: string, line: string | undefined): boolean {
  return line !== undefined || BROWSER_LIBRARIES.test(location);
}

function isJava(file: string): boolean {
  return (
    file === "" ||
    /^(?:Native Method|Unknown Source|[\w$-]+\.(?:java|kt|kts|scala|groovy|clj))$/.test(file)
  );
}

function numberOf(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits);
}

function nameOf(location: string): string {
  const path = location.replace(/^[a-z][a-z+.-]*:\/\/[^/]*/i, "").replace(/[?#].*$/, "");
  return path === "" ? location : path;
}

/** A stack without its first lines where they only repeat type and message, as those of V8 and Java do. */
export function withoutHead(
  lines: readonly StackLine[],
  said: { readonly errorType: string; readonly message: string },
): readonly StackLine[] {
  const head = [`${said.errorType}: ${said.message}`, said.errorType, said.message]
    .map((text) =>
      text
        .split("\n")
        .map((line) => line.trimEnd())
        .filter((line) => line !== ""),
    )
    .find((parts) => parts.length > 0 && parts.every((part, index) => lines[index]?.text === part));
  return head === undefined ? lines : lines.slice(head.length);
}

/** Neighbouring lines of one sort, so that the frames of others can be folded. */
export interface StackGroup {
  readonly folded: boolean;
  readonly lines: readonly StackLine[];
}

/** Groups a stack for display: runs of two or more frames of others are folded, unless there is nothing else to show. */
export function groupStack(lines: readonly StackLine[]): readonly StackGroup[] {
  if (!lines.some((line) => line.kind === "frame" && line.inApp))
    return lines.length === 0 ? [] : [{ folded: false, lines }];
  const groups: { folded: boolean; lines: StackLine[] }[] = [];
  for (const line of lines) {
    const folded = line.kind === "frame" && !line.inApp;
    const last = groups.at(-1);
    if (last?.folded === folded) last.lines.push(line);
    else groups.push({ folded, lines: [line] });
  }
  return groups.map((group) => (group.lines.length === 1 ? { ...group, folded: false } : group));
}
