import assert from "node:assert/strict";
import { PAUSE } from "../../src/admit/mod.ts";
import { Admission } from "../../src/serve/mod.ts";
import { service } from "../support/addresses.ts";
import { settle } from "../support/fake_clock.ts";
import { FakeHelper, SOCKET } from "../support/fake_helper.ts";
import { namedError } from "../support/fake_host.ts";
import type { UdpPeer } from "../support/fake_network.ts";
import { Bench, FIRST } from "../support/fake_resolver.ts";
import { record } from "../support/packets.ts";
import { questionIn } from "../support/scripted_upstream.ts";
import { Served, tell } from "../support/served.ts";
import { respond, respondA } from "../support/upstream_answers.ts";

const NAME = "api.test";
const [A, HTTPS, TXT] = [1, 65, 16];

/** What is added to the TTL and to `stale`, in s. */
const GRACE = 120;

const good: UdpPeer = ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1", 300));
const silent: UdpPeer = () => {};

interface Room {
  readonly bench: Bench;
  readonly helper: FakeHelper;
  readonly served: Served;
  readonly admission: Admission;
}

/** A firewall with an admission; the helper is not started yet. */
function prepare(
  upstream: UdpPeer,
  stale = "0s",
  head = `allow = ["${NAME}", "other.test"]`,
): Room {
  const bench = new Bench(
    `[[upstream]]\naddress = "${FIRST}"\n[cache]\nstale = "${stale}"\nmin_ttl = "60s"\n`,
    1,
    `types = ["A", "HTTPS", "TXT"]\n${head}`,
  );
  bench.network.onUdp(FIRST, upstream);
  const helper = new FakeHelper(bench.clock);
  const admission = new Admission({ clock: bench.clock, unix: helper.unix }, bench.recorder);
  const served = new Served(
    bench,
    (resolve) => admission.admitting(resolve, () => bench.policy.cache.stale),
  );
  return { bench, helper, served, admission };
}

/** The same with a helper that runs. */
async function begin(...args: Parameters<typeof prepare>): Promise<Room> {
  const room = prepare(...args);
  await room.helper.start();
  return room;
}

function warnings({ bench }: Room): string[] {
  return bench.recorder.events.flatMap((one) => one.event === "warning" ? [one.message] : []);
}

/** Gates nft until the test opens it. */
function closeGate({ helper }: Room): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  helper.nft.gate = promise;
  return resolve;
}

Deno.test("a client hears an address only once the packet filter lets out to it", async () => {
  const room = await begin(good);
  const { bench, helper, served } = room;
  const open = closeGate(room);
  const heard = served.ask(NAME);
  await bench.clock.advance(500);
  assert.equal(bench.sent.length, 1);
  assert.equal(tell(heard), "under way");
  open();
  await bench.settle();
  assert.equal(tell(heard), "NOERROR 192.0.2.1");
  assert.ok(helper.nft.left("192.0.2.1")! > 300);
});

Deno.test("an address is admitted for its TTL, the time of stale answers and a grace", async () => {
  const { bench, helper, served } = await begin(good, "1h");
  served.ask(NAME);
  await bench.settle();
  const left = helper.nft.left("192.0.2.1")!;
  const wanted = 300 + 3600 + GRACE;
  assert.ok(left <= wanted && left > wanted - 1, `${left}`);
});

Deno.test("a cached answer goes out in the same turn, and is asked for again after a minute", async () => {
  const { bench, helper, served } = await begin(good);
  served.ask(NAME);
  await bench.settle();
  const before = helper.nft.inputs.length;
  for (let i = 0; i < 10; i++) assert.equal(tell(served.ask(NAME)), "NOERROR 192.0.2.1");
  await bench.clock.advance(59_000);
  assert.equal(tell(served.ask(NAME)), "NOERROR 192.0.2.1");
  assert.equal(helper.nft.inputs.length, before);
  // The ruleset was loaded anew.
  helper.nft.until.clear();
  await bench.clock.advance(1000);
  const heard = served.ask(NAME);
  assert.equal(tell(heard), "under way");
  await settle();
  assert.equal(tell(heard), "NOERROR 192.0.2.1");
  const left = helper.nft.left("192.0.2.1")!;
  assert.ok(left <= 240 + GRACE && left > 235 + GRACE, `${left}`);
});

Deno.test("at every time at which a client may use an answer, its address is admitted", async () => {
  const { bench, helper, served } = await begin(({ bytes }, reply) =>
    reply(respondA(bytes, "192.0.2.1", 5))
  );
  for (let i = 0; i < 2000; i++) {
    const heard = served.ask(NAME);
    await bench.settle();
    const ttl = heard.reply?.ttl ?? assert.fail("no reply");
    assert.ok(helper.nft.left("192.0.2.1")! >= ttl + 30, `at ${bench.clock.monotonic()}`);
    await bench.clock.advance(173);
  }
});

Deno.test("two clients who wait for one answer cause one request", async () => {
  const room = await begin(good);
  const { bench, helper, served } = room;
  const before = helper.nft.inputs.length;
  const open = closeGate(room);
  const heard = [served.ask(NAME), served.ask(NAME, A, "127.0.0.2")];
  await bench.settle();
  heard.push(served.ask(NAME));
  open();
  await bench.settle();
  assert.deepEqual(heard.map(tell), Array(3).fill("NOERROR 192.0.2.1"));
  assert.equal(helper.nft.inputs.length, before + 1);
});

Deno.test("addresses in the hints of HTTPS records are admitted too; other data asks for nothing", async () => {
  const hints = service(1, ".", [[1, [2, 104, 50]], [4, [198, 51, 100, 7, 198, 51, 100, 8]], [6, [
    ...[0x26, 0x20, 0xfe],
    ...Array(12).fill(0),
    9,
  ]]]);
  const { bench, helper, served } = await begin(({ bytes }, reply) => {
    const isText = questionIn(bytes).endsWith(" TXT");
    return reply(
      respond(bytes, {
        answer: [
          isText
            ? record([0xc0, 12], TXT, 60, [2, 104, 105])
            : record([0xc0, 12], HTTPS, 60, [...hints]),
        ],
      }),
    );
  });
  served.ask(NAME, HTTPS);
  await bench.settle();
  for (const address of ["198.51.100.7", "198.51.100.8", "2620:fe00::9"]) {
    assert.ok(helper.nft.left(address), address);
  }
  const before = helper.nft.inputs.length;
  const text = served.ask(NAME, TXT);
  await bench.settle();
  assert.match(tell(text), /^NOERROR/);
  assert.equal(helper.nft.inputs.length, before);
});

Deno.test("an answer waits for all of its addresses, and one refusal is enough", async () => {
  const cases: readonly [replies: readonly string[], told: RegExp][] = [
    [["ok\n", "ok\n"], /^NOERROR 192\.0\.2\.1 192\.0\.2\.2/],
    [["ok\n", "no full\n"], /^SERVFAIL/],
    [["no full\n", "ok\n"], /^SERVFAIL/],
  ];
  for (const [replies, told] of cases) {
    const two = ["1", "2"].map((end) => record([0xc0, 12], A, 60, [192, 0, 2, Number(end)]));
    const { bench, helper, served } = prepare(({ bytes }, reply) =>
      reply(respond(bytes, { answer: two }))
    );
    const listener = helper.unix.listen(SOCKET, 0o660);
    const heard = served.ask(NAME);
    await bench.settle();
    const connection = await listener.accept();
    for (const reply of replies) {
      assert.equal(tell(heard), "under way");
      await connection.write(new TextEncoder().encode(reply));
      await settle();
    }
    assert.match(tell(heard), told);
  }
});

Deno.test("what is refused or never comes is SERVFAIL, with one warning that says what to do", async () => {
  const cases: readonly [break_: (room: Room) => void, warning: RegExp][] = [
    [({ helper }) => helper.nft.failure = "Error: No such file or directory", /load the ruleset/],
    [({ helper }) => helper.nft.failure = "Error: Too many open files in system", /set is full/],
    [({ helper }) => helper.nft.failure = "Error: Operation not permitted", /nft failed/],
    [({ helper }) => helper.nft.gate = new Promise(() => {}), /takes too long/],
  ];
  for (const [break_, warning] of cases) {
    const room = await begin(good);
    break_(room);
    for (const name of [NAME, "other.test"]) {
      const heard = room.served.ask(name);
      await room.bench.clock.advance(1100);
      assert.match(tell(heard), /^SERVFAIL/, `${warning}`);
      assert.equal(room.bench.recorder.last, "servfail upstream");
    }
    const said = warnings(room).filter((one) => warning.test(one));
    assert.equal(said.length, 1, warnings(room).join("\n"));
  }
});

Deno.test("without a helper everything that has an address is SERVFAIL, and the start says so", async () => {
  const room = prepare(good);
  void room.admission.begin();
  await room.bench.settle();
  assert.match(
    warnings(room).join(),
    /clients get no answer: the helper fw-dns-admit is not there: start it$/,
  );
  const heard = room.served.ask(NAME);
  await room.bench.settle();
  assert.match(tell(heard), /^SERVFAIL/);
  assert.equal(tell(room.served.ask("localhost")), "NOERROR 127.0.0.1");
});

const UNREACHABLE: readonly [error: string, words: RegExp][] = [
  ["NotCapable", /give it those of fw-dns permissions --resolved-only$/],
  ["PermissionDenied", /with the group of run_as$/],
  ["ConnectionRefused", /is not there: start it$/],
  ["Busy", /cannot connect to \/run\/fw-dns-admit\/admit\.sock: says why$/],
];

for (const [error, words] of UNREACHABLE) {
  Deno.test(`a helper that cannot be reached (${error}) is a warning with what mends it`, async () => {
    const room = prepare(good);
    room.helper.unix.connect = () => Promise.reject(namedError(error, "says why"));
    await room.admission.begin();
    assert.match(warnings(room).join(), words);
  });
}

Deno.test("a helper that is killed and started again is found again, after a pause", async () => {
  const room = await begin(good);
  const { bench, helper, served } = room;
  served.ask(NAME);
  await bench.settle();
  helper.kill();
  await settle();
  assert.equal(tell(served.ask(NAME)), "NOERROR 192.0.2.1", "it is admitted, helper or not");
  const lost = served.ask("other.test");
  await bench.settle();
  assert.match(tell(lost), /^SERVFAIL/);
  const tries = helper.unix.connects;
  for (let i = 0; i < 20; i++) {
    served.ask("other.test");
    await settle();
  }
  assert.ok(helper.unix.connects - tries <= 1, "each client connects");
  await helper.start();
  await bench.clock.advance(PAUSE);
  const found = served.ask("other.test");
  await bench.settle();
  assert.equal(tell(found), "NOERROR 192.0.2.1");
});

Deno.test("with a new connection nothing counts as admitted: the sets may be new as well", async () => {
  const { bench, helper, served } = await begin(good);
  served.ask(NAME);
  await bench.settle();
  helper.kill();
  helper.nft.until.clear();
  await helper.start();
  await bench.clock.advance(PAUSE);
  const other = served.ask("other.test");
  await bench.settle();
  assert.match(tell(other), /^NOERROR/);
  helper.nft.until.clear();
  const heard = served.ask(NAME);
  assert.equal(tell(heard), "under way");
  await settle();
  assert.equal(tell(heard), "NOERROR 192.0.2.1");
  assert.ok(helper.nft.left("192.0.2.1"));
});

Deno.test("a stale answer is admitted when it is told, for its TTL and longer", async () => {
  const { bench, helper, served } = await begin(good, "24h");
  served.ask(NAME);
  // Nobody has asked since, so nothing refreshes it.
  await bench.clock.advance(302_000);
  bench.network.onUdp(FIRST, silent);
  helper.nft.until.clear();
  const heard = served.ask(NAME);
  await bench.clock.advance(2000);
  assert.match(tell(heard), /^NOERROR 192\.0\.2\.1 EDE 3/);
  assert.ok(helper.nft.left("192.0.2.1")! > 86_400 + 30);
});

Deno.test("a hermetic answer waits for its admission too", async () => {
  const room = prepare(good, "0s", `mode = "hermetic"\nallow = ["${NAME}"]`);
  const { bench, helper, served } = room;
  await helper.start();
  bench.resolver.begin();
  await bench.clock.advance(2000);
  const heard = served.ask(NAME);
  await settle();
  assert.equal(tell(heard), "NOERROR 192.0.2.1");
  assert.ok(helper.nft.left("192.0.2.1"));
});

Deno.test("an answer at a loopback address needs no leave to go out", async () => {
  const { bench, helper, served } = await begin(
    ({ bytes }, reply) => reply(respondA(bytes, "127.0.0.5", 60)),
    "0s",
    `[[rule]]\nname = "${NAME}"\nprivate = true`,
  );
  const before = helper.nft.inputs.length;
  const heard = served.ask(NAME);
  await bench.settle();
  assert.equal(tell(heard), "NOERROR 127.0.0.5");
  assert.equal(helper.nft.inputs.length, before);
});

Deno.test("a client hears something within 4.5 s, however slow upstream and helper are", async () => {
  const room = await begin(silent);
  const { bench, served } = room;
  bench.network.onUdp(FIRST, (packet, reply) => {
    // What is answered earlier is answered to nobody.
    const left = 4000 - bench.clock.monotonic();
    if (left < 890) bench.clock.setTimer(left, () => good(packet, reply));
  });
  closeGate(room);
  const heard = served.ask(NAME);
  await bench.clock.advance(6000);
  assert.match(tell(heard), /^SERVFAIL/);
  assert.ok(heard.at <= 4510, `${heard.at}`);
  assert.ok(heard.at > 4450, `${heard.at}: the upstream's answer never came`);
});

Deno.test("hanging up leaves nothing behind", async () => {
  const room = await begin(good);
  const { bench, helper, served, admission } = room;
  const heard = served.ask(NAME);
  closeGate(room);
  await bench.settle();
  admission.close();
  await settle();
  assert.match(tell(heard), /^SERVFAIL/);
  assert.equal(helper.unix.modeOf(SOCKET), 0o660);
});

Deno.test("a zone with ever new addresses leaves room for others, and for itself once they expire", async () => {
  const MANY = 200;
  let given = 0;
  const room = await begin(
    ({ bytes }, reply) => {
      if (!questionIn(bytes).startsWith(NAME)) return reply(respondA(bytes, "192.0.2.1", 60));
      const answer = Array.from({ length: MANY }, () => {
        given++;
        return record([0xc0, 12], A, 60, [203, 0, given >> 8, given & 255]);
      });
      reply(respond(bytes, { answer }));
    },
    "1h",
  );
  const { bench, helper, served } = room;
  const ask = async (name: string): Promise<string> => {
    await bench.clock.advance(61_000);
    const heard = served.ask(name);
    await bench.settle();
    return heard.reply?.rcode ?? "nothing";
  };
  let answered = 0;
  while (await ask(NAME) === "NOERROR") assert.ok(++answered < 100, "no end");
  assert.ok(helper.nft.until.size <= 8192 + MANY, `${helper.nft.until.size}`);
  assert.ok(answered > 30);
  assert.match(warnings(room).join(), /api\.test has had 8192 addresses/);
  assert.equal(await ask("other.test"), "NOERROR");
  await bench.clock.advance(3_700_000);
  assert.equal(await ask(NAME), "NOERROR");
});
