import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** Where this machine's Chromium is, if it has one. */
export const chromium = (process.env.PATH ?? "")
  .split(delimiter)
  .flatMap((folder) =>
    ["chromium", "chromium-browser", "google-chrome"].map((name) => join(folder, name)),
  )
  .find((file) => existsSync(file));

/** Opens `url`, lets `milliseconds` of the page's time pass, and gives the document as it is then. */
export async function documentOf(url: string, milliseconds: number): Promise<string> {
  if (chromium === undefined)
    throw new Error("Chromium is missing; install it, for example with: apt-get install chromium");
  const profile = mkdtempSync(join(tmpdir(), "observer-console-"));
  const options = [
    ...[
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
    ],
    ...["--disable-component-update", "--disable-sync", `--user-data-dir=${profile}`],
    ...[`--virtual-time-budget=${milliseconds}`, "--dump-dom", url],
  ];
  try {
    return await new Promise((resolve, reject) => {
      execFile(chromium ?? "", options, { timeout: 60_000, maxBuffer: 2 ** 24 }, (error, stdout) =>
        error === null ? resolve(stdout) : reject(error),
      );
    });
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
