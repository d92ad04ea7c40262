/** `--resolved-only` for real: see `tests/support/resolved_only_room.ts` for the house that it is done in. */

import assert from "node:assert/strict";
import { formatAdmitUnit } from "../../src/host/mod.ts";
import { runInNamespaces } from "../../scripts/namespaces.ts";

Deno.test("only what was just resolved can be reached, by the helper's leave and nobody else's", async () => {
  const seen = await runInNamespaces(new URL("../support/resolved_only_room.ts", import.meta.url));
  assert.deepEqual(seen, {
    "without a ruleset": "open",
    "asked without a helper": "SERVFAIL",
    // None, and CAP_NET_ADMIN (bit 12).
    "capabilities": ["0", "1000"],
    "locked": ["closed", "closed"],
    "asked": "NOERROR 192.0.2.10",
    "after A": ["open", "closed", "closed"],
    "asked AAAA": "NOERROR 2001:db8::10",
    "after AAAA": "open",
    "an address that nobody resolved": "closed",
    "for TTL and stale": [true, true],
    "connects: the group": "connected",
    "connects: others": "PermissionDenied",
    "while being prolonged": "0 failed",
    "helper killed": ["SERVFAIL", "closed", "open"],
    "helper back": ["NOERROR 192.0.2.44", "open"],
    "nothing shortened": true,
    "ruleset gone": "NOERROR, SERVFAIL",
    "stopped with": [0, 0],
  });
});

Deno.test("the helper's unit is one that systemd accepts, and rates at 1.5 or better", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "fw-dns-unit-" });
  try {
    const file = `${folder}/fw-dns-admit.service`;
    // Its program is not installed here.
    const unit = formatAdmitUnit({ group: "fw-dns" }).replace("=/usr/local/bin/", "=/usr/bin/env ");
    Deno.writeTextFileSync(file, unit);
    assert.equal(await analyze("verify", file), "");
    const rated = await analyze("security", "--offline=yes", "--no-pager", file);
    const [, score] = /exposure level for .*: (\d+\.\d)/.exec(rated) ?? assert.fail(rated);
    assert.ok(Number(score) <= 1.5, rated);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

async function analyze(...args: string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command("systemd-analyze", { args }).output();
  return new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout);
}
