/**
 * `node use-system-node.cjs <folder> <least major version>`
 *
 * Lets frontend-maven-plugin use the Node that runs this script: puts links to it and to its npm
 * where the plugin looks for the ones it would download. Exit status 0: done. 1: this Node is too
 * old or comes without npm, so that the build downloads its own.
 */
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const [folder, least] = process.argv.slice(2);
const major = Number(process.versions.node.split(".")[0]);
if (major < Number(least)) {
  console.log(`Node ${process.versions.node} is older than ${least}`);
  process.exit(1);
}

/** npm's folder: asked of npm, because every system keeps it elsewhere. */
function findNpm() {
  const shell = process.platform === "win32";
  const root = execFileSync("npm", ["root", "--global"], { encoding: "utf8", shell }).trim();
  const nextToNode = path.join(path.dirname(process.execPath), "node_modules");
  const candidates = [
    path.join(root, "npm"),
    path.join(nextToNode, "npm"),
    "/usr/share/nodejs/npm",
  ];
  return candidates.find((one) => fs.existsSync(path.join(one, "bin", "npm-cli.js")));
}

function link(target, at) {
  fs.rmSync(at, { recursive: true, force: true });
  fs.symlinkSync(target, at, fs.statSync(target).isDirectory() ? "junction" : "file");
}

let npm;
try {
  npm = findNpm();
} catch {
  // No npm on the path.
}
if (npm === undefined) {
  console.log("Node comes without npm");
  process.exit(1);
}
fs.mkdirSync(path.join(folder, "node_modules"), { recursive: true });
link(process.execPath, path.join(folder, process.platform === "win32" ? "node.exe" : "node"));
link(npm, path.join(folder, "node_modules", "npm"));
console.log(`Node ${process.versions.node} of this machine`);
