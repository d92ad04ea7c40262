import assert from "node:assert/strict";
import { createResolver } from "../../src/resolve/mod.ts";
import { SeededRandom } from "../support/seeded_random.ts";
import { Bench, FIRST, SECOND, word } from "../support/fake_resolver.ts";
import { changeCase, respond, respondA } from "../support/upstream_answers.ts";
import { record } from "../support/packets.ts";

Deno.test("an answer comes through", async () => {
  const bench = new Bench();
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes)));
  const asked = bench.ask();
  await bench.settle();
  assert.equal(word(asked), "192.0.2.1");
  assert.deepEqual(bench.destinations, [FIRST]);
});

Deno.test("a silent upstream gets five tries of 900 ms, then the client hears SERVFAIL within 4.5 s", async () => {
  const bench = new Bench();
  const asked = bench.ask();
  await bench.clock.advance(4398);
  assert.equal(word(asked), "under way");
  assert.equal(bench.sent.length, 5);
  await bench.clock.advance(1);
  assert.equal(word(asked), "upstream");
  assert.equal(asked.at, 4399);
  await bench.clock.advance(60_000);
  assert.equal(bench.sent.length, 5);
});

Deno.test("the client hears within 4.5 s, however long the tries would take", async () => {
  const bench = new Bench(
    `[[upstream]]\naddress = "${FIRST}"\n[query]\ntimeout = "2s"\ntries = 20`,
  );
  const asked = bench.ask();
  await bench.clock.advance(4500);
  assert.equal(word(asked), "upstream");
});

Deno.test("every try has a new ID, and port and case are drawn anew", async () => {
  const bench = new Bench(
    `[[upstream]]\naddress = "${FIRST}"\n[query]\ntimeout = "100ms"\ntries = 20`,
  );
  bench.ask("a-name-with-many-letters.example");
  await bench.clock.advance(4500);
  const { sent } = bench;
  const distinct = (of: (index: number) => unknown): number =>
    new Set(sent.map((_, i) => of(i))).size;
  assert.equal(sent.length, 20);
  assert.ok(distinct((i) => (sent[i]!.bytes[0]! << 8) | sent[i]!.bytes[1]!) >= 19);
  assert.ok(distinct((i) => sent[i]!.from.port) >= 17);
  assert.equal(distinct((i) => String.fromCharCode(...sent[i]!.bytes.subarray(12, 45))), 20);
});

Deno.test("tries are staggered: an answer to an earlier try still counts", async () => {
  const bench = new Bench();
  const replies: (() => void)[] = [];
  bench.network.onUdp(FIRST, ({ bytes }, reply) => {
    if (bytes[12] !== 0) replies.push(() => reply(respondA(bytes)));
  });
  const asked = bench.ask();
  await bench.clock.advance(2000);
  assert.equal(replies.length, 3);
  replies[0]!();
  await bench.settle();
  assert.equal(word(asked), "192.0.2.1");
});

Deno.test("the second upstream is asked when the first is silent, and then the first again", async () => {
  const bench = new Bench(2);
  const asked = bench.ask();
  await bench.clock.advance(4500);
  assert.deepEqual(bench.destinations, [FIRST, SECOND, FIRST, SECOND, FIRST]);
  assert.equal(word(asked), "upstream");
});

Deno.test("an upstream that is silent to our own question too is asked last, until it is back", async () => {
  const bench = new Bench(2);
  bench.network.onUdp(SECOND, ({ bytes }, reply) => reply(respondA(bytes)));
  bench.ask("a.example");
  await bench.clock.advance(2000);
  bench.ask("b.example");
  await bench.settle();
  assert.deepEqual(bench.destinations, [FIRST, SECOND, SECOND]);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes)));
  await bench.clock.advance(4800);
  bench.ask("c.example");
  await bench.settle();
  assert.equal(bench.destinations.at(-1), SECOND);
  await bench.clock.advance(200);
  bench.ask("d.example");
  await bench.settle();
  assert.equal(bench.destinations.at(-1), FIRST);
});

Deno.test("a name that its owner never answers for does not change where others are asked", async () => {
  const bench = new Bench(2);
  bench.network.onUdp(
    FIRST,
    ({ bytes }, reply) => bytes[13]! % 32 === 20 ? undefined : reply(respondA(bytes)),
  );
  bench.network.onUdp(SECOND, ({ bytes }, reply) => reply(respondA(bytes)));
  for (let i = 0; i < 20; i++) {
    bench.ask(`tarpit${i}.example`);
    await bench.clock.advance(1000);
    bench.ask(`good${i}.example`);
    await bench.settle();
    assert.equal(bench.destinations.at(-1), FIRST);
  }
});

for (const [name, rcode] of Object.entries({ FORMERR: 1, SERVFAIL: 2, NOTIMP: 4, REFUSED: 5 })) {
  Deno.test(`${name} turns to the next upstream at once`, async () => {
    const bench = new Bench(2);
    bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respond(bytes, { rcode })));
    bench.network.onUdp(SECOND, ({ bytes }, reply) => reply(respondA(bytes)));
    const asked = bench.ask();
    await bench.settle();
    assert.equal(word(asked), "192.0.2.1");
    assert.deepEqual(bench.destinations, [FIRST, SECOND]);
  });

  Deno.test(`${name} from every upstream is SERVFAIL at once, without asking anyone twice`, async () => {
    const bench = new Bench(2);
    for (const address of [FIRST, SECOND]) {
      bench.network.onUdp(address, ({ bytes }, reply) => reply(respond(bytes, { rcode })));
    }
    const asked = bench.ask();
    await bench.settle();
    assert.equal(word(asked), "upstream");
    assert.deepEqual(bench.destinations, [FIRST, SECOND]);
  });
}

Deno.test("a failure from one upstream leaves the other its time", async () => {
  const bench = new Bench(2);
  let late = (): void => {};
  bench.network.onUdp(FIRST, ({ bytes }, reply) => late = () => reply(respondA(bytes)));
  bench.network.onUdp(SECOND, ({ bytes }, reply) => reply(respond(bytes, { rcode: 2 })));
  const asked = bench.ask();
  await bench.clock.advance(1000);
  assert.equal(word(asked), "under way");
  late();
  await bench.settle();
  assert.equal(word(asked), "192.0.2.1");
});

Deno.test("NXDOMAIN and NODATA are answers", async () => {
  for (const [rcode, expected] of [[3, "NXDOMAIN"], [0, "NODATA"]] as const) {
    const bench = new Bench(2);
    bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respond(bytes, { rcode })));
    const asked = bench.ask();
    await bench.settle();
    assert.equal(word(asked), expected);
  }
});

Deno.test("a rule's own upstream is the only one that it is asked of", async () => {
  const bench = new Bench(
    `[[upstream]]\naddress = "${FIRST}"\n[[upstream]]\nname = "inside"\naddress = "${SECOND}"\n` +
      '[[rule]]\nname = "db.corp.example"\nupstream = "inside"',
  );
  bench.ask("db.corp.example");
  await bench.clock.advance(4500);
  assert.deepEqual(bench.destinations, [SECOND, SECOND, SECOND, SECOND, SECOND]);
});

Deno.test("while the network is down nothing is lost but time: the next try goes through", async () => {
  for (const upstreams of [1, 2] as const) {
    const bench = new Bench(upstreams);
    bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respondA(bytes)));
    bench.network.isDown = true;
    const asked = bench.ask();
    await bench.clock.advance(1000);
    bench.network.isDown = false;
    await bench.clock.advance(1000);
    assert.equal(word(asked), "192.0.2.1");
  }
});

Deno.test("TC asks the same upstream again over TCP", async () => {
  const bench = new Bench(2);
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respond(bytes, { flags: 0x8380 })));
  bench.network.onTcp(FIRST, (bytes) => Promise.resolve([respondA(bytes, "192.0.2.9")]));
  const asked = bench.ask();
  await bench.settle();
  assert.equal(word(asked), "192.0.2.9");
  assert.equal(bench.network.sentOverTcp.length, 1);
});

Deno.test("right in all but case asks again over TCP, where an answer in small letters counts", async () => {
  const bench = new Bench();
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(changeCase(respondA(bytes, "6.6.6.6"))));
  bench.network.onTcp(
    FIRST,
    (bytes) => Promise.resolve([changeCase(respondA(bytes, "192.0.2.9"))]),
  );
  const asked = bench.ask();
  await bench.settle();
  assert.equal(word(asked), "192.0.2.9");
});

Deno.test("TC over TCP, broken framing or a closed connection turn to the next upstream", async () => {
  const peers = [
    (bytes: Uint8Array) => Promise.resolve([respond(bytes, { flags: 0x8380 })]),
    () => Promise.resolve([new Uint8Array()]),
    () => Promise.resolve(null),
  ];
  for (const peer of peers) {
    const bench = new Bench(2);
    bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respond(bytes, { flags: 0x8380 })));
    bench.network.onTcp(FIRST, peer);
    bench.network.onUdp(SECOND, ({ bytes }, reply) => reply(respondA(bytes)));
    const asked = bench.ask();
    await bench.clock.advance(30);
    assert.equal(word(asked), "192.0.2.1");
  }
});

Deno.test("over TCP, what is not ours is read past", async () => {
  const bench = new Bench(`[[upstream]]\naddress = "${FIRST}"\ntransport = "tcp"`);
  bench.network.onTcp(FIRST, (bytes) => {
    const stranger = respondA(bytes, "6.6.6.6");
    stranger[0] = stranger[0]! ^ 1;
    return Promise.resolve([stranger, respondA(bytes)]);
  });
  const asked = bench.ask();
  await bench.settle();
  assert.equal(word(asked), "192.0.2.1");
  assert.equal(bench.sent.length, 0);
});

Deno.test("a chain is passed on with its data", async () => {
  const bench = new Bench();
  bench.network.onUdp(FIRST, ({ bytes }, reply) =>
    reply(respond(bytes, {
      answer: [record([0xc0, 12], 5, 60, [1, 120, 0]), record("x", 1, 60, [192, 0, 2, 7])],
    })));
  const asked = bench.ask();
  await bench.settle();
  assert.equal(word(asked), "192.0.2.7");
});

Deno.test("a late failure of an earlier try starts no further one", async () => {
  const bench = new Bench(2);
  let late = (): void => {};
  bench.network.onUdp(FIRST, ({ bytes }, reply) => {
    if (bytes[12] !== 0) late = () => reply(respond(bytes, { rcode: 2 }));
  });
  bench.ask();
  await bench.clock.advance(1000);
  late();
  await bench.settle();
  assert.deepEqual(bench.destinations, [FIRST, SECOND]);
});

Deno.test("connections that hang are closed with their questions, and do not pile up", async () => {
  const bench = new Bench();
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respond(bytes, { flags: 0x8380 })));
  let started = 0;
  const open = new Set<number>();
  bench.network.connectTcp = () => {
    const id = started++;
    open.add(id);
    return {
      remoteAddr: undefined,
      open: () => new Promise(() => {}),
      read: () => assert.fail("it read"),
      write: () => new Promise(() => {}),
      close: () => void open.delete(id),
    };
  };
  const asked = Array.from({ length: 100 }, (_, i) => bench.ask(`n${i}.example`));
  await bench.clock.advance(4300);
  assert.ok(started >= 4 && started <= 6, `${started}`);
  assert.equal(open.size, started);
  await bench.clock.advance(200);
  assert.deepEqual(new Set(asked.map(word)), new Set(["upstream"]));
  await bench.clock.advance(10_000);
  bench.resolver.close();
  assert.equal(open.size, 0);
});

Deno.test("closing the resolver closes its connections, and no further one is started", async () => {
  const bench = new Bench(`[[upstream]]\naddress = "${FIRST}"\ntransport = "tcp"`);
  let [started, open] = [0, 0];
  bench.network.connectTcp = () => {
    started++;
    open++;
    return {
      remoteAddr: undefined,
      open: () => Promise.resolve(),
      read: () => new Promise(() => {}),
      write: (bytes) => Promise.resolve(bytes.length),
      close: () => void open--,
    };
  };
  const asked = bench.ask();
  await bench.clock.advance(1000);
  const before = started;
  assert.ok(before > 0 && open > 0);
  bench.resolver.close();
  assert.equal(open, 0);
  await bench.clock.advance(10_000);
  assert.deepEqual([started, open], [before, 0]);
  assert.equal(word(asked), "upstream");
});

/** A connection that nobody uses is closed after 10 s. */
const CLOSED_BY_THEN = 10_100;

Deno.test("every connection leaves from a port of its own, drawn once from 64", async () => {
  const bench = new Bench(`[[upstream]]\naddress = "${FIRST}"\ntransport = "tcp"`);
  bench.network.onTcp(FIRST, (bytes) => Promise.resolve([respondA(bytes)]));
  const bounds: number[] = [];
  const below = SeededRandom.prototype.below;
  const random = new SeededRandom(7);
  random.below = (bound) => {
    bounds.push(bound);
    return below.call(random, bound);
  };
  random.fork = () => random;
  const { clock, network, policy, recorder } = bench;
  const resolver = createResolver(policy, { clock, network, random }, recorder);
  for (let i = 0; i < 500; i++) {
    void resolver.resolve(
      { name: `n${i}.example`, type: 1 },
      policy.rules.rules[0]!,
      "127.0.0.1",
      0,
    );
    await bench.clock.advance(CLOSED_BY_THEN);
  }
  const ports = network.connections.map(({ localPort }) => localPort);
  assert.equal(ports.length, 500);
  assert.equal(bounds.filter((bound) => bound === 64).length, 500);
  const expected = Array.from({ length: 64 }, (_, i) => 61_000 + i);
  assert.deepEqual([...new Set(ports)].sort(), expected);
});

Deno.test("what came truncated over UDP is asked again from one of 64 ports", async () => {
  const bench = new Bench();
  bench.network.onUdp(FIRST, ({ bytes }, reply) => reply(respond(bytes, { flags: 0x8380 })));
  bench.network.onTcp(FIRST, (bytes) => Promise.resolve([respondA(bytes)]));
  for (let i = 0; i < 300; i++) {
    void bench.ask(`n${i}.example`);
    await bench.clock.advance(CLOSED_BY_THEN);
  }
  const ports = new Set(bench.network.connections.map(({ localPort }) => localPort));
  assert.ok(ports.size > 50);
  assert.deepEqual([...ports].filter((port) => port < 61_000 || port > 61_063), []);
});

Deno.test("a taken port ends a try and says nothing about the upstream; the next draws another", async () => {
  const bench = new Bench(`[[upstream]]\naddress = "${FIRST}"\ntransport = "tcp"`);
  bench.network.onTcp(FIRST, (bytes) => Promise.resolve([respondA(bytes)]));
  const connectTcp = bench.network.connectTcp.bind(bench.network);
  bench.network.connectTcp = (address, port) => {
    if (bench.network.connections.length < 2) bench.network.takenPorts.add(port);
    return connectTcp(address, port);
  };
  const asked = bench.ask();
  await bench.clock.advance(910);
  assert.equal(word(asked), "under way");
  assert.equal(bench.network.connections.length, 2);
  await bench.clock.advance(910);
  assert.equal(word(asked), "192.0.2.1");
  assert.equal(new Set(bench.network.connections.map(({ localPort }) => localPort)).size, 3);
  assert.deepEqual(bench.recorder.events.filter(({ event }) => event === "warning"), []);
});

Deno.test("an upstream that sends message upon message that is no answer is given up", async () => {
  const bench = new Bench(
    `[[upstream]]\naddress = "${FIRST}"\ntransport = "tcp"\n[[upstream]]\naddress = "${SECOND}"`,
  );
  bench.network.onTcp(FIRST, () => Promise.resolve(new Array(1000).fill(new Uint8Array(60_000))));
  bench.network.onUdp(SECOND, ({ bytes }, reply) => reply(respondA(bytes)));
  const asked = bench.ask();
  await bench.clock.advance(30);
  assert.equal(word(asked), "192.0.2.1");
});

Deno.test("names that hang over TCP leave places for others, and say nothing about the upstream", async () => {
  const bench = new Bench(`[[upstream]]\naddress = "${FIRST}"\ntransport = "tcp"`);
  bench.network.onTcp(
    FIRST,
    (bytes) =>
      bytes[13] === 0x67 || bytes[13] === 0x47 || bytes[12] === 0
        ? Promise.resolve([respondA(bytes)])
        : new Promise(() => {}),
  );
  for (let i = 0; i < 200; i++) bench.ask(`silent${i}.example`);
  await bench.clock.advance(4000);
  const good = bench.ask("good.example");
  await bench.clock.advance(10);
  assert.equal(word(good), "192.0.2.1");
  await bench.clock.advance(10_000);
  assert.deepEqual(bench.recorder.events.filter(({ event }) => event === "warning"), []);
});

Deno.test("where a connection says nothing, the next try goes over another one; all end with the round", async () => {
  const bench = new Bench(`[[upstream]]\naddress = "${FIRST}"\ntransport = "tcp"`);
  const open = new Set<number>();
  let most = 0;
  let next = 0;
  bench.network.connectTcp = () => {
    const id = next++;
    open.add(id);
    most = Math.max(most, open.size);
    return {
      remoteAddr: undefined,
      open: () => Promise.resolve(),
      read: () => new Promise(() => {}),
      write: (bytes) => Promise.resolve(bytes.length),
      close: () => void open.delete(id),
    };
  };
  bench.ask();
  await bench.clock.advance(4300);
  assert.ok(next === 5 && most === 5, `${next} ${most}`);
  await bench.clock.advance(200);
  assert.ok(open.size <= 1, `${open.size}`);
  await bench.clock.advance(4500);
  bench.resolver.close();
  assert.equal(open.size, 0);
});
