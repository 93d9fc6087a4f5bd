/** When sessions are recorded. */
export type ReplayMode =
  /** Never, unless `sessionReplay.start()` is called. The recorder is not even loaded. */
  | "off"
  /** From the first moment. */
  | "always"
  /** Kept in memory, and sent from at least 30 s before the first error on. */
  | "on-error";

export interface ReplayOptions {
  readonly mode: ReplayMode;
  /** Masks every text, not only what is typed. Default false. */
  readonly maskAllText?: boolean;
}

/** Options of {@link createObserver}; the drop-in script reads them as `data-*` attributes. */
export interface ObserverOptions {
  /** Base address of the server, `https://host/api/observer` or a path. Default `/api/observer`; the script's own folder. */
  readonly endpoint?: string;
  /** Name of this front end, `[A-Za-z0-9._-]{1,64}`. Default: the server's own name. */
  readonly service?: string;
  /** The public write key, when the server has one. */
  readonly key?: string;
  /** `production`, `staging`, …, `[A-Za-z0-9._-]{1,64}`. Default: the server's own. */
  readonly environment?: string;
  /** What was deployed, `1.4.0` or a commit. Default none. */
  readonly release?: string;
  /** Default `off`. */
  readonly replay?: ReplayMode | ReplayOptions;
  /** False: only `pageView()` makes page views. Default true. */
  readonly pageViews?: boolean;
  /** False: uncaught errors and unhandled rejections are not reported. Default true. */
  readonly errors?: boolean;
}

/** The options with every default filled in. */
export interface Settings {
  readonly endpoint: string;
  readonly service: string | undefined;
  readonly key: string | undefined;
  readonly environment: string | undefined;
  readonly release: string | undefined;
  readonly replay: Required<ReplayOptions>;
  readonly pageViews: boolean;
  readonly errors: boolean;
}

export function settingsOf(options: ObserverOptions): Settings {
  const { replay = "off" } = options;
  const { mode, maskAllText = false }: ReplayOptions =
    typeof replay === "string" ? { mode: replay } : replay;
  return {
    endpoint: (options.endpoint ?? "/api/observer").replace(/\/+$/, ""),
    service: options.service,
    key: options.key,
    environment: options.environment,
    release: options.release,
    replay: { mode, maskAllText },
    pageViews: options.pageViews ?? true,
    errors: options.errors ?? true,
  };
}
