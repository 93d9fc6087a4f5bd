import { useObserver } from "@observer/client/solid";
import { createAsync, revalidate } from "@solidjs/router";
import { createSignal, For, Show } from "solid-js";
import { type Flag, getCounter, type Sale, setFlag, type User } from "../shop/api";
import { useTitle } from "../shop/context";
import { money } from "../shop/money";

const AMOUNTS: readonly { readonly percent: number; readonly words: string }[] = [
  { percent: 0, words: "Nobody" },
  { percent: 50, words: "Every other" },
  { percent: 100, words: "Everybody" },
];
const AT = new Intl.DateTimeFormat("en-IE", { dateStyle: "medium", timeStyle: "short" });

export function AdminPage() {
  useTitle(() => "Behind the counter");
  const counter = createAsync(() => getCounter());
  return (
    <section aria-labelledby="admin-title">
      <div class="section-head">
        <h1 id="admin-title">Behind the counter</h1>
        <p class="lead">
          What was bought, and who signed up, since the shop opened. How they came to it, and what
          kept others from it, is in the{" "}
          <a href="/api/observer/console/" rel="external">
            console
          </a>
          .
        </p>
      </div>
      <Show when={counter()}>
        {(known) => (
          <div class="counter">
            <Flags flags={known().flags} />
            <Orders orders={known().orders} />
            <Users users={known().users} />
          </div>
        )}
      </Show>
    </section>
  );
}

function Flags(props: { readonly flags: readonly Flag[] }) {
  const observer = useObserver();
  const [failed, setFailed] = createSignal(false);

  async function turn(flag: Flag) {
    setFailed(false);
    try {
      await setFlag(flag);
      await revalidate(getCounter.key);
    } catch (error) {
      observer.captureException(error);
      setFailed(true);
    }
  }

  return (
    <section class="sheet" aria-labelledby="flags-title">
      <h2 id="flags-title">Who sees what</h2>
      <For each={props.flags}>
        {(flag) => (
          <fieldset class="flag">
            <legend>
              <code>{flag.name}</code>
            </legend>
            <For each={AMOUNTS}>
              {({ percent, words }) => (
                <label>
                  <input
                    type="radio"
                    name={flag.name}
                    checked={flag.percent === percent}
                    onChange={() => void turn({ name: flag.name, percent })}
                  />
                  {words}
                </label>
              )}
            </For>
          </fieldset>
        )}
      </For>
      <p class="quiet">Pages loaded from now on go by it. Each error says which flags were on.</p>
      <Show when={failed()}>
        <p class="refusal" role="alert">
          The flag is as it was.
        </p>
      </Show>
    </section>
  );
}

function Orders(props: { readonly orders: readonly Sale[] }) {
  const total = () => props.orders.reduce((sum, order) => sum + order.total_cents, 0);
  return (
    <section class="sheet" aria-labelledby="orders-title">
      <h2 id="orders-title">Orders</h2>
      <Show when={props.orders.length > 0} fallback={<p class="quiet">None yet.</p>}>
        <p class="quiet">
          The last {props.orders.length}, worth {money(total())}
        </p>
        <div class="table">
          <table>
            <thead>
              <tr>
                <th scope="col">Order</th>
                <th scope="col">When</th>
                <th scope="col">Customer</th>
                <th scope="col" class="number">
                  Pieces
                </th>
                <th scope="col" class="number">
                  Total
                </th>
              </tr>
            </thead>
            <tbody>
              <For each={props.orders}>
                {(order) => (
                  <tr>
                    <td>{order.order_id}</td>
                    <td>{AT.format(new Date(order.placed_at))}</td>
                    <td>
                      <code>{order.customer_id}</code>
                    </td>
                    <td class="number">{order.pieces}</td>
                    <td class="number">{money(order.total_cents)}</td>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        </div>
      </Show>
    </section>
  );
}

function Users(props: { readonly users: readonly User[] }) {
  return (
    <section class="sheet" aria-labelledby="users-title">
      <h2 id="users-title">Customers with an account</h2>
      <Show when={props.users.length > 0} fallback={<p class="quiet">None yet.</p>}>
        <div class="table">
          <table>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Since</th>
                <th scope="col">Customer</th>
                <th scope="col">Likes</th>
              </tr>
            </thead>
            <tbody>
              <For each={props.users}>
                {(user) => (
                  <tr>
                    {/* Others may see a replay of this page, who may not see names. */}
                    <td data-observer-mask>{user.name}</td>
                    <td>{AT.format(new Date(user.since))}</td>
                    <td>
                      <code>{user.user_id}</code>
                    </td>
                    <td>{user.taste.toLowerCase()}</td>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        </div>
      </Show>
    </section>
  );
}
