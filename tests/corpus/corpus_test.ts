/** Every past bug, and every shape that is worth an input of its own: what becomes of it. */

import assert from "node:assert/strict";
import { Answers } from "../../scripts/fuzz/answers.ts";
import { type Entry, formatEntry, parseEntry, readCorpus } from "../../scripts/fuzz/corpus.ts";
import { Packets } from "../../scripts/fuzz/packets.ts";
import { Policies } from "../../scripts/fuzz/policies.ts";
import { Streams } from "../../scripts/fuzz/streams.ts";
import type { Kind, Target } from "../../scripts/fuzz/target.ts";

const TARGETS: Readonly<Record<Kind, Target>> = {
  packet: new Packets("drop"),
  stream: new Streams("drop"),
  answer: new Answers(),
  policy: new Policies(),
};

const corpus = await readCorpus();

for (const [kind, target] of Object.entries(TARGETS)) {
  Deno.test(`the corpus holds what it says becomes of each ${kind}`, async (t) => {
    const entries = corpus.filter((entry) => entry.kind === kind);
    assert.ok(entries.length > 0, "nothing of this kind");
    for (const { name, what, expect, input } of entries) {
      await t.step(`${name}: ${what}`, async () => {
        target.renew();
        const [outcome] = await target.tryAll([input]);
        assert.equal(outcome!.problem, undefined);
        assert.equal(outcome!.word, expect);
      });
    }
    target.renew();
  });
}

Deno.test("a file of the corpus can be written and read again", () => {
  for (const entry of corpus) {
    const { name, ...rest } = parseEntry(entry.name, formatEntry(entry));
    assert.deepEqual({ name, ...rest }, { ...entry } satisfies Entry);
  }
});
