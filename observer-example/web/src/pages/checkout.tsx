import { useObserver, useTrackEvent } from "@observer/client/solid";
import { A, createAsync, useNavigate } from "@solidjs/router";
import { createMemo, createSignal, For, Show } from "solid-js";
import { ApiError, getProducts, placeOrder } from "../shop/api";
import { useCart, useTitle } from "../shop/context";
import { Field } from "../shop/field";
import { money } from "../shop/money";
import { priced, totalCents } from "../shop/priced";

export function CheckoutPage() {
  useTitle(() => "Checkout");
  const cart = useCart();
  const observer = useObserver();
  const trackEvent = useTrackEvent();
  const navigate = useNavigate();
  const products = createAsync(() => getProducts());
  const lines = createMemo(() => priced(cart.lines(), products() ?? []));
  const [sending, setSending] = createSignal(false);
  const [refusal, setRefusal] = createSignal<ApiError>();

  async function order(form: HTMLFormElement) {
    const said = new FormData(form);
    const text = (name: string) => String(said.get(name) ?? "");
    setSending(true);
    setRefusal(undefined);
    try {
      const placed = await placeOrder({
        name: text("name"),
        email: text("email"),
        card_number: text("card_number"),
        note: text("note"),
        lines: [...cart.lines()],
      });
      observer.identify(placed.customer_id);
      trackEvent("checkout_completed", {
        order_id: placed.order_id,
        value: placed.total_cents / 100,
        currency: "EUR",
        pieces: cart.pieces(),
      });
      cart.clear();
      navigate(`/orders/${placed.order_id}`);
    } catch (error) {
      // What was typed wrongly is the visitor's to mend, and no error of ours.
      if (error instanceof ApiError && error.status === 400) setRefusal(error);
      else {
        observer.captureException(error);
        setRefusal(new ApiError("The order could not be placed. Nothing was charged.", 0));
      }
    } finally {
      setSending(false);
    }
  }
  const wrong = (field: string) => refusal()?.fields[field];

  return (
    <Show when={lines().length > 0} fallback={<Nothing />}>
      <div class="checkout">
        <form
          id="checkout"
          onSubmit={(event) => {
            event.preventDefault();
            void order(event.currentTarget);
          }}
        >
          <h1>Checkout</h1>
          <p class="lead">Nothing is charged, and nothing you type here is recorded.</p>
          <Show when={refusal()}>
            {(error) => (
              <p class="refusal" role="alert">
                {error().message}
              </p>
            )}
          </Show>
          <Field label="Name" name="name" autocomplete="name" wrong={wrong("name")} required />
          <Field
            label="E-mail"
            name="email"
            type="email"
            autocomplete="email"
            wrong={wrong("email")}
            required
          />
          <Field
            label="Card number"
            name="card_number"
            inputmode="numeric"
            autocomplete="cc-number"
            hint="For a try: 4242 4242 4242 4242"
            wrong={wrong("card_number")}
            required
          />
          <Field label="A note to the potter" name="note" rows={3} wrong={wrong("note")} />
          <button type="submit" class="button button-strong button-wide" disabled={sending()}>
            {sending() ? "Placing your order…" : `Pay ${money(totalCents(lines()))}`}
          </button>
        </form>
        <aside class="summary" aria-labelledby="summary-title">
          <h2 id="summary-title">Your order</h2>
          <ul>
            <For each={lines()}>
              {(line) => (
                <li>
                  <span>
                    {line.quantity} × {line.product.name}
                  </span>
                  <span>{money(line.cents)}</span>
                </li>
              )}
            </For>
          </ul>
          <p class="summary-total">
            <span>Total</span>
            <strong>{money(totalCents(lines()))}</strong>
          </p>
        </aside>
      </div>
    </Show>
  );
}

function Nothing() {
  return (
    <section class="narrow">
      <h1>Checkout</h1>
      <div class="note">
        <p>Your cart is empty.</p>
        <A class="button" href="/">
          See the collection
        </A>
      </div>
    </section>
  );
}
