import assert from "node:assert/strict";
import { Bench, FIRST, word } from "../support/fake_resolver.ts";
import { respondA } from "../support/upstream_answers.ts";
import type { SocketAddress } from "../../src/system/mod.ts";
import type { UdpPeer } from "../support/fake_network.ts";

/** A peer that first sends something wrong, then, after a while, the right answer. */
function firstWrong(
  wrong: (bytes: Uint8Array) => Uint8Array,
  from?: SocketAddress,
): { peer: UdpPeer; goOn: () => void } {
  const script = { peer: (() => {}) as UdpPeer, goOn: (): void => {} };
  script.peer = ({ bytes }, reply) => {
    reply(wrong(bytes), from);
    script.goOn = () => reply(respondA(bytes));
  };
  return script;
}

function flip(at: number, bit: number): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => {
    const forged = respondA(bytes, "6.6.6.6");
    forged[at] = forged[at]! ^ bit;
    return forged;
  };
}

const forged = (bytes: Uint8Array): Uint8Array => respondA(bytes, "6.6.6.6");

const WRONG: readonly [string, (bytes: Uint8Array) => Uint8Array, SocketAddress?][] = [
  ["another ID", flip(0, 1)],
  ["a query instead of a response", flip(2, 0x80)],
  ["another opcode", flip(2, 0x08)],
  ["another name", flip(14, 0x01)],
  ["another type", flip(12 + 13 + 1, 0x02)],
  ["another class", flip(12 + 13 + 3, 0x02)],
  ["two questions", flip(5, 0x03)],
  ["another source address", forged, { hostname: "192.0.2.66", port: 53 }],
  ["another source port", forged, { hostname: "192.0.2.53", port: 54 }],
  ["a byte after the end", (bytes) => Uint8Array.from([...forged(bytes), 0])],
  ["a byte too few", (bytes) => forged(bytes).slice(0, -1)],
  ["nothing at all", () => new Uint8Array()],
  ["one byte", () => new Uint8Array(1)],
  ["a header", (bytes) => forged(bytes).slice(0, 12)],
  ["noise", () => Uint8Array.from({ length: 500 }, (_, i) => (i * 73) & 255)],
];

for (const [what, wrong, from] of WRONG) {
  Deno.test(`${what} is ignored, and the wait goes on for the right answer`, async () => {
    const bench = new Bench();
    const script = firstWrong(wrong, from);
    bench.network.onUdp(FIRST, script.peer);
    const asked = bench.ask();
    await bench.clock.advance(100);
    assert.equal(word(asked), "under way");
    assert.equal(bench.sent.length, 1);
    script.goOn();
    await bench.settle();
    assert.equal(word(asked), "192.0.2.1");
  });
}

Deno.test("ten thousand wrong packets do not end a question", async () => {
  const bench = new Bench();
  let goOn = (): void => {};
  bench.network.onUdp(FIRST, ({ bytes }, reply) => {
    for (let id = 1; id <= 10_000; id++) {
      const packet = respondA(bytes, "6.6.6.6");
      const guess = (((bytes[0]! << 8) | bytes[1]!) + id) & 0xffff;
      [packet[0], packet[1]] = [guess >> 8, guess & 255];
      reply(packet);
    }
    goOn = () => reply(respondA(bytes));
  });
  const asked = bench.ask();
  await bench.clock.advance(800);
  goOn();
  for (let i = 0; i < 500 && asked.resolution === undefined; i++) await bench.settle();
  assert.equal(word(asked), "192.0.2.1");
});

Deno.test("an answer that comes twice, or late, changes nothing", async () => {
  const bench = new Bench();
  const late: (() => void)[] = [];
  bench.network.onUdp(FIRST, ({ bytes }, reply) => {
    late.push(() => reply(respondA(bytes, "6.6.6.6")));
    if (late.length === 1) return;
    reply(respondA(bytes, "192.0.2.1", 0));
    reply(respondA(bytes, "6.6.6.6", 0));
  });
  const asked = bench.ask();
  await bench.clock.advance(1000);
  assert.equal(word(asked), "192.0.2.1");
  for (const send of late) send();
  await bench.settle();
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.2")));
  await bench.clock.advance(1000);
  const again = bench.ask();
  await bench.settle();
  assert.equal(word(again), "192.0.2.2");
});
