/** `node scripts/javadoc.mjs`, after `mvn -Prelease package`: the Javadoc of the jars, beside the pages. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { root } from "./pages.mjs";

for (const module of ["core", "server"]) {
  cpSync(
    join(root, `observer-${module}/target/reports/apidocs`),
    join(root, `docs/target/site/api/${module}`),
    { recursive: true },
  );
}
