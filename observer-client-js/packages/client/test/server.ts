/**
 * A server that acts like the real one as far as a page can tell: keeps what it acknowledged, and
 * fails as it is told.
 */
export interface Received {
  /** As it was asked for. */
  readonly url: string;
  readonly path: string;
  readonly key: string | null;
  readonly keepalive: boolean;
  readonly gzip: boolean;
  /** Of the body, as sent. */
  readonly bytes: number;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever arrived
  readonly json: any;
}

export interface TestServer {
  readonly fetch: typeof fetch;
  /** Every request, also those that failed. */
  readonly received: Received[];
  /** What the next requests are answered with, in order; afterwards all is accepted. `hang` never answers. */
  answer(...answers: (Response | "network error" | "hang")[]): void;
  /** What a body is answered with whenever there is nothing else to answer; undefined: it is accepted. */
  refuse(judge: (text: string) => Response | undefined): void;
  /** What was acknowledged at `errors`, `events` or `replay-events`, in order. */
  items(path: string): unknown[];
}

export function startServer(): TestServer {
  const received: Received[] = [];
  const acknowledged: Received[] = [];
  const answers: (Response | "network error" | "hang")[] = [];
  let judge: (text: string) => Response | undefined = () => undefined;
  return {
    received,
    refuse(next) {
      judge = next;
    },
    answer: (...next) => answers.push(...next),
    items: (path) =>
      acknowledged
        .filter((one) => one.path.endsWith(`/${path}`))
        .flatMap((one) => one.json.errors ?? one.json.events),
    fetch: async (input, init = {}) => {
      const url = new URL(String(input), "http://shop.example");
      const body = new Uint8Array(await new Response(init.body).arrayBuffer());
      const gzip = body[0] === 0x1f && body[1] === 0x8b;
      const text = gzip ? await inflate(body) : new TextDecoder().decode(body);
      const request: Received = {
        url: String(input),
        path: url.pathname,
        key: url.searchParams.get("key"),
        keepalive: init.keepalive ?? false,
        gzip,
        bytes: body.length,
        text,
        json: JSON.parse(text),
      };
      received.push(request);
      const answer = answers.shift() ?? judge(text);
      if (answer === "network error") throw new TypeError("Failed to fetch");
      if (answer === "hang") {
        return new Promise((_, reject) => {
          init.signal?.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
        });
      }
      if (answer !== undefined) return answer;
      acknowledged.push(request);
      const replay = request.json.recording_id !== undefined;
      return accepted(replay ? 1 : (request.json.errors ?? request.json.events).length);
    },
  };
}

export function accepted(items: number, rejected: readonly unknown[] = []): Response {
  return Response.json({ accepted: items, rejected }, { status: 202 });
}

export function problem(status: number, headers: Record<string, string> = {}): Response {
  return Response.json({ type: "about:blank", title: "Problem", status }, { status, headers });
}

async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  // Not through Blob: jsdom's cannot stream.
  const packed = new Response(bytes).body;
  if (packed === null) throw new Error("no body");
  return new Response(packed.pipeThrough(new DecompressionStream("gzip"))).text();
}
