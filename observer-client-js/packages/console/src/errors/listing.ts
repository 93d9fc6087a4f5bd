import { createContext, useContext } from "solid-js";
import type { ErrorRecord } from "../api/records";
import type { Listing } from "../ui/load";

/** The list of errors, which stays while one of them is read: for the way back, and for next and previous. */
export const ErrorListing = createContext<Listing<ErrorRecord>>();

export function useErrorListing(): Listing<ErrorRecord> {
  const listing = useContext(ErrorListing);
  if (listing === undefined) throw new Error("used outside of the errors page");
  return listing;
}
