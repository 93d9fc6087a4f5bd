import { A, useParams } from "@solidjs/router";
import { Piece } from "../pottery/piece";
import { useTitle } from "../shop/context";

export function OrderPage() {
  const params = useParams<{ id: string }>();
  useTitle(() => "Thank you");
  return (
    <section class="narrow thanks">
      <Piece form="vase" glaze="moss" />
      <h1>Thank you!</h1>
      <p class="lead">
        Your order <strong>{params.id}</strong> is on its way to the kiln.
      </p>
      <p class="quiet">
        Being an example, that is where it ends. In the console, this visit now has the event{" "}
        <code>checkout_completed</code>.
      </p>
      <A class="button" href="/">
        Back to the collection
      </A>
    </section>
  );
}
