/** A spoofer who is not on the path, and malware on the host that asks whenever that helps. */

import assert from "node:assert/strict";
import { DEFAULTS, perEmission, silenced } from "../../scripts/forgery/odds.ts";
import { asked, decide } from "../../src/policy/mod.ts";
import { createResolver, type Resolution } from "../../src/resolve/mod.ts";
import type { Random } from "../../src/system/mod.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { FakeNetwork } from "../support/fake_network.ts";
import { Bench, FIRST } from "../support/fake_resolver.ts";
import { policyFrom } from "../support/policies.ts";
import { Recorder } from "../support/recorder.ts";
import { SeededRandom } from "../support/seeded_random.ts";
import { respondA } from "../support/upstream_answers.ts";

const HEAD = 'allow = ["api.example"]';
const POLICY =
  `[[upstream]]\naddress = "${FIRST}"\n[query]\ntick = "10ms"\n[cache]\nmin_ttl = "30s"\n`;

/** Malware asks every 10 ms for a while; what went upstream. */
async function flood(seconds: number, upstream?: (bench: Bench) => void): Promise<Bench> {
  const bench = new Bench(POLICY, 1, HEAD);
  upstream?.(bench);
  for (let i = 0; i < seconds * 100; i++) {
    bench.ask();
    await bench.clock.advance(10);
  }
  return bench;
}

Deno.test("however often malware asks, there is one chance in a floor where the upstream answers", async () => {
  const { sent } = await flood(
    89,
    ({ network, clock }) =>
      network.onUdp(FIRST, ({ bytes }, reply) => {
        if (bytes[12] !== 0) clock.setTimer(200, () => reply(respondA(bytes, "192.0.2.1", 0)));
      }),
  );
  assert.equal(sent.length, 3);
});

Deno.test("where the upstream is silent there are no more tries than the odds count, each with its own port, ID and case", async () => {
  const { sent } = await flood(29.9);
  const { floor, tries } = DEFAULTS;
  const { trySeconds } = silenced();
  assert.equal(trySeconds, 4 * 12.85);
  assert.equal(sent.length, 4 * tries);
  assert.equal(floor, 30);
  const keys = sent.map(({ bytes, from }) => `${from.port} ${bytes.subarray(0, 24)}`);
  assert.equal(new Set(keys).size, sent.length);
});

/** Random numbers of which the 16-bit ones are small: IDs of 2 bits, so that a spoofer has a chance that can be measured. */
class Small implements Random {
  constructor(readonly random: Random) {}

  uint16(): number {
    return this.random.uint16() & 3;
  }

  below(bound: number): number {
    return this.random.below(bound);
  }

  fork(label: string): Random {
    return new Small(this.random.fork(label));
  }
}

/** Ports, IDs and cases of a name of two letters. */
const [PORTS, SMALL_IDS, CASES] = [256, 4, 4];

/** How many of so many emissions are answered by a spoofer who sends `packets` different guesses at each. */
async function spoof(emissions: number, packets: number): Promise<number> {
  const [clock, network, dice] = [new FakeClock(), new FakeNetwork(), new SeededRandom(5)];
  const policy = policyFrom(
    `allow = ["1.2.ab"]\n[cache]\nmin_ttl = "1s"\nmax_ttl = "1s"\n[[upstream]]\naddress = "${FIRST}"\n`,
  );
  const system = { clock, network, random: new Small(new SeededRandom(9)) };
  const resolver = createResolver(policy, system, new Recorder());
  const [hostname = "", port] = FIRST.split(":");
  const sockets = [...network.open];
  const guess = (asked: Uint8Array): void => {
    const tried = new Set<number>();
    while (tried.size < packets) {
      const one = dice.below(PORTS * SMALL_IDS * CASES);
      if (tried.has(one)) continue;
      tried.add(one);
      const forged = respondA(asked, "6.6.6.6");
      [forged[0], forged[1]] = [0, (one >> 2) & 3];
      forged[17] = 0x61 ^ (one & 1 ? 0x20 : 0);
      forged[18] = 0x62 ^ (one & 2 ? 0x20 : 0);
      sockets[one >> 4]!.take(forged, { hostname, port: Number(port) });
    }
  };
  network.onUdp(FIRST, ({ bytes }, reply) => {
    if (bytes[12] === 0) return;
    guess(bytes);
    clock.setTimer(100, () => reply(respondA(bytes)));
  });
  const decision = decide(policy, asked({ name: "1.2.ab", type: 1 }), clock.now());
  if (decision.kind !== "allow") assert.fail();
  let forged = 0;
  for (let i = 0; i < emissions; i++) {
    const question = { name: "1.2.ab", type: 1 };
    const answer = resolver.resolve(question, decision.rule, "127.0.0.1", clock.monotonic());
    void Promise.resolve(answer).then((one: Resolution) => {
      if (one.kind === "answer" && one.answer.data[0]![0] === 6) forged++;
    });
    await clock.advance(3000);
  }
  return forged;
}

Deno.test("a spoofer is right as often as the odds say", async () => {
  const [emissions, packets] = [300, 512];
  // The odds count 16 bits of ID; here there are 2.
  const odds = perEmission(
    { ports: PORTS * SMALL_IDS / 65_536, letters: 2 },
    { emissions: 1, trySeconds: 1 },
    packets,
  );
  // Guesses that are all different hit a little more often than those that the odds count.
  const mean = emissions * packets / (PORTS * SMALL_IDS * CASES);
  assert.ok(odds < packets / (PORTS * SMALL_IDS * CASES) && odds > 0.9 / 8);
  const spread = Math.sqrt(mean * (1 - 1 / 8));
  const forged = await spoof(emissions, packets);
  assert.ok(Math.abs(forged - mean) < 5 * spread, `${forged} of ${emissions}, not about ${mean}`);
});
