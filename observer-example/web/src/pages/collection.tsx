import { track } from "@observer/client/solid";
import { createAsync } from "@solidjs/router";
import { For } from "solid-js";
import { Piece } from "../pottery/piece";
import { getProducts } from "../shop/api";
import { Card } from "../shop/card";
import { useTitle } from "../shop/context";

export function CollectionPage() {
  useTitle(() => "Handmade stoneware");
  const products = createAsync(() => getProducts());
  return (
    <>
      <section class="hero">
        <div class="hero-words">
          <p class="eyebrow">Firing no. 42</p>
          <h1>Clay, glaze and patience.</h1>
          <p class="lead">
            Eight forms, thrown by hand and fired twice. No two come out of the kiln alike.
          </p>
          <a class="button button-strong" href="#collection" ref={track("collection_opened")}>
            See the collection
          </a>
        </div>
        <div class="hero-shelf" aria-hidden="true">
          <Piece form="bottle" glaze="night" />
          <Piece form="planter" glaze="chalk" />
          <Piece form="vase" glaze="dawn" />
          <Piece form="teapot" glaze="ember" />
        </div>
      </section>
      <section id="collection" aria-labelledby="collection-title">
        <h2 id="collection-title">The collection</h2>
        <ul class="shelf">
          <For each={products()}>{(product) => <Card product={product} />}</For>
        </ul>
      </section>
    </>
  );
}
