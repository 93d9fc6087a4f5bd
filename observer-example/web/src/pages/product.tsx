import { useTrackEvent } from "@observer/client/solid";
import { A, createAsync, useParams } from "@solidjs/router";
import { createSignal, For, Show } from "solid-js";
import { Picture } from "../pottery/picture";
import { getProduct, type Product } from "../shop/api";
import { useCart, useTitle } from "../shop/context";
import { money } from "../shop/money";
import { Stepper } from "../shop/stepper";

export function ProductPage() {
  const params = useParams<{ id: string }>();
  const product = createAsync(() => getProduct(params.id));
  useTitle(() => product()?.name);
  return <Show when={product()}>{(loaded) => <Detail product={loaded()} />}</Show>;
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
