import assert from "node:assert/strict";
import { ALARMS_PER_HOUR } from "../../src/observe/alarms.ts";
import type { AlarmEvent, AlarmSum } from "../../src/observe/event.ts";
import { formatText, KeptStatistics } from "../../src/observe/mod.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { ENCODINGS, HOSTS, inLabels, payload, question } from "../support/questions.ts";
import { SeededRandom } from "../support/seeded_random.ts";

const CLIENT = "10.0.0.7";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

class Desk {
  readonly clock = new FakeClock();
  readonly random = new SeededRandom(5);
  readonly alarms: (AlarmEvent | AlarmSum)[] = [];
  readonly statistics = new KeptStatistics({
    clock: this.clock,
    random: this.random,
    report: (alarm) => this.alarms.push(alarm),
  });

  ask(name: string, client = CLIENT, type = 1): void {
    this.statistics.count("drop", "unlisted", client, question(name, type), undefined);
  }

  /** A name with so many random bytes, below a domain. */
  tunnel(bytes: number, domain = "tunnel.example", client = CLIENT): void {
    const data = inLabels(ENCODINGS.base32!(payload(this.random, bytes)), 50);
    this.ask(`${data}.${domain}`, client);
  }
}

Deno.test("a fast tunnel makes one line, which tells client, domain and bytes, and another when it has doubled", async () => {
  const desk = new Desk();
  for (let second = 0; second < 60; second++) {
    for (let i = 0; i < 20; i++) desk.tunnel(40);
    await desk.clock.advance(1000);
  }
  assert.equal(desk.alarms.length, 1);
  const line = formatText(desk.alarms[0]!);
  assert.match(
    line,
    /^Alarm: client 10\.0\.0\.7 tried to move about 1[678] kB to tunnel\.example \(400 names in 19 s\)$/,
  );
  for (let second = 60; second < 20 * 60; second++) {
    desk.tunnel(40);
    desk.tunnel(40);
    await desk.clock.advance(1000);
  }
  assert.equal(desk.alarms.length, 2);
  assert.match(formatText(desk.alarms[1]!), /about \d\d+ kB to tunnel\.example/);
});

Deno.test("a client that gets no answer and knocks every three seconds is told within a minute", async () => {
  const desk = new Desk();
  for (let second = 0; second < 60; second += 3) {
    desk.tunnel(7);
    await desk.clock.advance(3000);
  }
  assert.equal(desk.alarms.length, 1);
  const [{ bytes, names }] = desk.alarms as [AlarmEvent];
  assert.ok(bytes > 70 && bytes < 280, `${bytes}, not 140`);
  assert.ok(names >= 10 && names <= 20, `${names}`);
});

Deno.test("a slow tunnel, seven tenths of a byte a second, is told within the hour, and again in the next", async () => {
  const desk = new Desk();
  const hour = async (): Promise<void> => {
    for (let minute = 0; minute < 60; minute++) {
      desk.tunnel(42);
      await desk.clock.advance(MINUTE);
    }
  };
  await hour();
  const before = desk.alarms.length;
  assert.ok(before >= 1 && before <= 3, `${before}`);
  await hour();
  assert.ok(desk.alarms.length > before && desk.alarms.length <= 6, `${desk.alarms.length}`);
});

Deno.test("what people's programs ask for makes no alarm", async () => {
  const desk = new Desk();
  const domains = Array.from({ length: 50 }, (_, i) => `company-${i}.example`);
  for (let minute = 0; minute < 120; minute++) {
    for (const domain of domains.slice(minute % 40, minute % 40 + 10)) {
      for (const host of HOSTS) {
        for (const type of [1, 28]) {
          desk.ask(`${host}.${domain}`, CLIENT, type);
          desk.ask(`${host}.${domain}`, CLIENT, type);
        }
      }
    }
    await desk.clock.advance(MINUTE);
  }
  assert.deepEqual(desk.alarms, []);
});

Deno.test("however many domains a tunnel uses, an hour has few lines, and the rest in one sum with the largest", async () => {
  const desk = new Desk();
  for (let domain = 0; domain < 500; domain++) {
    for (let i = 0; i < (domain === 300 ? 400 : 30); i++) desk.tunnel(50, `t${domain}.example`);
    await desk.clock.advance(1000);
  }
  await desk.clock.advance(MINUTE);
  const most = ALARMS_PER_HOUR.single + ALARMS_PER_HOUR.spread;
  assert.ok(desk.alarms.length <= most, `${desk.alarms.length}`);
  await desk.clock.advance(HOUR);
  assert.ok(desk.alarms.length <= most + 1, `${desk.alarms.length}`);
  const sum = desk.alarms.at(-1)!;
  assert.ok("more" in sum && sum.more > 450, formatText(sum));
  assert.match(
    formatText(sum),
    /^Alarm: \d+ more, about \d+ kB in all; the largest: client 10\.0\.0\.7 tried to move/,
  );
  assert.ok(desk.alarms.some((one) => !("more" in one) && one.domain === undefined), "spread");
});

Deno.test("a little below each of many domains is told once, as spread", async () => {
  const desk = new Desk();
  for (let i = 0; i < 1000; i++) {
    desk.ask(`${ENCODINGS.base32!(payload(desk.random, 10))}.example`);
    await desk.clock.advance(100);
  }
  assert.equal(desk.alarms.length, 1);
  assert.match(
    formatText(desk.alarms[0]!),
    /^Alarm: client 10\.0\.0\.7 tried to move about [2-9](\.\d)? kB to \d{3} domains \(\d{3} names in \d+ s\)$/,
  );
});

Deno.test("clients are told apart", async () => {
  const desk = new Desk();
  for (let i = 0; i < 200; i++) {
    desk.tunnel(40, "tunnel.example", `10.0.0.${i % 2}`);
    await desk.clock.advance(200);
  }
  const clients = (desk.alarms as AlarmEvent[]).map(({ client }) => client).sort();
  assert.deepEqual(clients, ["10.0.0.0", "10.0.0.1"]);
});

Deno.test("whoever takes another address for each name is told as several clients", async () => {
  const desk = new Desk();
  for (let i = 0; i < 2000; i++) {
    desk.tunnel(40, "tunnel.example", `2001:db8::${i.toString(16)}`);
    desk.tunnel(20, `d${i}.example`, `2001:db8:1::${i.toString(16)}`);
    await desk.clock.advance(20);
  }
  const lines = desk.alarms.map(formatText);
  assert.equal(lines.length, 2, lines.join("\n"));
  assert.match(lines[0]!, /^Alarm: several clients tried to move about 40 kB to tunnel\.example /);
  assert.match(
    lines[1]!,
    /^Alarm: several clients tried to move about \d\d kB to 1,\d{3} domains /,
  );
});

Deno.test("what waits for its time is told at the end of the program, once", async () => {
  const desk = new Desk();
  for (let i = 0; i < 100; i++) desk.tunnel(40);
  assert.equal(desk.alarms.length, 0);
  desk.statistics.stop();
  assert.equal(desk.alarms.length, 1);
  await desk.clock.advance(2 * HOUR);
  assert.equal(desk.alarms.length, 1);
  assert.equal(desk.statistics.snapshot().alarms, 1);
});
