import { beforeEach, expect, test, vi } from "vitest";
import { uuidv7 } from "../src/event/uuid";
import { createIdentity, type Identity, type IdentityOptions } from "../src/identity";

const MINUTE = 60_000;
let at = 1_000_000;
let made = 0;

function open(options: Partial<IdentityOptions> = {}): Identity {
  return createIdentity({
    now: () => at,
    newId: () => `made-id-${++made}`,
    ...options,
  });
}

beforeEach(() => localStorage.clear());

test("visitor and session are shared by the tabs of a browser", () => {
  const [one, other] = [open(), open()];
  expect(other.visitorId()).toBe(one.visitorId());
  expect(other.sessionId()).toBe(one.sessionId());
});

test("a session ends after 30 idle minutes; the visitor stays", () => {
  const identity = open();
  const [visitor, session] = [identity.visitorId(), identity.sessionId()];
  at += 29 * MINUTE;
  expect(identity.sessionId()).toBe(session);
  at += 29 * MINUTE;
  expect(identity.sessionId()).toBe(session);
  at += 30 * MINUTE;
  expect(identity.sessionId()).not.toBe(session);
  expect(identity.visitorId()).toBe(visitor);
});

test("activity in one tab keeps the session of the other", () => {
  const [one, other] = [open(), open()];
  const session = one.sessionId();
  at += 20 * MINUTE;
  other.sessionId();
  at += 20 * MINUTE;
  expect(one.sessionId()).toBe(session);
});

test("a session lasts 24 hours at most, however busy", () => {
  const identity = open();
  const session = identity.sessionId();
  for (let i = 0; i < 24 * 4 - 1; i++) {
    at += 15 * MINUTE;
    expect(identity.sessionId()).toBe(session);
  }
  at += 15 * MINUTE;
  expect(identity.sessionId()).not.toBe(session);
});

test("the user is known until told otherwise", () => {
  const identity = open();
  expect(identity.userId()).toBeUndefined();
  identity.identify("u-1");
  expect(identity.userId()).toBe("u-1");
  identity.identify(undefined);
  expect(identity.userId()).toBeUndefined();
});

test("reset makes a new visitor in a new session without a user", () => {
  const identity = open();
  const before = [identity.visitorId(), identity.sessionId()];
  identity.identify("u-1");
  identity.reset();
  expect(identity.visitorId()).not.toBe(before[0]);
  expect(identity.sessionId()).not.toBe(before[1]);
  expect(identity.userId()).toBeUndefined();
});

test("where storage is forbidden the ids live as long as the page", () => {
  const forbidden = vi.spyOn(window, "localStorage", "get").mockImplementation(() => {
    throw new DOMException("denied", "SecurityError");
  });
  const identity = open();
  expect(identity.visitorId()).toBe(identity.visitorId());
  expect(identity.sessionId()).toBe(identity.sessionId());
  expect(forbidden).toHaveBeenCalled();
  forbidden.mockRestore();
});

test.each(["", "x", "../../etc/passwd.1.1", "a b c d e f g h.1.1", "valid-id.not.numbers"])(
  "a stored %j is not used",
  (stored) => {
    localStorage.setItem("observer.session", stored);
    localStorage.setItem("observer.visitor", stored);
    const identity = open();
    expect(identity.sessionId()).toMatch(/^made-id-/);
    expect(identity.visitorId()).toMatch(/^made-id-/);
  },
);

test("a clock that was set back starts a new session instead of an endless one", () => {
  const identity = open();
  const session = identity.sessionId();
  at -= 60 * MINUTE;
  expect(identity.sessionId()).not.toBe(session);
});

test("cookieless there is a session for the page and no visitor", () => {
  const identity = open({ cookieless: true });
  expect(identity.visitorId()).toBeUndefined();
  expect(identity.sessionId()).toBe(identity.sessionId());
  expect(open({ cookieless: true }).sessionId()).not.toBe(identity.sessionId());
  identity.choose(true);
  expect(identity.isOptedOut()).toBe(true);
  expect(localStorage).toHaveLength(0);
});

test("a choice is known to all tabs and later visits, and outranks the start", () => {
  const [one, other] = [open(), open({ requireConsent: true })];
  expect([one.isOptedOut(), other.isOptedOut()]).toEqual([false, true]);
  one.choose(false);
  expect([one.isOptedOut(), other.isOptedOut()]).toEqual([false, false]);
  other.choose(true);
  expect([one.isOptedOut(), open().isOptedOut()]).toEqual([true, true]);
});

test("opting out forgets everything but the choice", () => {
  const identity = open();
  const before = [identity.visitorId(), identity.sessionId()];
  identity.keep("arrival", "utm");
  identity.identify("u-1");
  identity.choose(true);
  expect({ ...localStorage }).toEqual({ "observer.consent": "out" });
  expect(identity.userId()).toBeUndefined();
  identity.choose(false);
  expect(before).not.toContain(identity.visitorId());
  expect(before).not.toContain(identity.sessionId());
});

test("a share of the sessions is sampled, the same in every tab, and smaller shares within larger ones", () => {
  let sampled = 0;
  for (let i = 0; i < 2_000; i++) {
    localStorage.clear();
    const options = { newId: () => uuidv7(at) };
    const [one, other] = [open(options), open(options)];
    const [tenth, half] = [one.isSampled(0.1), one.isSampled(0.5)];
    expect([other.isSampled(0.1), other.isSampled(0.5)]).toEqual([tenth, half]);
    expect(half || !tenth).toBe(true);
    expect([one.isSampled(1), one.isSampled(0)]).toEqual([true, false]);
    if (tenth) sampled++;
  }
  expect(sampled).toBeGreaterThan(140);
  expect(sampled).toBeLessThan(260);
});
