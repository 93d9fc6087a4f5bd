import { createDrops } from "../src/drops";
import { createIdentity } from "../src/identity";
import { type ObserverOptions, settingsOf } from "../src/options";
import type { Core, PartHost } from "../src/part";

/** A host that keeps what it is told. */
export function testHost(host: Partial<PartHost> = {}) {
  const reports: { name: string; properties: unknown; time: number | undefined }[] = [];
  const crumbs: Parameters<PartHost["addBreadcrumb"]>[] = [];
  const made: PartHost = {
    settings: settingsOf({}),
    report: (name, properties, time) => reports.push({ name, properties, time }),
    addBreadcrumb: (...crumb) => crumbs.push(crumb),
    captureException: () => undefined,
    traceId: () => undefined,
    sessionId: () => "session-1",
    ...host,
  };
  return { host: made, reports, crumbs };
}

/** A core that keeps the events it is told, before any page view. */
export function testCore(options: ObserverOptions = {}) {
  const events: Parameters<Core["event"]>[] = [];
  const drops = createDrops(() => {});
  const core: Core = {
    settings: settingsOf(options),
    now: Date.now,
    newId: () => "id-1",
    drops,
    identity: createIdentity({ now: Date.now, newId: () => "session-1", cookieless: true }),
    pageViews: {
      views: [],
      place: () => ({ url: location.href }),
      view() {},
      routed: () => ({ shown() {}, stop() {} }),
      forget() {},
      settle() {},
      stop() {},
    },
    emit() {},
    addBreadcrumb() {},
    captureException: () => undefined,
    isSilent: () => false,
    quietly: (_, act) => act(),
    event: (...event) => events.push(event),
  };
  return { core, drops, events };
}
