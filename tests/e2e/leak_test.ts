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

/** By chance it is one in 1,024 of some hundred tries; a choice would show in all 200 questions. */
const MOST_BY_CHANCE = 8;

async function measureNamed(part: string): Promise<Result> {
  return await measure(PRODUCTS.find(({ title }) => title.includes(part))!);
}

function assertSilent(result: Result): void {
  const { title, channels, udp, noise, captured, logged } = result;
  for (const { channel, bits } of channels) assert.equal(bits, 0, `${title}: ${channel}`);
  assert.deepEqual([...noise].sort(), ["ID", "letter case", "port"], title);
  assert.equal(udp.hits, 0, `${title}: a neighbour chose the port`);
  assert.deepEqual(captured.elsewhere, [], title);
  assert.equal(captured.toUpstream, logged, `${title}: what tcpdump saw, and the upstream`);
  assert.equal(totalBits(result, SYSTEM_PORTS.count), 0, title);
}

Deno.test("leak: the control shows that the measurement finds what is there", async () => {
  const control = await measureNamed("naive");
  const bits = totalBits(control, SYSTEM_PORTS.count);
  assert.ok(bits > CONTROL_BITS, `${bits} bits`);
});

Deno.test("leak, forward: no channel carries a bit, and repeats cause one question", async () => {
  const result = await measureNamed("fw-dns (forward)");
  assertSilent(result);
  assert.equal(result.most, 1, "questions for one query");
  assert.deepEqual(result.repeats.map(({ came }) => came), [1, 1]);
  assert.ok(result.udp.questions > 0 && result.channels.some(({ came }) => came > 0));
  assert.ok(result.tcp!.questions > 0 && result.tcp!.hits <= MOST_BY_CHANCE, `${result.tcp!.hits}`);
});

Deno.test("leak, hermetic: clients cause nothing, and nothing of theirs is in what comes", async () => {
  const result = await measureNamed("fw-dns (hermetic)");
  assertSilent(result);
  assert.equal(result.caused, 0);
  assert.deepEqual(result.repeats.map(({ came }) => came), [0, 0]);
  assert.ok(result.udp.questions > 0 && result.channels.every(({ came }) => came > 0));
});
