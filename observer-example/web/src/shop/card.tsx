import { A } from "@solidjs/router";
import { Picture } from "../pottery/picture";
import type { Product } from "./api";
import { money } from "./money";

/** A product on a shelf. */
export function Card(props: {
  readonly product: Product;
  /** Is given the link to it. */
  readonly ref?: (link: Element) => void;
}) {
  return (
    <li class="card">
      <Picture form={props.product.form} glaze={props.product.glaze} />
      <div class="card-words">
        <h3>
          <A href={`/products/${props.product.id}`} ref={(link) => props.ref?.(link)}>
            {props.product.name}
          </A>
        </h3>
        <p>{props.product.tagline}</p>
      </div>
      <p class="price">{money(props.product.price_cents)}</p>
    </li>
  );
}
