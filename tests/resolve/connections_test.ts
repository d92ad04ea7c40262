/** Connections that are kept open, on a fake network: what goes over which, and when they end. */

import assert from "node:assert/strict";
import type { OutgoingConnection } from "../../src/system/mod.ts";
import { frameMessages, FrameReader } from "../../src/wire/mod.ts";
import { Bench, FIRST, SECOND, word } from "../support/fake_resolver.ts";
import { policyWithFiles } from "../support/policies.ts";
import { readPem } from "../support/tls_upstream.ts";
import { respondA } from "../support/upstream_answers.ts";
import { createResolver } from "../../src/resolve/mod.ts";
import { SeededRandom } from "../support/seeded_random.ts";

const TCP = `[[upstream]]\naddress = "${FIRST}"\ntransport = "tcp"`;

/** The other end of a connection, in the hands of a test. */
class Line implements OutgoingConnection {
  readonly remoteAddr = undefined;
  /** What has come, message by message. */
  readonly heard: Uint8Array[] = [];
  isClosed = false;
  readonly #frames = new FrameReader();
  #chunks: (Uint8Array | null)[] = [];
  #wake = (): void => {};

  constructor(readonly opening: Promise<void> = Promise.resolve()) {}

  open(): Promise<void> {
    return this.opening;
  }

  write(bytes: Uint8Array): Promise<number> {
    this.heard.push(...this.#frames.push(bytes) ?? []);
    return Promise.resolve(bytes.length);
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#chunks.length === 0) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const chunk = this.#chunks.shift()!;
    if (chunk !== null) buffer.set(chunk);
    return chunk && chunk.length;
  }

  close(): void {
    this.isClosed = true;
  }

  /** Says something; null hangs up. */
  say(message: Uint8Array | null): void {
    this.#chunks.push(message && frameMessages(message));
    this.#wake();
  }
}

/** A bench whose connections a test holds the other ends of. */
function benchOnLines(lineFor: (number: number) => Line = () => new Line()): [Bench, Line[]] {
  const bench = new Bench(TCP);
  const lines: Line[] = [];
  bench.network.connectTcp = () => {
    const line = lineFor(lines.length);
    lines.push(line);
    return line;
  };
  return [bench, lines];
}

function idOf(message: Uint8Array): number {
  return message[0]! * 256 + message[1]!;
}

Deno.test("questions share a connection, each with an ID of its own, and are answered in any order", async () => {
  const [bench, lines] = benchOnLines();
  const asked = Array.from({ length: 500 }, (_, i) => bench.ask(`n${i}.example`));
  await bench.settle();
  const [line, ...others] = lines;
  assert.equal(others.length, 0);
  assert.equal(new Set(line!.heard.map(idOf)).size, 500);
  for (const [i, message] of [...line!.heard.entries()].reverse()) {
    line!.say(respondA(message, `192.0.2.${i % 256}`));
  }
  await bench.settle();
  await bench.settle();
  // All of one tick leave in the order of their names.
  const words = asked.map(word);
  assert.equal(words.filter((one) => one.startsWith("192.0.2.")).length, 500);
  assert.equal(new Set(words).size, 256);
});

Deno.test("a connection that the upstream has closed while idle is no failure: the next questions share another", async () => {
  const [bench, lines] = benchOnLines();
  const first = bench.ask("first.example");
  await bench.settle();
  lines[0]!.say(respondA(lines[0]!.heard[0]!));
  await bench.settle();
  assert.equal(word(first), "192.0.2.1");
  lines[0]!.say(null);
  await bench.settle();
  assert.ok(lines[0]!.isClosed);
  const others = [bench.ask("second.example"), bench.ask("third.example")];
  await bench.settle();
  for (const message of lines[1]!.heard) lines[1]!.say(respondA(message));
  await bench.settle();
  assert.deepEqual(others.map(word), ["192.0.2.1", "192.0.2.1"]);
  assert.equal(lines.length, 2);
});

Deno.test("a question that meets the end of a kept connection is asked again at once, on a new one, and only once", async () => {
  const [bench, lines] = benchOnLines();
  bench.ask("first.example");
  await bench.settle();
  lines[0]!.say(respondA(lines[0]!.heard[0]!));
  await bench.settle();
  const second = bench.ask("second.example");
  await bench.settle();
  assert.equal(lines[0]!.heard.length, 2);
  lines[0]!.say(null);
  await bench.settle();
  assert.equal(lines.length, 2);
  assert.equal(lines[1]!.heard.length, 1);
  assert.notEqual(idOf(lines[1]!.heard[0]!), idOf(lines[0]!.heard[1]!));
  lines[1]!.say(null);
  await bench.settle();
  assert.equal(word(second), "under way");
  assert.equal(lines.length, 2);
});

Deno.test("a connection is closed when nobody has used it for 10 s, and not before", async () => {
  const [bench, lines] = benchOnLines();
  bench.ask("a.example");
  await bench.settle();
  lines[0]!.say(respondA(lines[0]!.heard[0]!));
  await bench.settle();
  await bench.clock.advance(6000);
  bench.ask("b.example");
  await bench.settle();
  lines[0]!.say(respondA(lines[0]!.heard[1]!));
  await bench.clock.advance(9900);
  assert.ok(!lines[0]!.isClosed);
  await bench.clock.advance(200);
  assert.ok(lines[0]!.isClosed);
  assert.equal(lines.length, 1);
});

Deno.test("after connections that failed the next one waits, up to 1 s, and an answer ends that", async () => {
  const times: number[] = [];
  const broken = (): Line => {
    const opening = Promise.reject(new Error("Connection refused"));
    opening.catch(() => {});
    return new Line(opening);
  };
  const [bench, lines] = benchOnLines(() => {
    times.push(bench.clock.monotonic());
    return isBack ? new Line() : broken();
  });
  let isBack = false;
  // One after the other, so that there is a question at any time.
  for (let i = 0; i < 1500; i++) {
    bench.ask(`n${i}.example`);
    await bench.clock.advance(10);
  }
  const pauses = times.slice(1).map((time, i) => time - times[i]!);
  const expected = [250, 500, 1000, 1000, 1000, 1000];
  assert.ok(times.length >= 6, `${times}`);
  for (const [i, pause] of pauses.entries()) {
    const due = expected[Math.min(i, 5)]!;
    assert.ok(pause >= due && pause < due + 50, `${pauses}`);
  }
  isBack = true;
  for (let i = 0; i < 450; i++) {
    bench.ask(`m${i}.example`);
    await bench.clock.advance(10);
  }
  const line = lines.at(-1)!;
  assert.ok(line.heard.length > 0);
  line.say(respondA(line.heard[0]!));
  await bench.settle();
  const before = lines.length;
  line.say(null);
  await bench.settle();
  assert.equal(lines.length, before + 1);
});

Deno.test("an answer that nobody waits for any more is no reason to give a connection up", async () => {
  const [bench, lines] = benchOnLines();
  for (let i = 0; i < 20; i++) bench.ask(`n${i}.example`);
  await bench.clock.advance(500);
  // Some word every now and then, so that the connection is kept.
  const probe = lines[0]!;
  for (let i = 0; i < 10; i++) {
    probe.say(respondA(probe.heard[i]!));
    await bench.clock.advance(500);
  }
  assert.ok(!probe.isClosed);
  for (let i = 10; i < 20; i++) probe.say(respondA(probe.heard[i]!));
  await bench.settle();
  assert.ok(!probe.isClosed);
});

/** The other end of a connection whose server answers so many questions, and then hangs up. */
class ShortLine extends Line {
  constructor(readonly most: number) {
    super();
  }

  override async write(bytes: Uint8Array): Promise<number> {
    const from = this.heard.length;
    const count = await super.write(bytes);
    if (this.isClosed || from >= this.most) return count;
    for (const message of this.heard.slice(from, this.most)) this.say(respondA(message));
    if (this.heard.length >= this.most) this.say(null);
    return count;
  }
}

for (const most of [1, 3]) {
  Deno.test(`an upstream that hangs up after answers to ${most} answers all, over a few connections at once`, async () => {
    let mostOpen = 0;
    const [bench, lines] = benchOnLines(() => {
      mostOpen = Math.max(mostOpen, lines.filter(({ isClosed }) => !isClosed).length + 1);
      return new ShortLine(most);
    });
    const asked = Array.from({ length: 40 }, (_, i) => bench.ask(`n${i}.example`));
    await bench.clock.advance(4000);
    assert.deepEqual(new Set(asked.map(word)), new Set(["192.0.2.1"]));
    assert.equal(mostOpen, 4);
  });
}

Deno.test("a connection that broke once does not keep questions apart for good", async () => {
  const [bench, lines] = benchOnLines();
  const ask = async (from: number, count: number): Promise<void> => {
    for (let i = from; i < from + count; i++) bench.ask(`n${i}.example`);
    await bench.settle();
  };
  await ask(0, 3);
  lines[0]!.say(respondA(lines[0]!.heard[0]!));
  lines[0]!.say(null);
  await bench.settle();
  assert.equal(lines.length, 3);
  for (let i = 3; i < 20; i++) {
    await ask(i, 1);
    for (const line of lines) {
      for (const message of line.heard.splice(0)) line.say(respondA(message));
    }
    await bench.settle();
  }
  const before = lines.length;
  await ask(20, 10);
  assert.equal(lines.length, before);
  assert.equal(lines.filter(({ heard }) => heard.length > 0).length, 1);
});

Deno.test("a question that ends one connection after the other is asked only so often", async () => {
  const [bench, lines] = benchOnLines();
  const isBad = (message: Uint8Array): boolean =>
    new TextDecoder().decode(message).toLowerCase().includes("bad");
  const bad = bench.ask("bad.example");
  for (let i = 0; i < 800; i++) {
    bench.ask(`n${i}.example`);
    await bench.clock.advance(1);
    const [line] = lines.filter(({ isClosed }) => !isClosed);
    line?.heard.filter((one) => !isBad(one)).slice(-1).forEach((one) => line.say(respondA(one)));
    // By then it has answered others, so that the question is not to blame.
    if (line !== undefined && line.heard.length > 10 && line.heard.some(isBad)) line.say(null);
  }
  await bench.settle();
  assert.equal(word(bad), "under way");
  assert.equal(lines.filter(({ heard }) => heard.some(isBad)).length, 6);
});

/** A resolver with an upstream over TLS, and one over UDP after it. */
function tlsBench(): Bench {
  const bench = new Bench();
  const policy = policyWithFiles(
    `allow = ["**.example"]
[query]
tick = "1ms"
[[upstream]]
address = "${FIRST}"
transport = "tls"
tls_name = "dns.example"
ca_file = "ca.pem"
pin = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
[[upstream]]
address = "${SECOND}"`,
    [],
    [readPem("ca.pem")],
  );
  const { clock, network, recorder } = bench;
  const resolver = createResolver(
    policy,
    { clock, network, random: new SeededRandom(1) },
    recorder,
  );
  return Object.assign(bench, { policy, resolver });
}

Deno.test("over TLS a question is padded, and whoever is asked has to be who the policy says", async () => {
  const bench = tlsBench();
  bench.network.onTcp(FIRST, (bytes) => Promise.resolve([respondA(bytes)]));
  const asked = bench.ask("a.example");
  await bench.settle();
  assert.equal(word(asked), "192.0.2.1");
  assert.deepEqual(bench.network.identities, [{
    name: "dns.example",
    roots: [readPem("ca.pem").trim()],
    pin: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
  }]);
  assert.deepEqual(bench.network.sentOverTcp.map(({ length }) => length), [128]);
  assert.deepEqual(bench.sent, []);
});

Deno.test("a stranger in an upstream's place hears nothing, over no transport; the next upstream answers", async () => {
  const bench = tlsBench();
  bench.network.onTcp(FIRST, (bytes) => Promise.resolve([respondA(bytes, "6.6.6.6")]));
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes, "6.6.6.6")));
  bench.network.strangers.set(FIRST, "its certificate has expired");
  bench.network.onUdp(SECOND, ({ bytes }, reply) => reply(respondA(bytes)));
  const asked = bench.ask("a.example");
  await bench.settle();
  assert.equal(word(asked), "192.0.2.1");
  assert.deepEqual(bench.network.sentOverTcp, []);
  assert.deepEqual(new Set(bench.destinations), new Set([SECOND]));
});
