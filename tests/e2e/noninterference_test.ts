/**
 * The real program in hermetic mode, with real sockets and timers, in two runs with the same random numbers: in one
 * nobody asks anything; in the other clients on its own core ask as fast as they can, over UDP and TCP, while a
 * neighbour holds every UDP port that was left. The upstream has to see the same questions: same bytes, same order, from
 * the same sockets.
 */

import assert from "node:assert/strict";
import { firstDifference } from "../../scripts/timing/compare.ts";
import { runOnce } from "../../scripts/timing/room.ts";

const SECONDS = 8;

/** A machine so busy that an answer is read ticks late may change an order; a leak would show in every run. */
const TRIES = 4;

Deno.test("hermetic, for real: a flood on the same core and a neighbour with all UDP ports change nothing", async () => {
  const differences: string[] = [];
  const silent = await runOnce("silent", SECONDS);
  assert.ok(silent.length > 50, `${silent.length} questions`);
  while (differences.length < TRIES) {
    const hostile = await runOnce("hostile", SECONDS);
    assert.ok(Math.abs(hostile.length - silent.length) < silent.length / 4, `${hostile.length}`);
    const difference = firstDifference(silent, hostile);
    if (difference === undefined) return;
    differences.push(difference);
  }
  assert.fail(differences.join("\n"));
});
