import { isObject, type JsonObject, list, text } from "./decode";

/** What is observed, and where it runs. */
export interface Service {
  readonly serviceName: string;
  readonly environment: string;
}

/** The services that the server tells of in its health, in its order. */
export function readServices(health: JsonObject): readonly Service[] {
  return list(health.services).flatMap((json) => {
    if (!isObject(json)) return [];
    const serviceName = text(json.service_name);
    const environment = text(json.environment);
    return serviceName === undefined || environment === undefined
      ? []
      : [{ serviceName, environment }];
  });
}
