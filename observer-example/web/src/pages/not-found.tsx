import { A } from "@solidjs/router";
import { useTitle } from "../shop/context";

export function NotFoundPage() {
  useTitle(() => "Not found");
  return (
    <section class="narrow">
      <h1>This shelf is empty</h1>
      <p class="lead">There is no such page.</p>
      <A class="button" href="/">
        See the collection
      </A>
    </section>
  );
}
