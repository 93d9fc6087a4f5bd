import { type Accessor, createContext, useContext } from "solid-js";
import type { Api } from "../api/client";
import type { Service } from "../api/services";
import type { Auth } from "../auth";

export const ConsoleContext = createContext<Auth>();

export function useAuth(): Auth {
  const auth = useContext(ConsoleContext);
  if (auth === undefined) throw new Error("used outside of the console");
  return auth;
}

/** The services that the server knows; none until it has said so. */
export const ServicesContext = createContext<Accessor<readonly Service[]>>(() => []);

export function useServices(): Accessor<readonly Service[]> {
  return useContext(ServicesContext);
}

export function useApi(): Api {
  return useAuth().api;
}
