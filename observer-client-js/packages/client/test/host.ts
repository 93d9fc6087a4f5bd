import { settingsOf } from "../src/options";
import type { PartHost } from "../src/part";

/** A host that keeps what it is told. */
export function testHost(host: Partial<PartHost> = {}) {
  const reports: { name: string; properties: unknown; time: number | undefined }[] = [];
  const crumbs: Parameters<PartHost["addBreadcrumb"]>[] = [];
  const unavailable: true[] = [];
  const made: PartHost = {
    settings: settingsOf({}),
    now: Date.now,
    report: (name, properties, time) => reports.push({ name, properties, time }),
    viewId: () => "view-1",
    addBreadcrumb: (...crumb) => crumbs.push(crumb),
    captureException: () => undefined,
    traceId: () => undefined,
    sessionId: () => "session-1",
    emitError() {},
    unavailable: () => unavailable.push(true),
    ...host,
  };
  return { host: made, reports, crumbs, unavailable };
}
