/** Faults of the host under the real program: as root, in namespaces of its own. */

import assert from "node:assert/strict";
import { HOST_FAULTS } from "../../scripts/faults/host_faults.ts";
import type { Outcome } from "../../scripts/faults/room.ts";
import {
  assertAnswered,
  assertSurvived,
  assertTold,
  NEARLY_ALL,
  outcomesOf,
  sufferPart,
} from "../support/survived.ts";

const HOST = sufferPart("host");
const LOG = sufferPart("log");

async function one(all: Promise<readonly Outcome[]>, title: string): Promise<Outcome> {
  const [outcome] = outcomesOf(await all, title);
  assertSurvived(outcome!);
  return outcome!;
}

Deno.test("fw-dns that was stopped and goes on answers what was asked meanwhile, over UDP and TCP", async () => {
  const outcome = await one(HOST, HOST_FAULTS.stopped.title);
  assertAnswered(outcome, NEARLY_ALL);
  assert.equal(outcome.overTcp?.kind, "answer");
});

Deno.test("a neighbour who opens connections without end keeps nobody out, and the log tells of it", async () => {
  const outcome = await one(HOST, HOST_FAULTS.connections.title);
  assertAnswered(outcome, NEARLY_ALL);
  assert.ok(outcome.isOverTcpInTime, JSON.stringify(outcome));
  assertTold(outcome, /^Warning: TCP connections make way /);
});

Deno.test("nor where there are no descriptors left for them", async () => {
  const outcome = await one(HOST, HOST_FAULTS.descriptors.title);
  assertAnswered(outcome, NEARLY_ALL);
  assert.ok(outcome.isOverTcpInTime, JSON.stringify(outcome));
  assertTold(
    outcome,
    /^Warning: TCP connections cannot be taken \(Too many open files.*LimitNOFILE/,
  );
});

Deno.test("a flood of unlisted names leaves no trace but a line that counts it", async () => {
  // Of a full socket buffer the kernel drops packets, the flood's and others': what is asked again is answered.
  const outcome = await one(HOST, HOST_FAULTS.flood.title);
  assertTold(outcome, /^Left out \d+ lines \(drop unlisted \d+\)$/);
});

Deno.test("a full disk under the log changes no answer, and afterwards the log says what is missing", async () => {
  const outcome = await one(LOG, HOST_FAULTS.disk.title);
  assertAnswered(outcome, NEARLY_ALL);
  assertTold(
    outcome,
    /^Warning: \d+ lines of this log could not be written: No space left on device/,
  );
});

for (const { title } of [HOST_FAULTS.stillReader, HOST_FAULTS.goneReader]) {
  Deno.test(`${title}: no answer changes, and it ends when it is told to`, async () => {
    assertAnswered(await one(LOG, title), NEARLY_ALL);
  });
}
