import { duration } from "../format";
import { ApiError, type Refusal } from "./client";

/** A refusal as a sentence for the person at the screen. */
export function inWords(refusal: Refusal): string {
  switch (refusal.kind) {
    case "unauthorised":
      return "You are not logged in, or your login has expired.";
    case "not_found":
      return "There is no such thing on this server. It may have passed its retention time.";
    case "busy":
      return `${refusal.status === 429 ? "Too many requests" : "The server cannot answer right now"}${
        refusal.detail === undefined ? "" : `: ${sentence(refusal.detail)}`
      }. ${refusal.retryAfterSeconds === undefined ? "Try again in a moment." : `Try again in ${duration(refusal.retryAfterSeconds * 1000)}.`}`;
    case "refused":
      return `The server refused the request (${refusal.status})${refusal.detail === undefined ? "" : `: ${sentence(refusal.detail)}`}.`;
    case "unreachable":
      return "The server does not answer. Check that it is running and that you are connected.";
    case "unreadable":
      return "The server answered in a form this console does not understand. Are the two of the same version?";
    default:
      return refusal satisfies never;
  }
}

/** What a caught value says about a request; anything that is no {@link ApiError} is a fault of ours. */
export function refusalOfCaught(caught: unknown): Refusal {
  if (caught instanceof ApiError) return caught.refusal;
  console.error(caught);
  return { kind: "unreadable" };
}

function sentence(detail: string): string {
  return detail.replace(/\.\s*$/, "");
}
