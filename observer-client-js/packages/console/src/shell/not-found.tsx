import { A } from "@solidjs/router";
import { Empty } from "../ui/states";

export function NotFound() {
  return (
    <Empty title="There is no such page">
      <A href="/errors">Go to the recent errors</A>
    </Empty>
  );
}
