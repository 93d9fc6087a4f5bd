import { createContext, useContext } from "solid-js";
import type { Api } from "../api/client";
import type { Auth } from "../auth";

export const ConsoleContext = createContext<Auth>();

export function useAuth(): Auth {
  const auth = useContext(ConsoleContext);
  if (auth === undefined) throw new Error("used outside of the console");
  return auth;
}

export function useApi(): Api {
  return useAuth().api;
}
