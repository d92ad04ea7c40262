import assert from "node:assert/strict";
import { Bench, FIRST } from "../support/fake_resolver.ts";
import type { UdpPeer } from "../support/fake_network.ts";
import { Served, tell } from "../support/served.ts";
import { respond, respondA } from "../support/upstream_answers.ts";

const NAME = "api.test";

const good: UdpPeer = ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1", 60));
const changed: UdpPeer = ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.2", 60));
const servfail: UdpPeer = ({ bytes }, reply) => reply(respond(bytes, { rcode: 2 }));
const nxdomain: UdpPeer = ({ bytes }, reply) => reply(respond(bytes, { rcode: 3 }));
const silent: UdpPeer = () => {};

/** When the refresh of an answer has lapsed for sure, in ms from the end of its TTL. */
const LAPSED = 1100;

/** A pair that was answered, for which nobody has asked since and whose TTL has passed; from then on the upstream does something else. */
async function afterItsTtl(
  then: UdpPeer,
  first: UdpPeer = good,
  stale = "24h",
): Promise<{ bench: Bench; served: Served }> {
  const bench = new Bench(
    `[[upstream]]\naddress = "${FIRST}"\n[cache]\nstale = "${stale}"\nmin_ttl = "60s"\n`,
    1,
    `allow = ["${NAME}"]`,
  );
  const served = new Served(bench);
  bench.network.onUdp(FIRST, first);
  served.ask(NAME);
  await bench.clock.advance(60_001 + LAPSED);
  bench.network.onUdp(FIRST, then);
  return { bench, served };
}

Deno.test("a fresh answer that comes within 1.8 s wins over a stale one", async () => {
  const { bench, served } = await afterItsTtl((packet, reply) => {
    bench.clock.setTimer(1795, () => changed(packet, reply));
  });
  const heard = served.ask(NAME);
  await bench.clock.advance(1790);
  assert.equal(tell(heard), "under way");
  await bench.clock.advance(10);
  assert.equal(tell(heard), "NOERROR 192.0.2.2");
  assert.equal(heard.reply?.ttl, 60);
  assert.equal(bench.recorder.last, "forward listed");
});

Deno.test("when none has come after 1.8 s the stale one is served, with a TTL of 30 s and EDE 3", async () => {
  const { bench, served } = await afterItsTtl(silent);
  const heard = served.ask(NAME);
  await bench.clock.advance(1799);
  assert.equal(tell(heard), "under way");
  await bench.clock.advance(1);
  assert.equal(tell(heard), "NOERROR 192.0.2.1 EDE 3");
  assert.equal(heard.reply?.ttl, 30);
  const { verdict, cached } = bench.recorder.queries.at(-1)!;
  assert.deepEqual([verdict, cached], ["serve", true]);
});

Deno.test("a stale NXDOMAIN says so with EDE 19", async () => {
  const { bench, served } = await afterItsTtl(silent, nxdomain);
  const heard = served.ask(NAME);
  await bench.clock.advance(1800);
  assert.equal(tell(heard), "NXDOMAIN EDE 19");
  assert.deepEqual([heard.reply?.authority, heard.reply?.ttl], [["SOA"], 30]);
});

Deno.test("all who wait get the stale one, those who came later sooner", async () => {
  const { bench, served } = await afterItsTtl(silent);
  const first = served.ask(NAME);
  await bench.clock.advance(1000);
  const second = served.ask(NAME);
  await bench.clock.advance(800);
  assert.deepEqual([tell(first), tell(second)], Array(2).fill("NOERROR 192.0.2.1 EDE 3"));
  assert.equal(second.at - first.at, 0);
});

Deno.test("a stale answer is served at once when a round has failed, and in the pauses after it", async () => {
  const { bench, served } = await afterItsTtl(servfail);
  const first = served.ask(NAME);
  await bench.settle();
  assert.equal(tell(first), "NOERROR 192.0.2.1 EDE 3");
  for (let i = 0; i < 100; i++) {
    const again = served.ask(NAME);
    assert.equal(tell(again), "NOERROR 192.0.2.1 EDE 3", `${i}`);
    await bench.clock.advance(400);
  }
});

Deno.test("after a failed round nobody waits for the next one, even while it is under way", async () => {
  const { bench, served } = await afterItsTtl(silent);
  served.ask(NAME);
  await bench.clock.advance(6500);
  const rounds = bench.sent.length;
  assert.ok(rounds > 6, `${rounds}`);
  assert.equal(tell(served.ask(NAME)), "NOERROR 192.0.2.1 EDE 3");
});

Deno.test("as soon as the upstream is back, what is served is fresh again", async () => {
  const { bench, served } = await afterItsTtl(servfail);
  served.ask(NAME);
  await bench.clock.advance(500);
  bench.network.onUdp(FIRST, changed);
  await bench.clock.advance(1000);
  const heard = served.ask(NAME);
  assert.equal(tell(heard), "NOERROR 192.0.2.2");
});

Deno.test("a failure is forgotten with the next answer: the next time they wait for a fresh one again", async () => {
  const { bench, served } = await afterItsTtl(servfail);
  served.ask(NAME);
  await bench.clock.advance(500);
  bench.network.onUdp(FIRST, changed);
  await bench.clock.advance(62_000);
  bench.network.onUdp(FIRST, silent);
  const heard = served.ask(NAME);
  await bench.clock.advance(1799);
  assert.equal(tell(heard), "under way");
  await bench.clock.advance(1);
  assert.equal(tell(heard), "NOERROR 192.0.2.2 EDE 3");
});

Deno.test('stale = "0s": never', async () => {
  for (const upstream of [silent, servfail]) {
    const { bench, served } = await afterItsTtl(upstream, good, "0s");
    const heard = served.ask(NAME);
    await bench.clock.advance(4400);
    assert.equal(tell(heard), "SERVFAIL EDE 22");
    assert.equal(tell(served.ask(NAME)), "SERVFAIL EDE 22");
  }
});

Deno.test("not beyond what the policy says, from the end of the TTL on", async () => {
  const { bench, served } = await afterItsTtl(servfail, good, "1h");
  await bench.clock.advance(3_600_000 - LAPSED - 10);
  const last = served.ask(NAME);
  await bench.clock.advance(9);
  assert.equal(tell(last), "NOERROR 192.0.2.1 EDE 3");
  await bench.clock.advance(1);
  assert.equal(tell(served.ask(NAME)), "SERVFAIL EDE 22");
});

/** Half a second before a stale answer is too old. */
async function nearItsEnd(upstream: UdpPeer): Promise<{ bench: Bench; served: Served }> {
  const { bench, served } = await afterItsTtl(upstream, good, "1h");
  await bench.clock.advance(3_600_000 - LAPSED - 500);
  return { bench, served };
}

Deno.test("who begins to wait while there is a stale one waits on for a fresh one when that is over", async () => {
  const { bench, served } = await nearItsEnd((packet, reply) => {
    bench.clock.setTimer(2500, () => changed(packet, reply));
  });
  const heard = served.ask(NAME);
  await bench.clock.advance(2490);
  assert.equal(tell(heard), "under way");
  await bench.clock.advance(20);
  assert.equal(tell(heard), "NOERROR 192.0.2.2");
});

Deno.test("and hears SERVFAIL where none comes in 4.5 s", async () => {
  const { bench, served } = await nearItsEnd(silent);
  const heard = served.ask(NAME);
  await bench.clock.advance(4300);
  assert.equal(tell(heard), "under way");
  await bench.clock.advance(150);
  assert.equal(tell(heard), "SERVFAIL EDE 22");
});

Deno.test("names below wildcards have stale answers too", async () => {
  const bench = new Bench();
  const served = new Served(bench);
  bench.network.onUdp(FIRST, good);
  served.ask("w.example");
  await bench.clock.advance(60_001);
  bench.network.onUdp(FIRST, silent);
  const heard = served.ask("w.example");
  await bench.clock.advance(1800);
  assert.equal(tell(heard), "NOERROR 192.0.2.1 EDE 3");
});
