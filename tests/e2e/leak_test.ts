/**
 * Every channel of a query, through the real program to a real upstream: nothing of what clients choose gets there.
 * A naive forwarder is the control: if the measurement finds nothing there, it is broken.
 */

import assert from "node:assert/strict";
import { SYSTEM_PORTS } from "../../scripts/leak/clients.ts";
import { PRODUCTS } from "../../scripts/leak/products.ts";
import { type Result, totalBits } from "../../scripts/leak/result.ts";
import { measure } from "../../scripts/leak/room.ts";

/** Enough that only a broken measurement stays below. */
const CONTROL_BITS = 1000;

/** By chance it is one in 64 of some thousand tries; a choice would show in all 200 questions. */
const MOST_BY_CHANCE = 60;

/** Begins at once: most of the time is waiting, so the three share it. */
function measureNamed(part: string): Promise<Result> {
  const result = measure(PRODUCTS.find(({ title }) => title.includes(part))!);
  // Whoever awaits it hears of an error; until then nobody does.
  result.catch(() => {});
  return result;
}

const CONTROL = measureNamed("naive");
const FORWARD = measureNamed("fw-dns (forward)");
const HERMETIC = measureNamed("fw-dns (hermetic)");

function assertSilent(result: Result): void {
  const { title, channels, udp, noise, captured, logged } = result;
  for (const { channel, bits } of channels) assert.equal(bits, 0, `${title}: ${channel}`);
  assert.deepEqual([...noise].sort(), ["ID", "letter case", "port"], title);
  assert.equal(udp.hits, 0, `${title}: a neighbour chose the port`);
  assert.deepEqual(captured.elsewhere, [], title);
  // The upstream may miss some of a burst, and tcpdump too; what neither explains would be far more.
  const missed = Math.abs(captured.toUpstream - logged);
  assert.ok(missed <= logged / 10, `${title}: tcpdump saw ${captured.toUpstream}, not ${logged}`);
  assert.equal(totalBits(result, SYSTEM_PORTS.count), 0, title);
}

Deno.test("leak: the control shows that the measurement finds what is there", async () => {
  const control = await CONTROL;
  const bits = totalBits(control, SYSTEM_PORTS.count);
  assert.ok(bits > CONTROL_BITS, `${bits} bits`);
});

Deno.test("leak, forward: no channel carries a bit, and repeats cause one question", async () => {
  const result = await FORWARD;
  assertSilent(result);
  // One, or the tries of a round where this machine was too slow for an answer.
  assert.ok(result.most <= 5, `${result.most} questions for one query`);
  for (const { came } of result.repeats) assert.ok(came >= 1 && came <= 5, `${came} for repeats`);
  assert.ok(result.udp.questions > 0 && result.channels.some(({ came }) => came > 0));
  assert.ok(result.tcp!.questions > 0 && result.tcp!.hits <= MOST_BY_CHANCE, `${result.tcp!.hits}`);
});

Deno.test("leak, hermetic: clients cause nothing, and nothing of theirs is in what comes", async () => {
  const result = await HERMETIC;
  assertSilent(result);
  assert.equal(result.caused, 0);
  assert.deepEqual(result.repeats.map(({ came }) => came), [0, 0]);
  assert.ok(result.udp.questions > 0 && result.channels.every(({ came }) => came > 0));
});
