import { track, useTrackEvent } from "@observer/client/solid";
import { A, createAsync, useParams } from "@solidjs/router";
import { createSignal, For, Show } from "solid-js";
import { Picture } from "../pottery/picture";
import { getProduct, getProducts, type Product } from "../shop/api";
import { Card } from "../shop/card";
import { useCart, useFlags, useTitle } from "../shop/context";
import { money } from "../shop/money";
import { Stepper } from "../shop/stepper";

export function ProductPage() {
  const params = useParams<{ id: string }>();
  const product = createAsync(() => getProduct(params.id));
  useTitle(() => product()?.name);
  const flags = useFlags();
  return (
    <Show when={product()}>
      {(loaded) => (
        <>
          <Detail product={loaded()} />
          <Show when={flags.isOn("pairs-well-with")}>
            <Pairs of={loaded()} />
          </Show>
        </>
      )}
    </Show>
  );
}

/** What goes with it. Behind a flag: half of the visitors see it, until we know whether it helps. */
function Pairs(props: { readonly of: Product }) {
  const products = createAsync(() => getProducts());
  const pairs = () => {
    const all = products() ?? [];
    const at = all.findIndex((one) => one.id === props.of.id);
    return [...all.slice(at + 1), ...all.slice(0, at)].slice(0, 4);
  };
  return (
    <section class="pairs" aria-labelledby="pairs-title">
      <h2 id="pairs-title">Pairs well with</h2>
      <ul class="shelf">
        <For each={pairs()}>
          {(pair) => (
            <Card
              product={pair}
              ref={track("pair_opened", {
                properties: () => ({ product_id: pair.id, from: props.of.id }),
              })}
            />
          )}
        </For>
      </ul>
    </section>
  );
}

function Detail(props: { readonly product: Product }) {
  const cart = useCart();
  const trackEvent = useTrackEvent();
  const [quantity, setQuantity] = createSignal(1);
  const [added, setAdded] = createSignal(false);

  function add() {
    cart.add(props.product.id, quantity());
    trackEvent("add_to_cart", {
      product_id: props.product.id,
      quantity: quantity(),
      value: (props.product.price_cents * quantity()) / 100,
      currency: "EUR",
    });
    setAdded(true);
  }

  return (
    <article class="product">
      <Picture form={props.product.form} glaze={props.product.glaze} />
      <div class="product-words">
        <nav class="trail" aria-label="Back">
          <A href="/">Collection</A>
        </nav>
        <h1>{props.product.name}</h1>
        <p class="lead">{props.product.tagline}</p>
        <p class="price price-large">{money(props.product.price_cents)}</p>
        <p>{props.product.description}</p>
        <div class="buy">
          <Stepper of={props.product.name} value={quantity()} onChange={setQuantity} least={1} />
          <button type="button" class="button button-strong" onClick={add}>
            Add to cart
          </button>
        </div>
        <p class="said" role="status">
          <Show when={added()}>
            In your cart. <A href="/cart">Go to the cart</A>
          </Show>
        </p>
        <ul class="details">
          <For each={props.product.details}>{(detail) => <li>{detail}</li>}</For>
        </ul>
      </div>
    </article>
  );
}
