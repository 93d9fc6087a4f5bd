import { createObserver } from "@observer/client";

export function strict() {
  // #region consent
  const observer = createObserver({
    requireConsent: true, // nothing is captured or stored before optIn()
    honorPrivacySignals: true, // Global Privacy Control, Do Not Track
  });
  // #endregion consent
  return observer;
}

export function scrubbing() {
  // #region before-send
  const observer = createObserver({
    beforeSend: {
      error: (item) => (item.message.includes("ResizeObserver") ? null : item),
      event: (item) => ({ ...item, title: "" }),
    },
  });
  // #endregion before-send
  return observer;
}

export function sampling() {
  // #region sampling
  const observer = createObserver({
    replay: "always",
    sampling: { replay: 0.1 }, // one session in ten is recorded; errors and events of all arrive
  });
  // #endregion sampling
  return observer;
}

export function flags() {
  const observer = createObserver();
  // #region error
  try {
    JSON.parse("{");
  } catch (error) {
    observer.captureException(error, { properties: { import: "prices.json" } });
  }
  // #endregion error
  // #region flags
  observer.setFeatureFlags({ "new-checkout": true });
  // #endregion flags
  return observer;
}

export function typed() {
  // #region typed
  interface ShopEvents {
    checkout_completed: { value: number; currency: string };
    cart_emptied: undefined;
  }
  const observer = createObserver<ShopEvents>();
  observer.track("checkout_completed", { value: 12.5, currency: "EUR" });
  // #endregion typed
  return observer;
}
