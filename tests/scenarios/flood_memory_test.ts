/** A million different names and packets that get no answer leave nothing behind. */

import assert from "node:assert/strict";
import { KeptStatistics, Log, Watch } from "../../src/observe/mod.ts";
import { createResolver } from "../../src/resolve/mod.ts";
import { Handler } from "../../src/serve/mod.ts";
import { ReplyBuffer } from "../../src/wire/mod.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { FakeNetwork } from "../support/fake_network.ts";
import { query } from "../support/packets.ts";
import { policyFrom } from "../support/policies.ts";
import { respondA } from "../support/upstream_answers.ts";
import { SeededRandom } from "../support/seeded_random.ts";

declare const gc: () => void;

const POLICY = policyFrom(`allow = ["api.example.com", "*.wild.example"]
[listen]
clients = ["10.0.0.0/8"]
[budget]
wildcards_per_hour = 10
[[upstream]]
address = "192.0.2.53:53"
`);

/** What of the heap is in use, in bytes. */
function heap(): number {
  gc();
  return Deno.memoryUsage().heapUsed;
}

/** The one of a number: unlisted, below one domain or each below another, malformed, below the wildcard with its budget used up, or from a stranger. */
function packet(number: number): [Uint8Array, client: string] {
  const client = `10.${number >> 16 & 255}.${number >> 8 & 255}.${number & 255}`;
  switch (number % 4) {
    case 0:
      return [
        query({ name: `x${number}.evil${number % 8 === 0 ? number : ""}.example` }),
        client,
      ];
    case 1:
      return [query({ name: `w${number}.wild.example` }), client];
    case 2:
      return [
        query({ id: number & 0xffff, name: `x${number}.evil.example` }).subarray(0, 20),
        client,
      ];
    default:
      return [
        query({ name: `x${number}.evil.example` }),
        `192.0.${number >> 8 & 255}.${number & 255}`,
      ];
  }
}

for (const transport of ["udp", "tcp"] as const) {
  Deno.test(`a million blocked and malformed queries over ${transport}, each another one, leave the heap as it was`, async () => {
    const [clock, network] = [new FakeClock(), new FakeNetwork()];
    network.onUdp("192.0.2.53:53", ({ bytes }, reply) => reply(respondA(bytes)));
    let written = 0;
    const output = {
      isTerminal: false,
      // deno-lint-ignore require-await -- it is a promise that the log waits for
      write: async (text: string) => void (written += text.length),
    };
    const log = new Log({ format: "json", queries: "denied" }, clock, output);
    const random = new SeededRandom(1);
    const statistics = new KeptStatistics({ clock, random, report: (alarm) => log.report(alarm) });
    const observer = new Watch(log, statistics);
    statistics.begin();
    const { resolve } = createResolver(POLICY, { clock, network, random }, observer);
    const handler = new Handler({ policy: POLICY, resolve, clock, observer });
    const out = new ReplyBuffer();
    const flood = async (from: number, to: number): Promise<void> => {
      for (let number = from; number < to; number++) {
        void handler.handle(...packet(number), transport, out);
        if (number % 5000 === 0) await clock.advance(100);
      }
      await clock.advance(10_000);
      await settle();
    };
    await flood(0, 100_000);
    const before = heap();
    await flood(100_000, 1_100_000);
    const grown = heap() - before;
    // A byte for each packet would be a million.
    assert.ok(grown < 500_000, `${grown} bytes more`);
    assert.ok(written > 0 && written < 2_000_000, `${written} bytes of log`);
    const { blocked, alarms } = statistics.snapshot();
    // Each name was asked for once: a domain of its own carries less than its place in the list is worth.
    assert.ok(["evil.example", "wild.example"].includes(blocked[0]!.domain), blocked[0]!.domain);
    assert.ok(alarms > 0);
    assert.equal(handler.waiting, 0);
    assert.ok(
      network.sent.length > 0 && network.sent.length <= 10,
      `${network.sent.length} packets went upstream`,
    );
  });
}
