/**
 * Starts real servers with exported policies, asks them and fw-dns the same questions, and writes docs/peers.md.
 *
 * `deno task peers`, as root on Linux; `--only ID,…` for some servers, `--policies ID,…` for some policies, `--quick` for
 * fewer questions, `--output FILE`; `--keep FOLDER` keeps what each run came to, and does not run again what is kept there.
 * Ends with 1 where a verdict differs and nobody knows why.
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "./machine.ts";
import { compare } from "./peers/compare.ts";
import { formatDocument } from "./peers/document.ts";
import { findUnexplained } from "./peers/lines.ts";
import type { Outcome } from "./peers/outcome.ts";
import { type PeerPolicy, POLICIES } from "./peers/policies.ts";
import { type Peer, PEERS } from "./peers/servers/mod.ts";
import { print } from "./print.ts";
import { mapSideBySide } from "./side_by_side.ts";
import { versionOf } from "./version.ts";

const DOCUMENT = new URL("../docs/peers.md", import.meta.url).pathname;

/** Runs at a time: most of each is waiting for what does not come. */
const SIDE_BY_SIDE = 3;

interface Run {
  readonly peer: Peer;
  readonly policy: PeerPolicy;
}

interface Effort {
  readonly quick: boolean;
  readonly keep?: string;
}

async function runOne({ peer, policy }: Run, { quick, keep }: Effort): Promise<Outcome> {
  const file = keep === undefined ? undefined : join(keep, `${peer.id}.${policy.id}.json`);
  const kept = file === undefined
    ? undefined
    : await Deno.readTextFile(file).catch(() => undefined);
  if (kept !== undefined) return JSON.parse(kept) as Outcome;
  print(`${peer.server.title}, ${policy.id} …`);
  const outcome = await compare(peer, policy, quick);
  if (file !== undefined && outcome.failure === undefined) {
    await Deno.writeTextFile(file, JSON.stringify(outcome));
  }
  return outcome;
}

/** What is to be run of what is here; the versions of the servers, and those that are missing. */
async function findRuns({ only, policies }: { only?: string; policies?: string }) {
  const isWanted = (list: string | undefined, id: string): boolean =>
    list === undefined || list.split(",").includes(id);
  const versions: Record<string, string> = {};
  const missing: string[] = [];
  const runs: Run[] = [];
  for (const peer of PEERS.filter(({ id }) => isWanted(only, id))) {
    const { title } = peer.server;
    const version = await versionOf(...peer.server.version);
    if (version === undefined) {
      missing.push(`${title} (${peer.debian})`);
      continue;
    }
    versions[title] = version;
    for (const policy of POLICIES) {
      if (isWanted(policies, policy.id)) runs.push({ peer, policy });
    }
  }
  return { runs, versions, missing };
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    args: [...Deno.args],
    options: {
      only: { type: "string" },
      policies: { type: "string" },
      quick: { type: "boolean", default: false },
      output: { type: "string", default: DOCUMENT },
      keep: { type: "string" },
    },
  });
  const { runs, versions, missing } = await findRuns(values);
  const outcomes = await mapSideBySide(runs, SIDE_BY_SIDE, (run) => runOne(run, values));
  if (outcomes.length === 0) {
    print(`Nothing to run: missing are ${missing.join(", ") || "the servers that --only names"}`);
    return 1;
  }
  const text = formatDocument(outcomes, {
    date: new Date().toISOString().slice(0, 10),
    machine: await describeMachine(),
    ...{ versions, missing, isQuick: values.quick },
  });
  await Deno.writeTextFile(values.output, text);
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", values.output] }).output();
  const unexplained = findUnexplained(outcomes);
  for (const one of unexplained) print(`unexplained  ${one}`);
  return unexplained.length > 0 ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main());
