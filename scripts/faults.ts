/**
 * Measures what faults do, and what is lost over a bad link, here and with others; writes the section "faults" of
 * docs/reliability.md.
 *
 * `deno task reliability:faults`, as root on Linux.
 */

import { formatSection } from "./faults/document.ts";
import { ONCE } from "./faults/forwarders.ts";
import type { LossRun, Measured } from "./faults/loss_room.ts";
import type { Outcome, Part } from "./faults/room.ts";
import { describeMachine } from "./machine.ts";
import { runInNamespaces } from "./namespaces.ts";
import { print } from "./print.ts";
import { writeSection } from "./reliability/section.ts";
import { versionOf } from "./version.ts";

const ROOM = new URL("faults/room.ts", import.meta.url);
const LOSS_ROOM = new URL("faults/loss_room.ts", import.meta.url);

/** How many questions each forwarder gets. */
const QUESTIONS = 10_000;

/** How long a packet takes one way, in ms: as to a resolver in the same country. */
const DELAY = 5;

const RUNS: readonly LossRun[] = [
  ...[0.1, 0.2].map((loss) =>
    ({
      kind: "once",
      loss,
      delay: DELAY,
      questions: QUESTIONS,
      names: QUESTIONS,
      rate: 200,
    }) as const
  ),
  { kind: "again", loss: 0.2, delay: DELAY, questions: QUESTIONS, names: 100, rate: 200 },
  { kind: "again", loss: 1, delay: DELAY, questions: QUESTIONS, names: 100, rate: 200 },
];

/** Some of the time is waiting, so parts share it two by two. */
const PARTS: readonly (readonly Part[])[] = [["weather", "tls"], ["upstream", "host"], ["log"]];

if (import.meta.main) {
  const measured: [LossRun, readonly Measured[]][] = [];
  for (const run of RUNS) {
    print(`${run.loss * 100} % lost each way, each name ${run.kind} …`);
    measured.push([run, await runInNamespaces(LOSS_ROOM, JSON.stringify(run))]);
  }
  const outcomes: Outcome[] = [];
  for (const parts of PARTS) {
    print(`${parts.join(", ")} …`);
    const some = await Promise.all(parts.map((part) => runInNamespaces<Outcome[]>(ROOM, part)));
    outcomes.push(...some.flat());
  }
  const peers = [
    ...new Set(ONCE.flat().flatMap(({ version }) => version === undefined ? [] : [version])),
  ];
  const versions = await Promise.all(
    peers.map(async (words) => [words[0], await versionOf(...words)] as const),
  );
  await writeSection(
    "faults",
    formatSection(measured, outcomes, {
      date: new Date().toISOString().slice(0, 10),
      machine: await describeMachine(),
      versions: Object.fromEntries(versions.map(([name, version]) => [name, version ?? "?"])),
    }),
  );
}
