/** What all exporters have in common: which rules they are given, and how differences are told. */

import assert from "node:assert/strict";
import {
  differenceProblems,
  type Engine,
  ENGINES,
  exportFor,
  type Source,
} from "../../src/fleet/mod.ts";
import { liveRules } from "../../src/fleet/engine.ts";
import type { Policy } from "../../src/policy/mod.ts";
import { policyFrom, policyWithLists } from "../support/policies.ts";

const NOW = Date.UTC(2026, 0, 1);

function sourceOf(policy: Policy): Source {
  return { policy, file: "policy.toml", now: NOW, changed: 0 };
}

/** One that writes the names of the rules, and cannot do wildcards or stale answers. */
const ENGINE: Engine = {
  title: "Engine",
  comment: "#",
  notes: () => ["A note.", ""],
  *write(source, differences) {
    for (const rule of liveRules(source)) {
      if (rule.pattern.reach !== "exact") {
        differences.addRule(rule, "a wildcard", "it is left out");
      }
      yield `${rule.name}\n`;
    }
    if (source.policy.cache.stale > 0) {
      differences.addSetting(["cache", "stale"], "stale answers", "there are none");
    }
  },
};

const FRESH = '[cache]\nstale = "0s"\n';

function textOf(policy: Policy): string {
  return exportFor(ENGINE, "engine", sourceOf(policy)).pieces.join("");
}

Deno.test("an export begins with what made it and the engine's notes, and is the same each time", () => {
  const policy = policyFrom(`allow = ["a.example"]\n${FRESH}`);
  const text =
    "# Written by fw-dns export --to engine from policy.toml: change that, not this file.\n" +
    "#\n# A note.\n#\n\na.example\n";
  assert.equal(textOf(policy), text);
  assert.equal(textOf(policy), text);
});

Deno.test("what a policy's file is called stays in the comment, for every engine", async () => {
  const policy = policyFrom(`allow = ["a.example"]\n${FRESH}`);
  const file = "p\nINJECTED = 1\r]]\u2028.toml";
  for (const [target, load] of Object.entries(ENGINES)) {
    const engine = await load();
    const text = exportFor(engine, target, { ...sourceOf(policy), file }).pieces.join("");
    assert.ok(
      text.startsWith(
        `${engine.comment} Written by fw-dns export --to ${target} from ` +
          "p?INJECTED = 1?]]?.toml: change that, not this file.\n",
      ),
      text.slice(0, 200),
    );
  }
});

Deno.test("rules of files follow those that were written, and what has expired is left out", () => {
  const policy = policyWithLists(
    `allow_files = ["x.txt"]\nallow = ["b.example"]\n${FRESH}[[rule]]\nname = "old.example"\n` +
      "expires = 2025-01-01T00:00:00Z\n",
    "a.example\nC.example\n",
  );
  assert.match(textOf(policy), /\n\nb\.example\na\.example\nc\.example\n$/);
});

Deno.test("what the engine cannot do stands in the head, summed up, the first rules by name", () => {
  const names = Array.from({ length: 7 }, (_, i) => `"*.n${i}.example"`);
  const text = textOf(policyFrom(`allow = [${names}]\n`));
  assert.match(
    text,
    /\n# - a wildcard: it is left out \(\*\.n0\.example, [^]*, \*\.n4\.example[\s#]+and[\s#]+2[\s#]+more\)\n# - stale answers: there are none\n/,
  );
});

Deno.test("as problems they name each place, and count what they leave out", () => {
  const names = Array.from({ length: 7 }, (_, i) => `"*.n${i}.example"`);
  const policy = policyFrom(`allow = [${names}]\n`);
  const { differences: { all } } = exportFor(ENGINE, "engine", sourceOf(policy));
  const problems = all.flatMap((one) => differenceProblems(policy, "Engine", one));
  assert.equal(problems.length, 6);
  assert.deepEqual(problems[4], {
    path: ["allow", 4],
    message:
      '"*.n4.example": Engine has nothing for a wildcard: with --approximate, it is left out (so do 2 more rules)',
  });
  assert.deepEqual(problems[5], {
    path: ["cache", "stale"],
    message: "Engine has nothing for stale answers: with --approximate, there are none",
  });
});

Deno.test("no engine learns names: that is told, as long as the policy does", () => {
  const learn = (until: string): string =>
    `allow = ["a.example"]\n${FRESH}[learn]\nuntil = ${until}\n`;
  assert.match(
    textOf(policyFrom(learn("2026-06-01T00:00:00Z"))),
    /\n# - names that are learned: they are unlisted as ever\n/,
  );
  assert.doesNotMatch(textOf(policyFrom(learn("2025-06-01T00:00:00Z"))), /learned/);
});
