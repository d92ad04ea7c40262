/** Runs of a peer with a policy, each in namespaces of its own. */

import { runInNamespaces } from "../namespaces.ts";
import type { Outcome } from "./outcome.ts";
import type { PeerPolicy } from "./policies.ts";
import type { Peer } from "./servers/mod.ts";

/** Compares a peer with fw-dns under one policy. Needs root; where it cannot be done the outcome says why. */
export async function compare(
  { id, server }: Peer,
  policy: PeerPolicy,
  isQuick: boolean,
): Promise<Outcome> {
  const args = [id, policy.id, isQuick ? "quick" : "whole"];
  try {
    return await runInNamespaces<Outcome>(new URL("run.ts", import.meta.url), ...args);
  } catch (error) {
    return {
      ...{ peer: server.title, policy: policy.id, asked: 0, same: 0, elsewhere: 0 },
      ...{ groups: [], leaks: [], own: [], declared: [], failure: lastWords(error as Error) },
    };
  }
}

/** Programs say most of it last; of a stack trace the message alone. */
function lastWords({ message }: Error): string {
  // Above the message stands the line of the source that threw it.
  const lines = message.split("\n").filter((line) =>
    !/^\s+at |throw new/.test(line) && line.trim() !== ""
  );
  return (lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? "it ended").trim();
}
