/** The scenario files themselves: what is wrong in one is an error with its line, and none can pass by mistake. */

import assert from "node:assert/strict";
import { describeScenarios, readScenarios } from "../../scripts/reliability/scenario_files.ts";
import { parseScenario } from "../support/scenario/parse.ts";
import { ScenarioError } from "../support/scenario/source.ts";

const GOOD = `scenario: An answer comes

policy:
  allow = ["api.example"]

  [[upstream]]
  name = "first"
  address = "192.0.2.53"

upstream first:
  api.example A -> A 192.0.2.1 ttl 60

steps:
  ask api.example A
  expect NOERROR, A 192.0.2.1 ttl 60
  upstream first saw 1 over udp
`;

async function problemOf(text: string): Promise<string> {
  try {
    await parseScenario("x.scenario", text).run(1);
  } catch (error) {
    assert.ok(error instanceof ScenarioError, `${error}`);
    return error.message;
  }
  return "none";
}

Deno.test("a scenario that is right passes", async () => {
  assert.equal(await problemOf(GOOD), "none");
});

/** A part of the good scenario, what stands there instead, and what the message says. */
const WRONG: readonly [what: string, from: string, to: string, message: RegExp][] = [
  ["no title", "scenario: An", "story: An", /^x\.scenario:1: .*"scenario: "/],
  ["no policy", "policy:", "policy narrow:", /^x\.scenario:1: there is no "policy:"/],
  ["no steps", "steps:", "upstream second:", /^x\.scenario:1: there is no "steps:"/],
  ["an unknown heading", "steps:", "stepz:", /^x\.scenario:13: cannot read "stepz:"/],
  ["a heading twice", "steps:", "upstream first:\n\nsteps:", /^x\.scenario:13: a second/],
  ["a line of no heading", "policy:", "", /^x\.scenario:4: .*needs a heading/],
  ["a tab", "  ask", "\task", /^x\.scenario:14: .*not with tabs/],
  [
    "an odd indentation",
    "  expect",
    "   expect",
    /^x\.scenario:15: only what belongs to an "every"/,
  ],
  ["an unknown upstream", "upstream first:", "upstream frist:", /^x\.scenario:10: .*"frist"/],
  ["an upstream without a name", 'name = "first"', "", /^x\.scenario:3: .*needs a name/],
  ["a policy that is no TOML", '["api.example"]', "[", /^x\.scenario:\d: Invalid TOML/],
  ["a policy that fw-dns refuses", "allow", "alow", /^x\.scenario: fw-dns does not start: .*alow/s],
  ["an unknown record type", "A -> A", "A -> B", /^x\.scenario:11: "B" is no record type/],
  ["a bad address", "-> A 192.0.2.1 ttl", "-> A 192.0.2 ttl", /^x\.scenario:11: .*no IPv4 address/],
  [
    "an unknown fault",
    "ttl 60\n\nsteps",
    "ttl 60, worng id\n\nsteps",
    /^x\.scenario:11: cannot read/,
  ],
  [
    "no answer at all",
    "A 192.0.2.1 ttl 60\n\nsteps",
    "wrong id\n\nsteps",
    /11: .*what is answered/,
  ],
  ["no arrow", "api.example A ->", "api.example A", /^x\.scenario:11: write a question, " -> "/],
  ["an unknown step", "  ask", "  aks", /^x\.scenario:14: cannot read "aks api.example A"/],
  ["a question without a type", "ask api.example A", "ask api.example", /14: .*no record type/],
  ["nothing expected", "  expect NOERROR, A 192.0.2.1 ttl 60\n", "", /13: .*has to expect/],
  ["no response code", "expect NOERROR, ", "expect ", /^x\.scenario:15: say which response code/],
  ["no word of the records", ", A 192.0.2.1 ttl 60\n  up", "\n  up", /15: say which records/],
  ["an unknown unit", "ttl 60\n  up", "ttl 60, within 5x\n  up", /15: "5x" is no duration/],
  ["an impossible time", "ttl 60\n  up", "ttl 60, after 9s\n  up", /15: .*after its latest/],
  ["an unknown upstream in a step", "upstream first saw", "upstream frist saw", /16: .*"frist"/],
  ["a count of nothing known", "1 over udp", "1 over smoke", /16: "1 over smoke"/],
  [
    "an unknown policy",
    "  upstream first saw",
    "  reload x\n  upstream first saw",
    /16: .*"policy x:"/,
  ],
];

for (const [what, from, to, message] of WRONG) {
  Deno.test(`a scenario with ${what} is an error that names the place`, async () => {
    assert.ok(GOOD.includes(from));
    assert.match(await problemOf(GOOD.replace(from, to)), message);
  });
}

/** What happens differently from what is told. */
const UNTRUE: readonly [what: string, from: string, to: string, message: RegExp][] = [
  [
    "another response code comes",
    "expect NOERROR, A 192.0.2.1 ttl 60",
    "expect SERVFAIL",
    /15: .*NOERROR, not SERVFAIL/,
  ],
  [
    "other records come",
    "expect NOERROR, A 192.0.2.1",
    "expect NOERROR, A 192.0.2.2",
    /15: .*the records are A 192\.0\.2\.1/,
  ],
  [
    "more records come",
    "-> A 192.0.2.1 ttl 60",
    "-> A 192.0.2.1 ttl 60, A 192.0.2.2",
    /15: .*the records are/,
  ],
  ["another TTL comes", "60\n  up", "61\n  up", /15: .*the TTL of .* is 60, not 61/],
  ["nothing comes", "-> A 192.0.2.1 ttl 60", "-> always silence", /15: .*SERVFAIL/],
  [
    "something comes",
    "expect NOERROR, A 192.0.2.1 ttl 60",
    "expect nothing",
    /15: .*something came/,
  ],
  ["it comes too early", "60\n  up", "60, after 1s\n  up", /15: .*after 15 ms already/],
  ["it comes too late", "60\n  up", "60, at once\n  up", /15: .*nothing came within 0 ms/],
  [
    "an extended error is missing",
    "60\n  up",
    "60, extended error 3\n  up",
    /15: the extended|15: .*extended error/,
  ],
  [
    "an upstream is asked more often",
    "1 over udp",
    "nothing",
    /16: it saw 1 questions over udp, not 0/,
  ],
  [
    "an upstream is asked less often",
    "1 over udp",
    "2 over udp",
    /16: it saw 1 questions over udp, not 2/,
  ],
  [
    "an upstream is asked what no line answers",
    "  api.example A ->",
    "  api.example AAAA ->",
    /15: .*no line is left for it/,
  ],
  [
    "a line is never asked",
    "ttl 60\n\nsteps",
    "ttl 60\n  api.example A -> silence\n\nsteps",
    /12: .*never asked/,
  ],
  [
    "a question is left open",
    "  upstream first saw",
    "  ask localhost A\n  upstream first saw",
    /16: no step says/,
  ],
  [
    "more is expected than asked",
    "  upstream first saw",
    "  expect nothing\n  upstream first saw",
    /16: nobody has asked/,
  ],
  [
    "the log does not say it",
    "  upstream first saw",
    '  log has "Hello"\n  upstream first saw',
    /16: the log does not have/,
  ],
  [
    "the log says it",
    "  upstream first saw",
    '  log has no "Listening"\n  upstream first saw',
    /16: the log has/,
  ],
];

for (const [what, from, to, message] of UNTRUE) {
  Deno.test(`a scenario fails when ${what}`, async () => {
    assert.ok(GOOD.includes(from));
    assert.match(await problemOf(GOOD.replace(from, to)), message);
  });
}

/** The same scenario, but each client is to hear something else than it says. */
function twist(text: string): string {
  return text.replace(/^( *expect )\w+/gm, "$1FORMERR");
}

Deno.test("no scenario passes when its clients are to hear something else", async () => {
  for (const { file, text } of await readScenarios()) {
    assert.match(await problemOf(twist(text)), /the response code is|(no|some)thing came/, file);
  }
});

Deno.test("each scenario has a title of its own", async () => {
  const titles = (await readScenarios()).map(({ title }) => title);
  assert.ok(titles.length >= 60 && !titles.includes(""));
  assert.equal(new Set(titles).size, titles.length);
});

Deno.test("docs/reliability.md has the list of the scenarios that there are", async () => {
  const document = await Deno.readTextFile(new URL("../../docs/reliability.md", import.meta.url));
  const [, section = ""] = document.split("\n## Scenarios\n");
  const titles = (text: string): string[] =>
    text.split("\n## ")[0]!.split(/\n(?=- |\n)/).filter((line) => line.startsWith("- "))
      .map((line) => line.replaceAll(/\s+/g, " ").trim());
  const listed = titles(section);
  assert.deepEqual(listed, titles(describeScenarios(await readScenarios())));
  assert.ok(listed.length >= 60);
});
