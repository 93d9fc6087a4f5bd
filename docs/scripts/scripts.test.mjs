import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { anchorsOf, wrongLinks } from "./links.mjs";
import { slug } from "./pages.mjs";
import { region, renew } from "./snippets.mjs";

const JAVA = `class A {
  // #region start
  void a() {
    // #region inner
    b();
    // #endregion inner
  }
  // #endregion start
  // #region start-late
  c();
  // #endregion start-late
}`;

test("a region is its lines, outdented, without the marks of others", () => {
  assert.equal(region(JAVA, "start"), "void a() {\n  b();\n}\n");
  assert.equal(region(JAVA, "start-late"), "c();\n");
  assert.throws(() => region(JAVA, "end"), /no region end/);
});

test("renewing a page changes what is stale, and only that", () => {
  const page = (code) =>
    `# A\n\n<!-- snippet ../A.java#inner,start-late -->\n\`\`\`java\n${code}\`\`\`\n\n\`\`\`java\nfree();\n\`\`\`\n`;
  const fresh = renew(page("old();\n"), () => JAVA);
  assert.equal(fresh, page("b();\n\nc();\n"));
  assert.equal(
    renew(fresh, () => JAVA),
    fresh,
  );
});

test("anchors are those of GitHub", () => {
  assert.equal(slug("What's `lost`, and how"), "whats-lost-and-how");
  assert.deepEqual(
    [...anchorsOf("# A b\n## A b\n```\n# no\n```\n## [C](x.md) & d")],
    ["a-b", "a-b-1", "c--d"],
  );
});

test("a link to what is not there is found, also by its anchor", () => {
  const folder = mkdtempSync(join(tmpdir(), "links"));
  writeFileSync(join(folder, "b.md"), "## There\n");
  const a = join(folder, "a.md");
  writeFileSync(
    a,
    '[1](b.md) [2](b.md#there) [3](c.md) [4](b.md#here) `[5](d.md)` [6](#no) <img src="./e.png"> [7](/b)\n',
  );
  assert.deepEqual(wrongLinks(a, folder), [
    "c.md leads nowhere",
    "b.md#here has no such heading",
    "#no has no such heading",
    "./e.png leads nowhere",
  ]);
});
