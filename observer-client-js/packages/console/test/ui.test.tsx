import { cleanup, fireEvent, render, screen } from "@solidjs/testing-library";
import { createSignal } from "solid-js";
import { afterEach, expect, test } from "vitest";
import { CopyButton } from "../src/ui/copy";
import type { Listing } from "../src/ui/load";
import { Older } from "../src/ui/older";
import { Waiting } from "../src/ui/states";

afterEach(cleanup);

test("the button for older items keeps the focus while they are loaded", () => {
  const [older, setOlder] = createSignal<"idle" | "loading">("idle");
  const listing: Listing<string> = {
    items: () => ["1"],
    first: () => ({ state: "ready", value: true }),
    older,
    unread: () => 0,
    loadOlder: () => setOlder("loading"),
    reload: () => {},
  };
  render(() => <Older listing={listing} noun="error" />);
  const button = screen.getByRole<HTMLButtonElement>("button");
  fireEvent.click(button);
  expect(button.textContent).toBe("Loading …");
  expect(button.getAttribute("aria-disabled")).toBe("true");
  expect(button.disabled).toBe(false);
});

test("how far a load is, is seen and not said", () => {
  render(() => <Waiting what="Loading the replay" progress=", 3 of 40" />);
  const status = screen.getByRole("status");
  expect(status.textContent).toBe("Loading the replay, 3 of 40 …");
  for (const silent of status.querySelectorAll("[aria-hidden=true]")) silent.remove();
  expect(status.textContent).toBe("Loading the replay …");
});

test("what became of a copy is said beside the button", async () => {
  render(() => <CopyButton text="x" what="stack trace" />);
  const status = screen.getByRole("status");
  expect(status.closest("button")).toBeNull();
  expect(status.textContent).toBe("");
  fireEvent.click(screen.getByRole("button", { name: "Copy stack trace" }));
  // jsdom has no clipboard.
  await screen.findByText("Not allowed here", { selector: "[role=status]" });
});
