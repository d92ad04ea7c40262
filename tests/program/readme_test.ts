/** The README's examples, run as they stand there. */

import assert from "node:assert/strict";
import { parsePolicy } from "../../src/policy/mod.ts";
import { fromSource, ROOT, runToEnd, writePolicy } from "../support/program.ts";

const README = Deno.readTextFileSync(`${ROOT}/README.md`);

const README_POLICY = /```toml\n([\s\S]*?)```/.exec(README)![1]!.replace(/^ {3}/gm, "");

Deno.test("the verbs in the README print what it says", async () => {
  const examples = [...README.matchAll(/^ *\$ deno task fw-dns (.*)\n((?: +\S.*\n)+)/gm)];
  assert.equal(examples.length, 2);
  for (const [, words, shown] of examples) {
    using place = writePolicy(README_POLICY);
    Deno.renameSync(place.file, `${place.folder}/my-policy.toml`);
    const launch = { ...fromSource(["--no-prompt", "--allow-read"]), folder: place.folder };
    const { out } = await runToEnd(launch, ...words!.split(" "));
    assert.equal(shown!.replace(/^ +/gm, ""), out);
  }
});

Deno.test("the policy in the README is good", () => {
  const policy = parsePolicy(new TextEncoder().encode(README_POLICY), "README.md");
  assert.equal(policy.rules.rules.length, 2);
});

Deno.test("every file that the documents point to is there", () => {
  const documents = [
    "README.md",
    "CONTRIBUTING.md",
    "docs/decisions/README.md",
    "docs/decisions/drop-by-default.md",
    "docs/guides/agent-sandbox.md",
    "docs/guides/doctor.md",
    "docs/guides/gateway.md",
    "docs/guides/single-server.md",
  ];
  for (const document of documents) {
    const text = Deno.readTextFileSync(`${ROOT}/${document}`);
    for (const [, target] of text.matchAll(/\]\(([^)#:]+)\)/g)) {
      const place = new URL(target!, `file://${ROOT}/${document}`);
      assert.ok(Deno.statSync(place), `${document} points to ${target}`);
    }
  }
});
