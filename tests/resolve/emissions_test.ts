/** What a spoofer has to guess: measured on ten thousand questions that really left, by real sockets. */

import assert from "node:assert/strict";
import { asked, decide } from "../../src/policy/mod.ts";
import { createResolver } from "../../src/resolve/mod.ts";
import { createSystem } from "../../src/system/deno.ts";
import { chiSquareTail } from "../support/chi_square.ts";
import { type Emission, POOL, suspicious } from "../support/emissions.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { until } from "../support/firewall.ts";
import { policyFrom } from "../support/policies.ts";
import { Recorder } from "../support/recorder.ts";
import { SeededRandom } from "../support/seeded_random.ts";
import { respondA } from "../support/upstream_answers.ts";

const [NAMES, ROUNDS] = [100, 100];

/** The names differ in digits alone: so each letter has its place in all of them. */
const NAME_END = ".api.example-of-a-name.com";

interface Packet {
  readonly bytes: Uint8Array;
  readonly port: number;
}

/** An upstream that answers whatever it is asked, and keeps what has reached it. */
async function answer(socket: Deno.DatagramConn, seen: Packet[]): Promise<void> {
  const buffer = new Uint8Array(1500);
  try {
    while (true) {
      const [packet, from] = await socket.receive(buffer);
      const bytes = packet.slice();
      if (bytes[12] !== 0) seen.push({ bytes, port: (from as Deno.NetAddr).port });
      await socket.send(respondA(bytes, "192.0.2.1", 1), from);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted)) {
      throw error;
    }
  }
}

/** Real sockets and real random numbers; only time is simulated, so that the floor of each name passes at once. */
async function emit(): Promise<Packet[]> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const seen: Packet[] = [];
  const served = answer(socket, seen);
  const names = Array.from({ length: NAMES }, (_, i) => `${i}`.padStart(3, "0") + NAME_END);
  const policy = policyFrom(
    `allow = ${
      JSON.stringify(names)
    }\n[cache]\nmin_ttl = "1s"\n[[upstream]]\naddress = "127.0.0.1:${
      (socket.addr as Deno.NetAddr).port
    }"\n`,
  );
  const { network, random } = createSystem();
  const clock = new FakeClock();
  const resolver = createResolver(policy, { network, random, clock }, new Recorder());
  for (let round = 1; round <= ROUNDS; round++) {
    for (const name of names) {
      const decision = decide(policy, asked({ name, type: 1 }), clock.now());
      if (decision.kind !== "allow") assert.fail(name);
      void resolver.resolve({ name, type: 1 }, decision.rule, "127.0.0.1", clock.monotonic());
    }
    await clock.advance(10);
    await until(() => seen.length >= round * NAMES && !resolver.isAsking, "a question was lost");
    await clock.advance(2000);
  }
  resolver.close();
  socket.close();
  await served;
  return seen;
}

function toEmissions(packets: readonly Packet[]): Emission[] {
  const ports = [...new Set(packets.map(({ port }) => port))].sort((a, b) => a - b);
  // That one of the pool is never drawn happens once in 10^14 times.
  assert.equal(ports.length, POOL);
  return packets.map(({ bytes, port }) => ({
    port: ports.indexOf(port),
    id: (bytes[0]! << 8) | bytes[1]!,
    capitals: [...bytes.subarray(12, bytes.length - 15)]
      .filter((byte) => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a)
      .map((byte) => byte < 0x61),
  }));
}

Deno.test("ten thousand questions: ports, IDs and letter case are all chance, and none tells the next", async () => {
  const emissions = toEmissions(await emit());
  assert.equal(emissions.length, NAMES * ROUNDS);
  assert.equal(emissions[0]!.capitals.length, NAME_END.replace(/[^a-z]/g, "").length);
  assert.deepEqual(suspicious(emissions), []);
});

/** Emissions by a generator of the test's own, of which one in `part` is bent. */
function bent(
  bend: (one: Emission, before: Emission | undefined) => Emission,
  part = 1,
): Emission[] {
  const random = new SeededRandom(7);
  let before: Emission | undefined;
  return Array.from({ length: NAMES * ROUNDS }, () => {
    const one = {
      port: random.uint16() & 255,
      id: random.uint16(),
      capitals: Array.from({ length: 21 }, () => random.below(2) === 1),
    };
    return before = random.below(part) === 0 ? bend(one, before) : one;
  });
}

const BIASES: readonly [string, Emission[]][] = [
  ["a port that is taken three times as often", bent((one) => ({ ...one, port: 77 }), 128)],
  ["half of the pool", bent((one) => ({ ...one, port: one.port & 127 }))],
  ["ports in turn", bent((one, before) => ({ ...one, port: ((before?.port ?? 0) + 1) & 255 }))],
  ["an ID that counts", bent((one, before) => ({ ...one, id: ((before?.id ?? 0) + 1) & 0xffff }))],
  [
    "an ID with a bit that is set a little too often",
    bent((one) => ({ ...one, id: one.id | 8 }), 8),
  ],
  ["an ID of 15 bits", bent((one) => ({ ...one, id: one.id & 0x7fff }))],
  ["an ID from the port", bent((one) => ({ ...one, id: (one.id & 0xff00) | one.port }))],
  [
    "a letter that is a capital a little too often",
    bent((one) => ({ ...one, capitals: one.capitals.with(3, true) }), 16),
  ],
  [
    "a letter that is as the one before",
    bent((one) => ({ ...one, capitals: one.capitals.with(4, one.capitals[3]!) }), 8),
  ],
  [
    "letters that are as the last time",
    bent((one, before) => ({ ...one, capitals: before?.capitals ?? one.capitals }), 8),
  ],
];

Deno.test("what is not bent looks like chance", () => {
  assert.deepEqual(suspicious(bent((one) => one)), []);
});

for (const [what, emissions] of BIASES) {
  Deno.test(`a bias is noticed: ${what}`, () => assert.notDeepEqual(suspicious(emissions), []));
}

Deno.test("the chi-square distribution is that of the tables", () => {
  const table = [[3.841, 1, 0.05], [6.635, 1, 0.01], [18.307, 10, 0.05], [310.457, 255, 0.01]];
  for (const [x, freedom, tail] of table) {
    assert.ok(Math.abs(chiSquareTail(x!, freedom!) / tail! - 1) < 0.001, `${x} ${freedom}`);
  }
  assert.ok(Math.abs(chiSquareTail(32.84, 1) / 1e-8 - 1) < 0.02);
});
