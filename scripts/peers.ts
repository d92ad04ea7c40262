/**
 * Starts real servers with exported policies, asks them and fw-dns the same questions, and writes docs/peers.md.
 *
 * `deno task peers`, as root on Linux; `--only ID,…` for some servers, `--policies ID,…` for some policies, `--quick` for
 * fewer questions, `--output FILE`. Ends with 1 where a verdict differs and nobody knows why.
 */

import { parseArgs } from "node:util";
import { describeMachine } from "./machine.ts";
import { compare, findVersion } from "./peers/compare.ts";
import { formatDocument } from "./peers/document.ts";
import { findUnexplained } from "./peers/lines.ts";
import type { Outcome } from "./peers/outcome.ts";
import { POLICIES } from "./peers/policies.ts";
import { PEERS } from "./peers/servers/mod.ts";
import { print } from "./print.ts";

const DOCUMENT = new URL("../docs/peers.md", import.meta.url).pathname;

async function main(): Promise<number> {
  const { values } = parseArgs({
    args: [...Deno.args],
    options: {
      only: { type: "string" },
      policies: { type: "string" },
      quick: { type: "boolean", default: false },
      output: { type: "string", default: DOCUMENT },
    },
  });
  const isWanted = (list: string | undefined, id: string): boolean =>
    list === undefined || list.split(",").includes(id);
  const peers = PEERS.filter(({ id }) => isWanted(values.only, id));
  const policies = POLICIES.filter(({ id }) => isWanted(values.policies, id));
  const versions: Record<string, string> = {};
  const missing: string[] = [];
  const outcomes: Outcome[] = [];
  for (const peer of peers) {
    const { title } = peer.server;
    const version = await findVersion(peer.server);
    if (version === undefined) {
      missing.push(`${title} (${peer.debian})`);
      continue;
    }
    versions[title] = version;
    for (const policy of policies) {
      print(`${title}, ${policy.id} …`);
      outcomes.push(await compare(peer, policy, values.quick));
    }
  }
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
