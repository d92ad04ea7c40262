/** The soak's checker: whether it would notice. */

import assert from "node:assert/strict";
import { Checker } from "../../scripts/soak/checker.ts";
import { planFaults } from "../../scripts/soak/faults.ts";
import type { Asked } from "../../scripts/soak/judge.ts";
import { answerTrue, readAsked, truncate } from "../../scripts/soak/message.ts";
import { isGood } from "../../scripts/soak/report.ts";
import { judgeGrowth, type Sample } from "../../scripts/soak/samples.ts";
import { Pending } from "../../scripts/soak/pending.ts";
import { Listings, Spans } from "../../scripts/soak/spans.ts";
import { Tally } from "../../scripts/soak/tally.ts";
import { truthOf } from "../../scripts/soak/truth.ts";
import { type Group, groupOf, GROUPS, nameOf } from "../../scripts/soak/world.ts";
import { query } from "../support/packets.ts";

const { test } = Deno;

/** When the questions of these tests are asked, in ms: long after the start. */
const AT = 1_000_000;

const FLIP = nameOf("flip", 0);

/** A name of a group with such a truth about its A records. */
function nameWith(group: Group, kind: string): string {
  const names = Array.from({ length: GROUPS[group].names }, (_, i) => nameOf(group, i));
  return names.find((name) => truthOf(name, 1).kind === kind)!;
}

const PLAIN = nameWith("list", "addresses");

class Bench {
  readonly tally = new Tally();
  readonly ill = { scripted: new Spans(), unbound: new Spans() };
  readonly floods = new Spans();
  readonly starved = new Spans();
  readonly listings = new Listings(new Set([FLIP]));
  readonly checker = new Checker(this, this.tally);

  /** Asks, and has a reply judged; `reply` makes it of the query and the true answer. */
  judge(
    fields: Partial<Asked> & { readonly made?: number } = {},
    reply: (truth: Uint8Array, packet: Uint8Array) => Uint8Array = (truth) => truth,
  ): string {
    const { name = PLAIN, type = 1, made = AT - 500 } = fields;
    const packet = query({ name, type });
    const truth = answerTrue(packet, readAsked(packet)!, made, 0);
    const waiting = { asked: this.asked(fields), packet };
    const { outcome, problem, words } = this.checker.reply(waiting, reply(truth, packet), AT + 10);
    return outcome === "bad" ? `${problem}: ${words}` : outcome;
  }

  asked(
    { name = PLAIN, type = 1, what = "plain", attempt = 1, at = AT }: Partial<Asked> = {},
  ): Asked {
    return { name, type, what, group: groupOf(name), transport: "udp", at, attempt };
  }

  silence(fields: Partial<Asked> = {}): string {
    const { outcome, problem } = this.checker.silence(this.asked(fields), AT + 5000);
    return problem ?? outcome;
  }
}

/** With other bits in the first address, whatever its name was compressed to. */
function otherAddress(truth: Uint8Array, packet: Uint8Array): Uint8Array {
  const changed = truth.slice();
  changed[packet.length + 13]! ^= 1;
  return changed;
}

/** With another TTL (s) in every record. */
const withTtl = (ttl: number) => (truth: Uint8Array, packet: Uint8Array): Uint8Array => {
  const changed = truth.slice();
  for (let at = packet.length; at < changed.length; at += 16) changed[at + 9] = ttl;
  return changed;
};

const refuse = (truth: Uint8Array, packet: Uint8Array, rcode = 5): Uint8Array => {
  const refused = truncate(truth, packet.length);
  refused[2]! &= ~2;
  refused[3] = 0x80 | rcode;
  return refused;
};
const fail = (truth: Uint8Array, packet: Uint8Array): Uint8Array => refuse(truth, packet, 2);

test("the truth is right, whatever there is of a name", () => {
  for (const kind of ["addresses", "alias", "nxdomain"]) {
    assert.equal(new Bench().judge({ name: nameWith("list", kind) }), "right", kind);
    assert.equal(new Bench().judge({ name: nameWith("list", kind), type: 28 }), "right", kind);
  }
  assert.equal(new Bench().judge({ name: nameWith("list", "many"), transport: "tcp" }), "right");
});

test("another address, another name's, a part of them or another question is wrong", () => {
  assert.match(new Bench().judge({}, otherAddress), /^wrong: other records/);
  assert.match(
    new Bench().judge({}, (_, packet) => {
      const other = query({ name: nameOf("list", 1) });
      const truth = answerTrue(other, readAsked(other)!, AT, 0);
      return Uint8Array.from([
        ...truth.subarray(0, 12),
        ...packet.subarray(12),
        ...truth.subarray(other.length),
      ]);
    }),
    /^wrong: other records/,
  );
  assert.match(
    new Bench().judge({}, (truth) => {
      const half = truth.slice(0, -16);
      half[7] = 1;
      return half;
    }),
    /^wrong: other records/,
  );
  assert.match(new Bench().judge({}, (truth) => truth.with(13, 120)), /^wrong: another question/);
  assert.match(new Bench().judge({}, (truth) => truth.slice(0, -3)), /^wrong: cannot be read/);
  assert.match(new Bench().judge({}, (truth) => truth.with(3, 0x83)), /^wrong: NXDOMAIN instead/);
});

test("an old answer is wrong, unless it says that it is, and is not too old for that", () => {
  const old = AT - 40_000;
  assert.match(new Bench().judge({ made: old }), /^wrong: fresh, 40010 ms old/);
  assert.equal(new Bench().judge({ made: old }, withTtl(30)), "stale");
  assert.match(
    new Bench().judge({ made: AT - 90_000 }, withTtl(30)),
    /^wrong: stale, 90010 ms old/,
  );
  assert.match(new Bench().judge({}, withTtl(200)), /^wrong: a longer TTL/);
  assert.match(new Bench().judge({ made: AT + 10_000 }), /^wrong: fresh, -9990 ms old/);
});

test("an answer to what is not listed is a leak, and so is one to what is malformed", () => {
  const unlisted = { name: "x.test", what: "unlisted" } as const;
  assert.match(new Bench().judge(unlisted), /^leaked: /);
  assert.equal(new Bench().judge(unlisted, refuse), "denied");
  assert.match(new Bench().judge({ what: "malformed" }, refuse), /^leaked: /);
  assert.match(new Bench().judge({ what: "type" }), /^wrong: no NODATA/);
});

test("a name that comes and goes is answered while it is listed, and refused while it is not", () => {
  const bench = new Bench();
  assert.equal(bench.judge({ name: FLIP }), "right");
  assert.match(bench.judge({ name: FLIP }, refuse), /^wrong: REFUSED/);
  bench.listings.changing(AT - 1000, new Set());
  assert.equal(bench.judge({ name: FLIP }, refuse), "denied");
  assert.equal(bench.judge({ name: FLIP }), "right");
  bench.listings.changed(AT - 100);
  assert.equal(bench.judge({ name: FLIP }, refuse), "denied");
  assert.match(bench.judge({ name: FLIP }), /^leaked: /);
});

test("no reply is a loss, but for a first try during a flood, or while the machine was busy", () => {
  const during = (which: "floods" | "starved", attempt: number): string => {
    const bench = new Bench();
    bench[which].begin(AT - 100);
    bench[which].end(AT + 100);
    return bench.silence({ attempt });
  };
  assert.deepEqual([1, 2].map((attempt) => new Bench().silence({ attempt })), ["lost", "lost"]);
  assert.deepEqual([1, 2].map((attempt) => during("floods", attempt)), ["excused", "lost"]);
  assert.deepEqual([1, 2].map((attempt) => during("starved", attempt)), ["excused", "excused"]);
  const later = new Bench();
  later.floods.begin(AT - 5000);
  later.floods.end(AT - 3000);
  assert.equal(later.silence(), "lost");
  assert.equal(later.tally.total.lost, 1);
  // What is dropped because it is not listed is no try that a flood can have lost.
  later.floods.begin(AT);
  later.listings.changing(AT - 100, new Set());
  assert.equal(later.silence({ name: FLIP }), "silent");
  assert.equal(new Bench().silence({ name: "x.test", what: "unlisted" }), "silent");
});

test("SERVFAIL is right where no upstream was well and nothing stale at hand", () => {
  const bench = new Bench();
  assert.match(bench.judge({}, fail), /^servfail: .* an upstream was well/);
  bench.ill.scripted.begin(AT - 100);
  assert.match(bench.judge({}, fail), /^servfail: .* an upstream was well/);
  bench.ill.unbound.begin(AT - 4000);
  bench.ill.unbound.end(AT - 3000);
  assert.equal(bench.judge({}, fail), "servfail");
  assert.equal(bench.judge(), "right");
  assert.match(bench.judge({}, fail), /^servfail: .* 510 ms old/);
});

test("what upstreams get and no policy lists is a leak, and a name that is listed no more", () => {
  const bench = new Bench();
  const see = (strange: string[], flips: [string, number][]): number => {
    bench.checker.seen({ questions: 1, strange, flips });
    return bench.tally.problemCount;
  };
  assert.equal(see([], [[FLIP, AT]]), 0);
  assert.equal(see(["x.test 1"], []), 1);
  bench.listings.changing(AT, new Set());
  bench.listings.changed(AT + 10);
  assert.equal(see([], [[FLIP, AT + 500]]), 1);
  assert.equal(see([], [[FLIP, AT + 20_000]]), 2);
  assert.deepEqual(bench.tally.problems.map((words) => words.split(":")[0]), ["leaked", "leaked"]);
});

test("growth is seen, and makes a soak bad that is good in all else", () => {
  const length = 400_000;
  const samples = (last: number): Sample[] =>
    Array.from({ length: 200 }, (_, i) => ({
      at: i * 2000,
      // The first quarter does not count, nor what is above it for a moment.
      rss: i < 50 ? 10 : i < 150 ? 100 + i % 3 : i === 170 ? 900 : last,
      descriptors: 300,
      sockets: 290,
      cpu: 0,
    }));
  const grown = (last: number) =>
    judgeGrowth(samples(last), length).filter(({ isFlat }) => !isFlat).map(({ what }) => what);
  assert.deepEqual([grown(105), grown(107)], [[], ["rss"]]);
  const soak = (last: number) => ({
    tally: new Tally(),
    samples: samples(last),
    faults: new Map(),
    rogue: { sent: 0, replies: 0, bursts: 0 },
    reloads: { good: 0, broken: 0 },
    seen: 0,
    isCompiled: false,
    starved: 0,
  });
  const options = { length, load: 1, seed: 1, isDocumented: false };
  assert.deepEqual([isGood(soak(105), options), isGood(soak(107), options)], [true, false]);
  assert.deepEqual(judgeGrowth(samples(1000), 60_000), []);
});

test("faults follow from the seed, one at a time for each upstream, and each kind of them in an hour", () => {
  const faults = planFaults(7, 3_600_000);
  assert.deepEqual(planFaults(7, 3_600_000), faults);
  assert.notDeepEqual(planFaults(8, 3_600_000), faults);
  for (const party of ["scripted", "unbound"]) {
    const own = faults.filter((fault) => fault.party === party);
    own.forEach(({ from, until }, i) => assert.ok(from < until && from > (own[i - 1]?.until ?? 0)));
  }
  assert.equal(new Set(faults.map(({ party, kind }) => `${party} ${kind}`)).size, 11);
});

test("a reply is to the question with its ID, once; one that comes late is told from one to nothing", () => {
  const bench = new Bench();
  const pending = new Pending(1);
  const [first, second] = [query(), query()];
  pending.add(bench.asked({ at: AT - 100 }), first);
  pending.add(bench.asked(), second);
  assert.notDeepEqual(first, second);
  assert.deepEqual(pending.takeOlder(AT).map(({ packet }) => packet), [first]);
  assert.equal(pending.take(first), "late");
  assert.equal(pending.take(first), undefined);
  assert.deepEqual(pending.take(second), { asked: bench.asked(), packet: second });
  assert.equal(pending.take(second), undefined);
});
