import { beforeEach, expect, test } from "vitest";
import { createIdentity, type Identity } from "../src/identity";

const MINUTE = 60_000;
let at = 1_000_000;
let made = 0;

function open(storage: () => Storage = () => window.localStorage): Identity {
  return createIdentity({ now: () => at, newId: () => `made-id-${++made}`, storage });
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
  const identity = open(() => {
    throw new DOMException("denied", "SecurityError");
  });
  expect(identity.visitorId()).toBe(identity.visitorId());
  expect(identity.sessionId()).toBe(identity.sessionId());
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
