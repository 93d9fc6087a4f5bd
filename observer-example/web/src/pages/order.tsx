import { A, useParams } from "@solidjs/router";
import { createSignal, onCleanup } from "solid-js";
import { Piece } from "../pottery/piece";
import { followOrder, type OrderStep } from "../shop/api";
import { useTitle } from "../shop/context";

const STEPS: Readonly<Record<OrderStep, string>> = {
  RECEIVED: "is received",
  WRAPPED: "is wrapped",
  ON_ITS_WAY: "is on its way",
};

export function OrderPage() {
  const params = useParams<{ id: string }>();
  const [step, setStep] = createSignal<OrderStep>("RECEIVED");
  onCleanup(followOrder(params.id, setStep));
  useTitle(() => "Thank you");
  return (
    <section class="narrow thanks">
      <Piece form="vase" glaze="moss" />
      <h1>Thank you!</h1>
      <p class="lead" role="status">
        Your order <strong>{params.id}</strong> {STEPS[step()]}.
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
