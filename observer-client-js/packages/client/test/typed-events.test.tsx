/**
 * What the compiler says of declared events: each `@ts-expect-error` is itself an error, in
 * `npm run check`, when there is nothing to expect.
 */
import { expect, test } from "vitest";
import { createObserver, type Observer } from "../src";
import { ObserverProvider, track, useObserver, useTrackEvent } from "../src/solid";

interface ShopEvents {
  checkout_completed: { value: number; currency: string };
  filter_changed: { by?: string };
  cart_emptied: undefined;
}

test("declared events are checked by name and properties", async () => {
  const observer = createObserver<ShopEvents>();
  observer.track("checkout_completed", { value: 12.5, currency: "EUR" });
  observer.track("filter_changed");
  observer.track("filter_changed", { by: "price" });
  observer.track("cart_emptied");
  // @ts-expect-error no such event
  observer.track("chekout_completed", { value: 12.5, currency: "EUR" });
  // @ts-expect-error no properties
  observer.track("checkout_completed");
  // @ts-expect-error not a number
  observer.track("checkout_completed", { value: "12.5", currency: "EUR" });
  // @ts-expect-error no such property
  observer.track("filter_changed", { of: "price" });
  // @ts-expect-error it has none
  observer.track("cart_emptied", { items: 3 });
  await observer.close();
  expect(observer.track).toBeTypeOf("function");
});

test("what is not declared is free", async () => {
  const observer = createObserver();
  observer.track("anything");
  observer.track("anything", { at: "all" });
  await observer.close();
  expect(observer.track).toBeTypeOf("function");
});

test("hooks and the provider take declared events", () => {
  const given: Observer<ShopEvents> = createObserver<ShopEvents>();
  const unused = () => {
    useTrackEvent<ShopEvents>()("filter_changed", { by: "price" });
    // @ts-expect-error no such event
    useTrackEvent<ShopEvents>()("filter_change");
    // @ts-expect-error not a number
    useObserver<ShopEvents>().track("checkout_completed", { value: "1", currency: "EUR" });
    useTrackEvent()("anything", { at: "all" });
    return (
      <ObserverProvider observer={given}>
        <form ref={track("signup_sent")} use:track={["signup_sent", { on: "submit" }]} />
        <button type="button" use:track="cart_emptied" />
        {/* @ts-expect-error neither a name nor a name with options */}
        <button type="button" use:track={7} />
      </ObserverProvider>
    );
  };
  expect(unused).toBeTypeOf("function");
  return given.close();
});
