import { ObserverErrorBoundary, useObserver } from "@observer/client/solid";
import { createSignal, For, type JSX, Show } from "solid-js";
import { ApiError, restock } from "../shop/api";
import { useTitle } from "../shop/context";

export function BrokenPage() {
  useTitle(() => "Things that break");
  return (
    <section aria-labelledby="broken-title">
      <div class="section-head">
        <h1 id="broken-title">Things that break</h1>
        <p class="lead">
          Pottery does, and so does software. Each button breaks something for real; the{" "}
          <a href="/api/observer/console/" rel="external">
            console
          </a>{" "}
          shows what, where, and what you did before, as a replay from a while before the first
          error.
        </p>
        <Recording />
      </div>
      <div class="breakables">
        <Handler />
        <Rejection />
        <Rendering />
        <Answer />
      </div>
    </section>
  );
}

/** Without an error nothing of a visit is sent as a replay, unless somebody asks for it. */
function Recording() {
  const observer = useObserver();
  const [started, setStarted] = createSignal(false);
  return (
    <p class="recording">
      <button
        type="button"
        class="button button-small"
        disabled={started()}
        onClick={() => {
          observer.sessionReplay.start();
          setStarted(true);
        }}
      >
        {started() ? "This visit is recorded" : "Record this visit from now on"}
      </button>
    </p>
  );
}

function Breakable(props: {
  readonly title: string;
  readonly kind: string;
  readonly words: string;
  readonly button: string;
  readonly onBreak: () => void;
  readonly said?: string | undefined;
  readonly children?: JSX.Element;
}) {
  return (
    <article class="breakable">
      <p class="kind">{props.kind}</p>
      <h2>{props.title}</h2>
      <p>{props.words}</p>
      <button type="button" class="button" onClick={() => props.onBreak()}>
        {props.button}
      </button>
      <p class="said" role="status">
        {props.said}
      </p>
      {props.children}
    </article>
  );
}

interface Basket {
  readonly vouchers: readonly { readonly percent: number }[];
}

function Handler() {
  const [said, setSaid] = createSignal<string>();

  function applyVoucher() {
    setSaid("The handler threw, and the page lives on.");
    // What an older version of the shop may have left behind.
    const basket: Basket = JSON.parse('{"lines": []}');
    const percent = basket.vouchers.map((voucher) => voucher.percent);
    setSaid(`${percent.length} vouchers`);
  }

  return (
    <Breakable
      title="Apply a voucher"
      kind="onerror"
      words="The click handler reads a list that is not there. Nobody catches the TypeError."
      button="Apply voucher"
      onBreak={applyVoucher}
      said={said()}
    />
  );
}

async function reserveKiln(week: number): Promise<string> {
  const cause = new RangeError(`week ${week} has no free slot`);
  throw new Error("The kiln is booked out", { cause });
}

function Rejection() {
  const [said, setSaid] = createSignal<string>();
  return (
    <Breakable
      title="Reserve the kiln"
      kind="unhandledrejection"
      words="A promise is rejected, with a cause, and nobody awaits it."
      button="Reserve"
      onBreak={() => {
        setSaid("The promise was rejected, unheard.");
        void reserveKiln(14);
      }}
      said={said()}
    />
  );
}

interface Review {
  readonly stars: number;
  readonly author?: { readonly name: string };
}

const REVIEWS: readonly Review[] = [
  { stars: 5, author: { name: "Mila" } },
  { stars: 4, author: { name: "Jon" } },
  { stars: 5 },
];

function Reviews() {
  return <ul>{<For each={REVIEWS}>{(review) => <li>{signature(review)}</li>}</For>}</ul>;
}

function signature({ author, stars }: Review): string {
  if (author === undefined) throw new Error("A review has no author");
  return `${author.name}: ${stars} of 5`;
}

function Rendering() {
  const [open, setOpen] = createSignal(false);
  return (
    <Breakable
      title="Read the reviews"
      kind="error_boundary"
      words="A component throws while it renders. Its boundary reports it and shows something else."
      button="Show reviews"
      onBreak={() => setOpen(true)}
    >
      <Show when={open()}>
        <ObserverErrorBoundary
          name="Reviews"
          fallback={(error, reset) => (
            <div class="broken-part" role="alert">
              <p>
                The reviews broke: <em>{error instanceof Error ? error.message : String(error)}</em>
              </p>
              <button
                type="button"
                class="button button-small"
                onClick={() => {
                  setOpen(false);
                  reset();
                }}
              >
                Put it aside
              </button>
            </div>
          )}
        >
          <Reviews />
        </ObserverErrorBoundary>
      </Show>
    </Breakable>
  );
}

function Answer() {
  const observer = useObserver();
  const [said, setSaid] = createSignal<string>();

  async function askForMore() {
    try {
      await restock("ember-teapot");
    } catch (error) {
      observer.captureException(error, {
        properties: { during: "restock" },
        // The same in the back end's error, its log and its metrics.
        ...(error instanceof ApiError && error.traceId ? { traceId: error.traceId } : {}),
      });
      setSaid("The back end answered 500; the shop caught and reported it.");
    }
  }

  return (
    <Breakable
      title="Restock"
      kind="captureException"
      words="A procedure of the back end fails. It reports that itself; the shop deals with it, and reports its own side by hand."
      button="Restock"
      onBreak={() => void askForMore()}
      said={said()}
    />
  );
}
