import { createServer, type IncomingMessage } from "node:http";
import { gzipSync } from "node:zlib";
import { afterEach } from "vitest";

/** What a server answers: a status (default 200), headers, and JSON or text. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
  /** Sent gzipped, as stored replay batches are. */
  readonly gzip?: boolean;
}

export interface Request {
  readonly method: string;
  /** Path and query without the base. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface TestServer {
  readonly base: string;
  readonly requests: Request[];
  stop(): Promise<void>;
}

const running: TestServer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

/** A real server on a free port of the loopback; it ends with the test. */
export async function serve(
  answer: (request: Request) => Answer | Promise<Answer>,
  path = "/api/observer",
): Promise<TestServer> {
  const requests: Request[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const request = {
      method: incoming.method ?? "",
      path: (incoming.url ?? "").slice(path.length),
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString("utf8"),
    };
    requests.push(request);
    const { status = 200, headers = {}, json, text, gzip = false } = await answer(request);
    const body = text ?? (json === undefined ? "" : JSON.stringify(json));
    outgoing.writeHead(status, {
      "Content-Type": "application/json",
      ...headers,
      ...(gzip ? { "Content-Encoding": "gzip" } : {}),
    });
    outgoing.end(gzip ? gzipSync(body) : body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const testServer = {
    base: `http://127.0.0.1:${address.port}${path}`,
    requests,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  running.push(testServer);
  return testServer;
}

/** A server with these errors and sessions behind the token `sesame`; the cookie is left to the browser tests. */
export function observer(
  errors: (path: string) => Answer,
  sessions: (path: string) => Answer = () => ({ json: { sessions: [], next_cursor: null } }),
  services: readonly unknown[] = [],
) {
  let inside = false;
  return serve(({ method, path, body }: Request): Answer => {
    if (path === "/console/login") {
      inside = body === '{"token":"sesame"}';
      return inside ? { status: 204 } : { status: 401, json: { status: 401 } };
    }
    if (path === "/console/logout" && method === "POST") inside = false;
    if (path === "/health") return { json: { status: "up", version: "0.1.0", services } };
    if (!inside) return { status: 401, json: { status: 401 } };
    return path.startsWith("/records") ? errors(path) : sessions(path);
  });
}
