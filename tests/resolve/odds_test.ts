/** The arithmetic of docs/forgery.md. */

import assert from "node:assert/strict";
import { formatChance } from "../../scripts/forgery/document.ts";
import {
  answered,
  bitsOf,
  bytesOnWire,
  inHours,
  packetsPerSecond,
  perEmission,
  POOL,
  silenced,
} from "../../scripts/forgery/odds.ts";
import { writeForgery } from "../../scripts/forgery.ts";
import { TCP_PORTS } from "../../src/policy/mod.ts";
import { Bench } from "../support/fake_resolver.ts";

/** Words and numbers, without what formatting may change. */
function wordsOf(text: string): string {
  return text.replace(/[-:|\s]+/g, " ").trim();
}

Deno.test("docs/forgery.md says what the arithmetic says", async () => {
  assert.equal(wordsOf(await Deno.readTextFile("docs/forgery.md")), wordsOf(writeForgery()));
});

Deno.test("the odds count the ports that there are", () => {
  assert.equal(new Bench().network.open.size, POOL);
  assert.equal(TCP_PORTS.count, 2 ** 6);
});

Deno.test("the odds of a case that can be counted by hand", () => {
  const guess = { ports: 256, letters: 0 };
  assert.equal(bitsOf(guess), 24);
  assert.equal(bytesOnWire(15), 12 + 21 + 16 + 8 + 20 + 38);
  assert.equal(Math.round(packetsPerSecond(1e9, 15)), 1_086_957);
  const close = (a: number, b: number): void => assert.ok(Math.abs(a / b - 1) < 1e-5, `${a} ${b}`);
  close(perEmission(guess, answered(1), 2 ** 23), 1 - Math.exp(-0.5 * (1 + 2 ** -25)));
  close(inHours(guess, answered(1), 1, 1), 120 / 2 ** 24);
  close(silenced().trySeconds, 4 * (5 * 4.37 - 0.9 * (1 + 2 + 3 + 4)));
});

Deno.test("a chance is told as people read it", () => {
  const told = [0.5, 0.0123, 1 / 2000, 1e-9, 0.999].map(formatChance);
  assert.deepEqual(told, ["50 %", "1.2 %", "1 in 2,000", "1 in 1,000,000,000", "> 99 %"]);
});
