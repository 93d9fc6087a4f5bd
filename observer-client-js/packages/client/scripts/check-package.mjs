import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage as checkTypes, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

/** What is so on purpose: the package is ES modules alone, for bundlers, browsers and a Node that has `exports`. */
const INTENDED = new Set(["CJSResolvesToESM"]);

/** Packs the built package as npm would and throws when it, or its types, cannot be imported as it says. */
export async function checkPackage(root) {
  const { messages, pkg } = await publint({ pkgDir: root, level: "suggestion", strict: true });
  const found = messages.map((message) => `publint: ${formatMessage(message, pkg)}`);

  const folder = mkdtempSync(join(tmpdir(), "observer-client-"));
  try {
    const packed = execFileSync(
      "npm",
      ["pack", "--json", "--ignore-scripts", "--pack-destination", folder],
      { cwd: root, encoding: "utf8" },
    );
    const [{ filename }] = JSON.parse(packed);
    const tarball = createPackageFromTarballData(readFileSync(join(folder, filename)));
    const { types, problems = [] } = await checkTypes(tarball);
    if (!types) found.push("arethetypeswrong: the package has no types");
    for (const problem of problems) {
      // TypeScript before 4.7 knows no `exports`.
      if (problem.resolutionKind === "node10" || INTENDED.has(problem.kind)) continue;
      found.push(`arethetypeswrong: ${JSON.stringify(problem)}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (found.length > 0)
    throw new Error(`the package cannot be used as it says:\n${found.join("\n")}`);
}
