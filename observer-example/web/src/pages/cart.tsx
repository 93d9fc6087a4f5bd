import { A, createAsync } from "@solidjs/router";
import { createMemo, For, Show } from "solid-js";
import { Picture } from "../pottery/picture";
import { getProducts } from "../shop/api";
import { useCart, useTitle } from "../shop/context";
import { money } from "../shop/money";
import { type PricedLine, priced, totalCents } from "../shop/priced";
import { Stepper } from "../shop/stepper";

export function CartPage() {
  useTitle(() => "Cart");
  const cart = useCart();
  const products = createAsync(() => getProducts());
  const lines = createMemo(() => priced(cart.lines(), products() ?? []));
  return (
    <section class="narrow" aria-labelledby="cart-title">
      <h1 id="cart-title">Your cart</h1>
      <Show when={lines().length > 0} fallback={<Nothing />}>
        <ul class="lines">
          <For each={cart.lines().map((line) => line.product_id)}>
            {(id) => (
              <Show when={lines().find((line) => line.product_id === id)}>
                {(line) => <Line line={line()} />}
              </Show>
            )}
          </For>
        </ul>
        <div class="sum">
          <p>
            Total <strong>{money(totalCents(lines()))}</strong>
          </p>
          <p class="quiet">Shipping is on us.</p>
          <A class="button button-strong" href="/checkout">
            Check out
          </A>
        </div>
      </Show>
    </section>
  );
}

function Line(props: { readonly line: PricedLine }) {
  const cart = useCart();
  return (
    <li class="line">
      <Picture form={props.line.product.form} glaze={props.line.product.glaze} />
      <div class="line-words">
        <A href={`/products/${props.line.product_id}`}>{props.line.product.name}</A>
        <p class="quiet">{money(props.line.product.price_cents)} each</p>
      </div>
      <Stepper
        of={props.line.product.name}
        value={props.line.quantity}
        onChange={(quantity) => cart.set(props.line.product_id, quantity)}
        least={0}
      />
      <p class="price">{money(props.line.cents)}</p>
    </li>
  );
}

function Nothing() {
  return (
    <div class="note">
      <p>There is nothing in it yet.</p>
      <A class="button" href="/">
        See the collection
      </A>
    </div>
  );
}
