import assert from "node:assert/strict";
import { POLICIES, policyText, readPolicy } from "../../scripts/peers/policies.ts";
import { labelsOf, type Question } from "../../scripts/peers/question.ts";
import { questionsFor, sampleRules } from "../../scripts/peers/questions.ts";
import { type Class, explain } from "../../scripts/peers/reasons.ts";
import { PEERS } from "../../scripts/peers/servers/mod.ts";

const { test } = Deno;

const NOW = Date.parse("2026-06-01T00:00:00Z");
const TITLES = PEERS.map(({ server }) => server.title);

const QUESTIONS: readonly Question[] = POLICIES.filter(({ id }) => id === "exact" || id === "rich")
  .flatMap((one) => {
    const text = policyText(one, { listen: "127.0.0.1:5301", upstream: "127.0.0.53:53" });
    return questionsFor(sampleRules(readPolicy(text, ""), NOW, 1), false, []);
  });

/** Which servers have an excuse for it, of which their exporters say nothing. */
function excused(one: Class): string[] {
  return TITLES.filter((title) => explain(title, one, []) !== undefined);
}

function laxer({ edge, kind, marks, type }: Question): Class {
  return { edge, kind, marks, type, standing: "laxer", ours: "nothing", theirs: "answer" };
}

test("there is no excuse for an answer of an address to a name that is not listed", () => {
  for (const one of QUESTIONS) {
    if (one.type !== 1 && one.type !== 28) continue;
    // 127.in-addr.arpa is in the zone, with all below it: what it holds is this host's own name.
    if (one.name?.endsWith("127.in-addr.arpa")) continue;
    if (one.kind === "deny") assert.deepEqual(excused(laxer(one)), [], one.text);
    if (one.kind === "malformed" && !one.marks.includes("allowed")) {
      assert.deepEqual(excused(laxer(one)), [], one.text);
    }
  }
});

test("there is no excuse for a question upstream, but for the root with BIND", () => {
  for (const { edge, kind, marks, type, name, text } of QUESTIONS) {
    const excuses = name === "." ? ["BIND (RPZ)"] : [];
    assert.deepEqual(excused({ edge, kind, marks, type }), excuses, text);
  }
});

test("a packet of an odd shape is known to be a listed name's, or another's", () => {
  const shapes = QUESTIONS.filter(({ kind, edge }) =>
    kind === "malformed" && edge === "bytes after the end"
  );
  const allowed = shapes.filter(({ marks }) => marks.includes("allowed"));
  assert.deepEqual(
    [...new Set(shapes.filter((one) => !allowed.includes(one)).map(({ name }) => name))],
    ["hidden.evil.example"],
  );
  assert.deepEqual([...new Set(allowed.map(({ name }) => labelsOf(name!).length))].sort(), [2, 3]);
});

test("silence in the place of an answer is not excused", () => {
  const one = QUESTIONS.find(({ edge, kind }) => edge === "an exact name" && kind === "allow")!;
  assert.deepEqual(
    excused({ ...laxer(one), standing: "stricter", ours: "answer", theirs: "nothing" }),
    [],
  );
});
