import assert from "node:assert/strict";
import type { QueryEvent } from "../../src/observe/event.ts";
import { suggest } from "../../src/status/suggest.ts";
import { policyFrom } from "../support/policies.ts";

function suggested(query: Partial<QueryEvent>): string | undefined {
  const suggestion = suggest({
    client: "127.0.0.1",
    name: "a.example",
    type: "A",
    verdict: "drop",
    reason: "unlisted",
    ...query,
  });
  return suggestion === undefined
    ? undefined
    : suggestion.kind === "rule"
    ? suggestion.toml
    : suggestion.text;
}

Deno.test("an unlisted name gets an exact rule, which a policy can be", () => {
  const pair = '[[rule]]\nname = "a.example"\ntypes = ["A", "AAAA"]\n';
  assert.equal(suggested({}), pair);
  assert.equal(suggested({ type: "AAAA", verdict: "nxdomain" }), pair);
  assert.equal(suggested({ reason: "budget" }), pair);
  assert.match(suggested({ type: "HTTPS" })!, /^types = \["A", "AAAA", "HTTPS"\]$/m);
  const txt = suggested({ type: "TXT", name: "_dmarc.a.example" })!;
  assert.equal(txt, '[[rule]]\nname = "_dmarc.a.example"\ntypes = ["TXT"]\n');
  for (const toml of [pair, txt, suggested({ type: "TYPE65280" })!]) {
    assert.equal(policyFrom(toml).rules.size, 1);
  }
});

Deno.test("what was let through, and what no rule could change, gets none", () => {
  for (
    const query of [
      { verdict: "forward", reason: "listed" },
      { verdict: "serve", reason: "listed" },
      { verdict: "servfail", reason: "upstream" },
      { verdict: "servfail", reason: "overload" },
      { reason: "malformed", name: undefined, type: undefined },
      { type: "ANY" },
      { type: "ANY", verdict: "nodata", reason: "type" },
      { type: undefined },
    ] as const
  ) assert.equal(suggested(query), undefined, JSON.stringify(query));
});

Deno.test("a name that no rule can have is told as such, and never put into TOML", () => {
  for (const name of ["\\060script\\062.example", 'a"\n.example', "a b.example", "A.example"]) {
    assert.match(suggested({ name })!, /^No rule can allow it/);
  }
});

Deno.test("where a rule is there already, it is said what of it stands in the way", () => {
  assert.equal(
    suggested({ verdict: "nodata", reason: "type", type: "HTTPS", rule: "a.example" }),
    'Add "HTTPS" to the types of the rule a.example.',
  );
  assert.match(suggested({ reason: "expired", rule: "a.example" })!, /give a\.example a later/);
  assert.match(suggested({ reason: "client", client: "10.0.0.9" })!, /^10\.0\.0\.9 may not ask/);
  assert.match(
    suggested({ verdict: "nodata", reason: "filtered", rule: "*.example" })!,
    /\*\.example/,
  );
});
