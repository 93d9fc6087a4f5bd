/**
 * `node errors-only.mjs PROGRAM ARGUMENTS…` runs a program of `node_modules/.bin`. What it says on stderr comes there if it
 * fails, and on stdout if it does not: Maven shows each line of stderr as an error, and some say there that all is well.
 */
import { spawnSync } from "node:child_process";

const [program, ...args] = process.argv.slice(2);
const { status, stderr, error } = spawnSync(program, args, {
  stdio: ["inherit", "inherit", "pipe"],
  maxBuffer: 64 * 2 ** 20,
  // There a program of npm's is a script.
  shell: process.platform === "win32",
});
if (error) throw error;
(status === 0 ? process.stdout : process.stderr).write(stderr);
process.exitCode = status ?? 1;
