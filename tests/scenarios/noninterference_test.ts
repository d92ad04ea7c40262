/**
 * Noninterference: what goes upstream is the same, in bytes and in time, whatever clients do.
 *
 * The real program on a fake clock, a seeded random and a fake network lives through the same day twice. In hermetic
 * mode the two traces have to be identical. In forward mode they have to be identical given in which tick each pair
 * was first asked in each of its floors, and whether it was asked again before its refresh.
 */

import assert from "node:assert/strict";
import { HostileClients } from "../support/hostile_clients.ts";
import { query } from "../support/packets.ts";
import { questionIn, scriptUpstream } from "../support/scripted_upstream.ts";
import { type Sight, Simulation } from "../support/simulation.ts";
import { SeededRandom } from "../support/seeded_random.ts";
import { typeName } from "../../src/wire/mod.ts";

const [FIRST, SECOND] = ["192.0.2.53:53", "192.0.2.54:53"];
const DAY = 86_400_000;
const HOUR = 3_600_000;

const UPSTREAMS = `[[upstream]]\naddress = "${FIRST}"\n[[upstream]]\naddress = "${SECOND}"\n`;

const NAMES = Array.from({ length: 12 }, (_, i) => `n${i}.example`);

/** Two upstreams that have troubles of their own, and are down for a while. */
function withTroubles(simulation: Simulation): void {
  const isDown = (at: number): boolean => at % (2 * HOUR) > 1.8 * HOUR;
  scriptUpstream(simulation, FIRST, { isDown, isSilentTo: (name) => name.endsWith("tarpit.test") });
  scriptUpstream(simulation, SECOND, {
    isDown: (at) => isDown(at + HOUR),
    isSilentTo: (name) => name.endsWith("tarpit.test"),
  });
}

/** Lives through a time with or without somebody who acts. */
async function live(
  toml: string,
  time: number,
  every: number,
  act: (simulation: Simulation) => (() => void) | undefined,
): Promise<readonly Sight[]> {
  const simulation = new Simulation(toml, withTroubles);
  simulation.start();
  const step = act(simulation);
  if (step === undefined) await simulation.clock.advance(time);
  for (let at = 0; step !== undefined && at < time; at += every) {
    step();
    await simulation.clock.advance(Math.min(every, time - at));
  }
  const trace = [...simulation.trace];
  await simulation.stop();
  return trace;
}

function assertSame(silent: readonly Sight[], hostile: readonly Sight[]): void {
  const at = silent.findIndex((sight, i) => JSON.stringify(sight) !== JSON.stringify(hostile[i]));
  if (at !== -1) assert.deepEqual(hostile[at], silent[at], `sight ${at} of ${silent.length}`);
  assert.equal(hostile.length, silent.length);
}

const HERMETIC = `mode = "hermetic"
allow = ${JSON.stringify(NAMES)}
${UPSTREAMS}
[cache]
min_ttl = "1m"
`;

for (const seed of [1, 2, 3]) {
  Deno.test(`hermetic: a day of hostile clients (${seed}) shows nothing that a silent day does not`, async () => {
    const silent = await live(HERMETIC, DAY, DAY, () => undefined);
    assert.ok(silent.length > 10_000, `${silent.length}`);
    const hostile = await live(HERMETIC, DAY, 33_331, (simulation) => {
      const clients = new HostileClients(simulation, [...NAMES, "x.example"], seed);
      return () => clients.act();
    });
    assertSame(silent, hostile);
  });
}

/** The same over connections that are kept open, of which a fifth are closed on us. */
const HERMETIC_STREAMS = HERMETIC.replace(
  UPSTREAMS,
  `[[upstream]]
address = "${FIRST}"
transport = "tls"
tls_name = "dns.example"
[[upstream]]
address = "${SECOND}"
transport = "tcp"
`,
);

Deno.test("hermetic: over TCP and TLS hostile clients neither open nor close a connection", async () => {
  const silent = await live(HERMETIC_STREAMS, DAY / 8, DAY, () => undefined);
  for (const how of ["connect", "tcp", "close"]) {
    assert.ok(silent.filter((sight) => sight.how === how).length > 500, how);
  }
  const hostile = await live(HERMETIC_STREAMS, DAY / 8, 33_331, (simulation) => {
    const clients = new HostileClients(simulation, [...NAMES, "x.example"], 5);
    return () => clients.act();
  });
  assertSame(silent, hostile);
});

/** What an operator puts into force one after the other: other names, other floors, other upstreams, back again. */
const RELOADED = [
  HERMETIC.replace('"n0.example",', ""),
  HERMETIC.replace("1m", "5m"),
  HERMETIC.replace(`[[upstream]]\naddress = "${FIRST}"\n`, ""),
  `${HERMETIC}[query]\ntick = "20ms"\n`,
  HERMETIC.replace("n1.example", "n1.tarpit.test"),
  HERMETIC,
];

Deno.test("hermetic: a day of hostile clients shows nothing through reloads either", async () => {
  const every = 33_331;
  const reloading = (simulation: Simulation, act: () => void): () => void => {
    let steps = 0;
    return () => {
      if (++steps % 100 === 0) simulation.reload(RELOADED[(steps / 100) % RELOADED.length]!);
      act();
    };
  };
  const silent = await live(HERMETIC, DAY, every, (one) => reloading(one, () => {}));
  assert.ok(silent.length > 10_000, `${silent.length}`);
  const hostile = await live(HERMETIC, DAY, every, (simulation) => {
    const clients = new HostileClients(simulation, [...NAMES, "x.example"], 4);
    return reloading(simulation, () => clients.act());
  });
  assertSame(silent, hostile);
});

const MIXED = `allow = ["f0.test", "f1.test", "f2.tarpit.test"]
${UPSTREAMS}
[query]
in_flight = 8
[cache]
min_ttl = "1m"
[budget]
wildcards_per_hour = 2000
[[rule]]
name = "**.tarpit.test"
[[rule]]
name = "*.wild.test"
${NAMES.map((name) => `[[rule]]\nname = "${name}"\nmode = "hermetic"\n`).join("")}`;

/** What the hermetic lane shows: its are the second half of the sockets and ports; over TCP the name tells as well. */
function ofHermetic(trace: readonly Sight[]): Sight[] {
  return trace.filter((sight) => {
    if (sight.how === "udp") return sight.port >= 40_128;
    return sight.how === "tcp" ? NAMES.includes(nameIn(sight)) : sight.port >= 61_032;
  });
}

Deno.test("mixed: forward rules and wildcards that suffer do not touch what hermetic rules show", async () => {
  const time = 6 * HOUR;
  const silent = ofHermetic(await live(MIXED, time, time, () => undefined));
  const hostile = await live(MIXED, time, 997, (simulation) => {
    const names = [...NAMES, "f0.test", "f1.test", "f2.tarpit.test"];
    const clients = new HostileClients(simulation, names, 7);
    let count = 0;
    return () => {
      clients.act();
      clients.ask(`a${count++}.tarpit.test`, 1);
      clients.ask(`w${count}.wild.test`, 28);
    };
  });
  assert.ok(silent.length > 2000, `${silent.length}`);
  assert.ok(hostile.length > silent.length + 2000, "the clients had no effect at all");
  assertSame(silent, ofHermetic(hostile));
});

/** All that is listed is hermetic, and names that are not resolve too for a while. */
const LEARNING = `${HERMETIC}
[query]
in_flight = 8
[learn]
until = 2026-06-01T02:30:00Z
names_per_domain_per_day = 500
names_per_day = 1000
`;

Deno.test("learning: what clients make up does not touch what hermetic rules show, nor does its end", async () => {
  const time = 3 * HOUR;
  const silent = ofHermetic(await live(LEARNING, time, time, () => undefined));
  const hostile = await live(LEARNING, time, 997, (simulation) => {
    const clients = new HostileClients(simulation, [...NAMES, "f0.com", "f1.com"], 11);
    let count = 0;
    return () => {
      clients.act();
      clients.ask(`a${count++}.d${count % 90}.com`, 1);
      clients.ask(`w${count}.tarpit.test`, 28);
      clients.ask(`known${count % 9}.net`, 28);
    };
  });
  assert.ok(silent.length > 1000, `${silent.length}`);
  assert.ok(hostile.length > silent.length + 1000, "the clients had no effect at all");
  assertSame(silent, ofHermetic(hostile));
  const learned = hostile.filter((sight) => !ofHermetic([sight]).length);
  assert.ok(learned.some(({ at }) => at > 2.49 * HOUR), "learning ended too soon");
  const late = learned.filter((sight) => sight.at >= 2.5 * HOUR && nameIn(sight) !== "");
  assert.deepEqual(late.map(pairIn), [], "something was learned after the end");
});

const TICK = 10;
const FLOOR = 60_000;

const FORWARD = `allow = ${JSON.stringify(NAMES)}
${UPSTREAMS}
[query]
in_flight = 6
[cache]
min_ttl = "1m"
`;

/** A pair, and the tick before which it is asked for. */
interface Ask {
  readonly name: string;
  readonly type: number;
  /** A multiple of the tick, in ms. */
  readonly tick: number;
  /** Whether it is asked for again, right after the tick. */
  readonly again: boolean;
}

/** Asks at random ticks, several in some of them. */
function planAsks(time: number): Ask[] {
  const random = new SeededRandom(99);
  const asks: Ask[] = [];
  for (let tick = TICK; tick < time; tick += TICK * (1 + random.below(2000))) {
    for (let i = random.below(4); i >= 0; i--) {
      const name = NAMES[random.below(12)]!;
      asks.push({ name, type: random.below(2) ? 1 : 28, tick, again: random.below(2) > 0 });
    }
  }
  return asks;
}

/** Does things at their times, in order. */
async function perform(
  simulation: Simulation,
  deeds: readonly { readonly at: number; readonly act: () => void }[],
): Promise<void> {
  for (const { at, act } of [...deeds].sort((a, b) => a.at - b.at)) {
    await simulation.clock.advance(at - simulation.clock.monotonic());
    act();
  }
}

/** The pair in what was seen, as `name type`. */
function pairIn({ bytes }: Sight): string {
  const message = Uint8Array.from(bytes.match(/../g) ?? [], (byte) => parseInt(byte, 16));
  return message.length === 0 ? "" : questionIn(message);
}

/**
 * Where emissions of each pair started for sure: there is no sight of the pair shortly before, so it is no further try.
 */
function startsIn(trace: readonly Sight[]): Map<string, number[]> {
  const last = new Map<string, number>();
  const starts = new Map<string, number[]>();
  for (const sight of trace.filter(({ how }) => how === "udp")) {
    const pair = pairIn(sight);
    if (sight.at > (last.get(pair) ?? -Infinity) + 10_000) {
      starts.set(pair, [...starts.get(pair) ?? [], sight.at]);
    }
    last.set(pair, sight.at);
  }
  return starts;
}

/** Of the starts, those that are refreshes: no client asked in the tick before. */
function refreshesIn(
  asks: readonly Ask[],
  starts: ReadonlyMap<string, readonly number[]>,
): Map<string, Set<number>> {
  const asked = new Set(asks.map(({ name, type, tick }) => `${tick} ${name} ${typeName(type)}`));
  return new Map(
    [...starts].map((
      [pair, times],
    ) => [pair, new Set(times.filter((time) => !asked.has(`${time} ${pair}`)))]),
  );
}

function nameIn(sight: Sight): string {
  return pairIn(sight).split(" ")[0]!;
}

/**
 * What hostile clients add to asks without changing in which tick each pair is first asked in a floor, or whether it is
 * asked before its refresh.
 */
function embellish(
  clients: HostileClients,
  asks: readonly Ask[],
  plain: readonly Sight[],
): { at: number; act: () => void }[] {
  const { random } = clients;
  const starts = startsIn(plain);
  const refreshes = refreshesIn(asks, starts);
  return asks.flatMap(({ name, type, tick, again }) => {
    const pair = `${name} ${typeName(type)}`;
    const ask = (): void => clients.ask(name, type);
    const deeds = [{ at: tick - 1 - random.below(TICK - 1), act: ask }];
    if (again) deeds.push({ at: tick + 1 + random.below(TICK - 2), act: ask });
    if (again && starts.get(pair)?.includes(tick)) {
      const next = starts.get(pair)!.find((time) => time > tick) ?? Infinity;
      const end = refreshes.get(pair)!.has(next) ? next : tick + FLOOR;
      for (let i = random.below(30); i > 0; i--) {
        deeds.push({
          at: tick + 1 + Math.floor(random.uint16() / 65_536 * (end - tick - TICK)),
          act: ask,
        });
      }
    }
    const others = new HostileClients(clients.simulation, ["x.example", "y.test"], random.uint16());
    deeds.push({ at: tick - random.below(TICK), act: () => others.act() });
    return deeds;
  });
}

Deno.test("forward: but for the tick in which each pair is first asked in a floor, and whether it is again, clients change nothing", async () => {
  const time = 8 * HOUR;
  const asks = planAsks(time);
  const run = async (deedsOf: (simulation: Simulation) => { at: number; act: () => void }[]) => {
    const simulation = new Simulation(FORWARD, withTroubles);
    simulation.start();
    await perform(simulation, deedsOf(simulation));
    await simulation.clock.advance(FLOOR);
    const trace = [...simulation.trace];
    await simulation.stop();
    return trace;
  };
  const plain = await run((simulation) =>
    asks.flatMap(({ name, type, tick, again }) => {
      const act = (): void => simulation.send(query({ name, type }));
      return [{ at: tick - 1, act }, ...(again ? [{ at: tick + 1, act }] : [])];
    })
  );
  const refreshes = [...refreshesIn(asks, startsIn(plain)).values()].map(({ size }) => size);
  assert.ok(plain.length > 3000, `${plain.length}`);
  assert.ok(refreshes.reduce((a, b) => a + b) > 200, refreshes.join(" "));
  for (const seed of [1, 2]) {
    const hostile = await run((simulation) =>
      embellish(new HostileClients(simulation, NAMES, seed), asks, plain)
    );
    assertSame(plain, hostile);
  }
});
