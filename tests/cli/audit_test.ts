import assert from "node:assert/strict";
import { auditJson } from "../../src/cli/audit.ts";
import { formatAudit } from "../../src/cli/audit_text.ts";
import { styleFor } from "../../src/cli/console.ts";
import { measureLeak } from "../../src/policy/mod.ts";
import { countNamesAgain } from "../support/count_names.ts";
import { FakeMachine, type Ran } from "../support/fake_process.ts";
import { policyFrom } from "../support/policies.ts";

const UPSTREAM = '[[upstream]]\naddress = "9.9.9.9"\n';

async function audit(toml: string, ...args: string[]): Promise<Ran> {
  return await new FakeMachine({ "p.toml": toml }).run("audit", "--policy", "p.toml", ...args);
}

const WATCHERS = `
O1 runs the zone of an allowed name (in all: of every allowed name).
O2 is an outsider who shares the upstream resolver's cache.
O3 is the upstream's operator, or anyone on the path to it.
One bound holds for the three, and for all of them together: O1 and O2 see no more than O3,
and at worst as much.
`;

const ASSUMPTIONS = `
An open forwarder lets a client choose the whole name of each query: about 1,334 bits
in the name alone, in every query, without limit. The leak test in docs/leak.md measures more.

This holds as long as
- the table is fixed: clients choose among its names and types, and write no byte themselves;
- a pair starts one emission in its floor (min_ttl) at most, answered or not, for a client or as
  a refresh, and wildcards no more than wildcards_per_hour in all;
- emissions start on ticks of 10ms, in an order that clients do not choose;
  how late a busy host lets them out, or what follows from answers, is timing, and measured
  in docs/timing.md;
- fw-dns is not started again in that hour, and clients cannot choose when it is; a name that
  a reload takes out of the policy, and a later one puts back, is as good as started again;
- nobody on this host is root, and nothing gets out past fw-dns;
- questions over TCP leave from ports that fw-dns draws, and those over TLS from Deno 2.9 on;
- no process on this host floods the UDP sockets from which fw-dns asks: answers would be
  lost, and tries repeated. The rules of fw-dns lockdown --to nft keep everyone from them, and
  an upstream with transport = "tcp" or "tls" has no such sockets.
The upstream's answers may be anything, and watchers may work together with clients.
`;

const FORWARD = `allow = ["api.example.com", "b.example"]
${UPSTREAM}[[rule]]
name = "h.example"
types = ["A"]
mode = "hermetic"
[[rule]]
name = "old.example"
expires = 1970-01-01T00:00:00Z
`;

const FORWARD_TEXT = `The most bits that clients can get out in any one hour, by p.toml

rule                       mode      pairs or names       O1       O2       O3
api.example.com            forward   2 pairs         2,772.3  2,772.3  2,772.3
b.example                  forward   2 pairs         2,772.3  2,772.3  2,772.3
h.example                  hermetic  1 pair                0        0        0
old.example                expired   2 pairs               0        0        0
in all                                               5,544.6  5,544.6  5,544.6
each restart adds at most                               46.3     46.3     46.3
${WATCHERS}
Some rules are hermetic: 0 content bits. Clients cause no question there; what timing is left is
measured in docs/timing.md.
${ASSUMPTIONS}
What lowers it most, each by itself:
  \u22125,544.6  set mode = "hermetic"
  \u22125,470.7  set min_ttl = "1h" under [cache]
  \u22121,592.4  set tick = "100ms" under [query]
`;

Deno.test("audit: forward, hermetic and expired rules, to the letter", async () => {
  assert.deepEqual(await audit(FORWARD), { code: 0, out: FORWARD_TEXT, err: "" });
});

Deno.test("audit: a hermetic policy lets nothing out", async () => {
  const toml = `mode = "hermetic"\nallow = ["a.example"]\n${UPSTREAM}`;
  const out = `The most bits that clients can get out in any one hour, by p.toml

rule                       mode      pairs or names  O1  O2  O3
a.example                  hermetic  2 pairs          0   0   0
in all                                                0   0   0
each restart adds at most                             0   0   0
${WATCHERS}
All rules are hermetic: 0 content bits. Clients cause no question there; what timing is left is
measured in docs/timing.md.
${ASSUMPTIONS}`;
  assert.deepEqual(await audit(toml), { code: 0, out, err: "" });
});

const WILD = policyFrom(`allow = ["a.example", "*.example.com", "**.example.net"]
types = ["A"]
cache.min_ttl = "1h"`);

Deno.test("audit: wildcards have a line in all, and the change that saves most comes first", () => {
  const report = measureLeak(WILD, 0, countNamesAgain);
  const { stdout, noColor } = new FakeMachine().process;
  const lines = formatAudit("p.toml", WILD, report, styleFor(stdout, noColor)).split("\n");
  assert.deepEqual(lines.slice(2, 9), [
    "rule                       mode     pairs or names                         O1         O2         O3",
    "a.example                  forward  1 pair                               18.5       18.5       18.5",
    "*.example.com              forward  more than 2^330 names, 1 type    34,911.6   34,911.6   34,911.6",
    "**.example.net             forward  more than 2^1271 names, 1 type  128,954.1  128,954.1  128,954.1",
    "all wildcards                       100 an hour                     128,954.1  128,954.1  128,954.1",
    "in all                                                              128,972.6  128,972.6  128,972.6",
    "each restart adds at most                                           128,972.6  128,972.6  128,972.6",
  ]);
  assert.deepEqual(lines.slice(lines.indexOf("What lowers it most, each by itself:") + 1), [
    "  \u2212128,954.1  list the names below both wildcards (less 18.5 for each pair of name and type that you list)",
    "  \u2212116,058.7  set wildcards_per_hour = 10 under [budget]",
    "   \u221294,042.5  list the names below **.example.net (less 18.5 for each pair of name and type that you list)",
    '   \u221214,485.1  set labels = "[a-z]{1,20}" for **.example.net',
    '      \u2212335.5  set tick = "100ms" under [query]',
    '       \u221218.5  set mode = "hermetic" and list each name with a * in a [[rule]] with mode = "forward"',
    "",
  ]);
});

Deno.test("audit: few names are counted to the last one", () => {
  const report = measureLeak(WILD, 0, () => 12_345n);
  const { stdout, noColor } = new FakeMachine().process;
  const text = formatAudit("p.toml", WILD, report, styleFor(stdout, noColor));
  assert.match(text, /^\*\.example\.com +forward +12,345 names, 1 type /m);
});

const SAME = (bits: number) => ({ o1: bits, o2: bits, o3: bits });

Deno.test("audit --json: the same for programs", async () => {
  const { code, out, err } = await audit(FORWARD, "--json");
  assert.deepEqual([code, err], [0, ""]);
  const exact = { wildcard: false, expired: false, names: 1, types: 2, pairs: 2 };
  assert.deepEqual(JSON.parse(out), {
    policy: "p.toml",
    tick_ms: 10,
    hermetic: false,
    rules: [
      { name: "api.example.com", mode: "forward", ...exact, bits: SAME(2772.3) },
      { name: "b.example", mode: "forward", ...exact, bits: SAME(2772.3) },
      { name: "h.example", mode: "hermetic", ...exact, types: 1, pairs: 1, bits: SAME(0) },
      { name: "old.example", mode: "forward", ...exact, expired: true, bits: SAME(0) },
    ],
    wildcards: { per_hour: 100, bits: SAME(0) },
    learn: null,
    total: SAME(5544.6),
    restart: SAME(46.3),
    ceiling: null,
    above_ceiling: false,
    open_forwarder: { bits_per_query: 1334 },
    savings: [
      { change: 'set mode = "hermetic"', saves: 5544.6 },
      { change: 'set min_ttl = "1h" under [cache]', saves: 5470.7 },
      { change: 'set tick = "100ms" under [query]', saves: 1592.4 },
    ],
  });
});

Deno.test("audit --json: counts that a double cannot hold are text", () => {
  const count = (names: bigint): unknown => {
    const report = measureLeak(WILD, 0, () => names);
    const json = auditJson("p.toml", WILD, report, false) as { rules: { names: unknown }[] };
    return json.rules[1]!.names;
  };
  assert.equal(count(2n ** 53n - 1n), 2 ** 53 - 1);
  assert.equal(count(2n ** 53n), "9007199254740992");
});

const LOW = `${FORWARD}[budget]\nbits_per_hour = 1000\n`;
const ABOVE =
  "p.toml:12:17: budget.bits_per_hour: clients can get out up to 5,544.6 bits in any hour, " +
  "4,544.6 above this ceiling; the costliest rules are api.example.com (2,772.3), b.example (2,772.3): " +
  'set mode = "hermetic" (saves 5,544.6), or write bits_per_hour = 5545\n';

Deno.test("audit: a policy above its ceiling is printed, then told: exit 1", async () => {
  assert.deepEqual(await audit(LOW), { code: 1, out: FORWARD_TEXT, err: ABOVE });
  const { code, out, err } = await audit(LOW, "--json");
  assert.deepEqual([code, err], [1, ABOVE]);
  const { ceiling, above_ceiling } = JSON.parse(out);
  assert.deepEqual([ceiling, above_ceiling], [1000, true]);
});

for (const [verb, code] of [["check", 1], ["run", 1], ["explain", 2]] as const) {
  Deno.test(`${verb} refuses a policy above its ceiling`, async () => {
    const words = verb === "explain" ? ["b.example"] : [];
    const ran = await new FakeMachine({ "p.toml": LOW }).run(verb, ...words, "--policy", "p.toml");
    assert.deepEqual(ran, { code, out: "", err: ABOVE });
  });
}

Deno.test("a failed [[test]] and a bound above the ceiling are told at once", async () => {
  const toml = `${LOW}[[test]]\nname = "c.example"\nexpect = "allow"\n`;
  const { err } = await new FakeMachine({ "p.toml": toml }).run("check", "--policy", "p.toml");
  assert.equal(
    err,
    `${ABOVE}p.toml:13:1: test[1]: c.example A comes out as deny: mend the rules, or write expect = "deny"\n`,
  );
});

Deno.test("audit: a bad policy, a failed [[test]]: exit 1; a flag that is none: exit 2", async () => {
  const bad = await audit('allow = ["*"]');
  assert.deepEqual([bad.code, bad.out], [1, ""]);
  assert.match(bad.err, /^p\.toml:1:1: no upstream/);
  const failing = await audit(`${FORWARD}[[test]]\nname = "c.example"\nexpect = "allow"\n`);
  assert.deepEqual([failing.code, failing.out], [1, ""]);
  assert.equal((await audit(FORWARD, "--jsn")).code, 2);
});

Deno.test("audit: the head of the table is bold on a terminal alone", async () => {
  const host = new FakeMachine({ "p.toml": FORWARD }, undefined, true);
  const { out } = await host.run("audit", "--policy", "p.toml");
  assert.equal(
    out.replace("\u001b[1mrule", "rule").replace("O3\u001b[22m", "O3"),
    FORWARD_TEXT,
  );
  assert.notEqual(out, FORWARD_TEXT);
});
