import assert from "node:assert/strict";
import { formatDocument } from "../../scripts/peers/document.ts";
import { findUnexplained } from "../../scripts/peers/lines.ts";
import { findLeaks, Groups, type Outcome } from "../../scripts/peers/outcome.ts";
import { listedNames, POLICIES, policyText, readPolicy } from "../../scripts/peers/policies.ts";
import { labelsOf, plainQuestion, type Question } from "../../scripts/peers/question.ts";
import { questionsFor, sampleRules } from "../../scripts/peers/questions.ts";
import { compareVerdicts, NOTHING, readVerdict, TRUNCATED } from "../../scripts/peers/verdict.ts";
import { query, record, responseTo } from "../support/packets.ts";

const { test } = Deno;

const NOW = Date.parse("2026-06-01T00:00:00Z");
const SOCKETS = { listen: "127.0.0.1:5301", upstream: "127.0.0.53:53" };

function policyOf(id: string) {
  const one = POLICIES.find((policy) => policy.id === id)!;
  return readPolicy(
    policyText(one, SOCKETS),
    listedNames({ ...one, listed: 101 * Math.sign(one.listed) }),
  );
}

function ask(id: string, isQuick = true): Question[] {
  return questionsFor(sampleRules(policyOf(id), NOW, 1), isQuick, []);
}

test("each policy of the suite is good, and asked about in thousands of questions", () => {
  for (const { id, listed } of POLICIES) {
    const questions = ask(id, false);
    assert.ok(questions.length > 2000, `${id}: ${questions.length}`);
    const kinds = new Set(questions.map(({ kind }) => kind));
    assert.deepEqual([...kinds].sort(), ["allow", "deny", "malformed", "special", "type"], id);
    assert.ok(listed === 0 || questions.some(({ edge }) => edge.includes("**.")), id);
  }
});

test("the same policy is asked the same questions each time", () => {
  assert.deepEqual(ask("rich"), ask("rich"));
});

test("an exact name is asked for with its children, parents, siblings and what only looks like it", () => {
  const names = new Set(ask("exact").map(({ name }) => name));
  for (
    const name of [
      ...["api.github.com", "sub.api.github.com", "a.sub.api.github.com", "github.com", "com"],
      ...["sibling.github.com", "xapi.github.com", "apix.github.com", "api.github.com.evil.test"],
      ...["api\\046github\\046com", "api\\000.github.com"],
    ]
  ) assert.ok(names.has(name), name);
});

test("questions are marked with what the rules that reach them turn on", () => {
  const marks = (name: string): readonly string[] =>
    plainQuestion(sampleRules(policyOf("rich"), NOW, 1), "", labelsOf(name), 1).marks;
  assert.deepEqual(marks("node1.pool.example"), ["labels"]);
  assert.deepEqual(marks("api.over.example"), ["overlap"]);
  assert.deepEqual(marks("ended.over.example"), ["expires", "overlap"]);
  assert.deepEqual(marks("inside.example"), ["private"]);
  assert.deepEqual(marks("within.example"), ["within"]);
  assert.deepEqual(marks("a.b.wild.example"), ["depth"]);
  assert.deepEqual(marks("sub.api.example"), ["below"]);
  assert.deepEqual(marks("deep.example"), ["base"]);
  assert.deepEqual(marks("a\u0020b.deep.example"), ["odd"]);
  assert.deepEqual(marks("secret.test"), ["reserved"]);
  assert.deepEqual(marks("evil.example"), []);
});

test("no question of the suite has an ID of its own", () => {
  for (const { packet, text } of ask("rich")) {
    assert.ok(packet.subarray(0, 2).every((byte) => byte === 0), text);
  }
});

const ASKED = query({ name: "api.example" });
const reply = (sections: Parameters<typeof responseTo>[2]) =>
  responseTo(ASKED, ASKED.length, sections);
const address = (last: number) => record([0xc0, 12], 1, 60, [192, 0, 2, last]);

test("a reply is read as what a client makes of it", () => {
  assert.deepEqual(readVerdict(reply({ answer: [address(2), address(1)] }), 1), {
    word: "answer",
    data: "c0000201 c0000202",
  });
  assert.deepEqual(readVerdict(reply({}), 1), { word: "NODATA" });
  const alias = record([0xc0, 12], 5, 60, [0]);
  assert.deepEqual(readVerdict(reply({ answer: [alias] }), 1), { word: "NODATA" });
  assert.deepEqual(readVerdict(reply({ rcode: 3 }), 1), { word: "NXDOMAIN" });
  assert.deepEqual(readVerdict(reply({ rcode: 5 }), 1), { word: "REFUSED" });
  assert.deepEqual(readVerdict(reply({ flags: 0x8380 }), 1), TRUNCATED);
  const badVersion = [0, 0, 41, 4, 208, 1, 0, 0, 0, 0, 0];
  assert.deepEqual(readVerdict(reply({ additional: [badVersion] }), 1), { word: "BADVERS" });
  assert.deepEqual(readVerdict(ASKED, 1), { word: "an unreadable reply" });
  assert.deepEqual(readVerdict(reply({ answer: [address(1)] }).slice(0, -1), 1), {
    word: "an unreadable reply",
  });
});

test("more data than fw-dns gives is laxer, less is stricter, and none is only said otherwise", () => {
  const one = { word: "answer", data: "01" };
  const two = { word: "answer", data: "01 02" };
  assert.equal(compareVerdicts(one, one), "same");
  assert.equal(compareVerdicts(one, two), "laxer");
  assert.equal(compareVerdicts(two, one), "stricter");
  assert.equal(compareVerdicts(one, NOTHING), "stricter");
  assert.equal(compareVerdicts(NOTHING, one), "laxer");
  assert.equal(compareVerdicts(one, { word: "answer", data: "02" }), "laxer");
  assert.equal(compareVerdicts(NOTHING, { word: "REFUSED" }), "otherwise");
});

test("what reached the upstream is a leak unless it is allowed, or was asked by the server itself", () => {
  const subject = sampleRules(policyOf("exact"), NOW, 1);
  const questions = ["api.github.com", "sub.api.github.com"].map((name) =>
    plainQuestion(subject, name, labelsOf(name), 1)
  );
  const arrivals = ["api.github.com", "sub.api.github.com", ".", "evil.example"]
    .map((name) => ({ name, type: 1 }));
  const { leaks, own } = findLeaks(arrivals, questions, ({ name }) => name === ".");
  assert.deepEqual(leaks.map(({ edge }) => edge), [
    "sub.api.github.com",
    "a name that was not asked for so",
  ]);
  assert.deepEqual(own, [". 1"]);
});

function outcomeWith(declared: Outcome["declared"]): Outcome {
  const subject = sampleRules(policyOf("exact"), NOW, 1);
  const groups = new Groups();
  const question = plainQuestion(
    subject,
    "one label below an exact name",
    labelsOf("sub.api.github.com"),
    1,
  );
  groups.add(question, "UDP", NOTHING, { word: "answer", data: "01" });
  return {
    ...{ peer: "A server", policy: "exact", asked: 2, same: 1, groups: groups.all },
    ...{ leaks: [], own: [], elsewhere: 0, declared },
  };
}

test("a difference that the exporter does not declare is told, and one that it declares has its words", () => {
  const declared = [{ what: "an exact name", instead: "all names below it resolve as well" }];
  assert.equal(findUnexplained([outcomeWith([])]).length, 1);
  assert.deepEqual(findUnexplained([outcomeWith(declared)]), []);
  const text = formatDocument([outcomeWith(declared)], {
    ...{ date: "2026-06-01", machine: "a machine", versions: {}, missing: [], isQuick: false },
  });
  assert.match(text, /^\| A server \| exact \| 2 \| 1 \| 0 \| 1 \| 0 \| 0 \| 0 \|$/m);
  assert.match(text, /an exact name: all names below it .*nothing \| answer \(\*\*laxer\*\*\) /);
});

test("packets for others, and a run that failed, are never explained", () => {
  const one = outcomeWith([{ what: "an exact name", instead: "more" }]);
  assert.match(findUnexplained([{ ...one, elsewhere: 3 }])[0]!, /3 packets/);
  assert.match(findUnexplained([{ ...one, failure: "no such file" }])[0]!, /no such file/);
});
