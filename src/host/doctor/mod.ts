/** The doctor: tries every other way out for DNS from this host. */

import type { Policy } from "../../policy/mod.ts";
import type { System } from "../../system/mod.ts";
import { waysThroughOurselves } from "./daemon.ts";
import { readFiles } from "./files.ts";
import { type Finding, type State, tryWay } from "./finding.ts";
import { findOwnAddresses, waysHere } from "./here.ts";
import { waysToTheLink } from "./multicast.ts";
import { waysAnywhere, waysElsewhere } from "./resolvers.ts";

/** How long all tries together may take, in ms. */
const LIMIT = 3000;

/** What can be chosen. */
export interface ExamineOptions {
  /** Addresses of resolvers to try besides. */
  readonly named: readonly string[];
  /** Whether the firewall is to let out only to addresses that fw-dns has resolved. */
  readonly isResolvedOnly: boolean;
}

/** The order in which people want to read them. */
const ORDER: readonly State[] = ["open", "unknown", "note", "closed"];

/** Tries all of them at once; open ones come first. Takes 3 s, or a little more. Never throws. */
export async function examineHost(
  policy: Policy,
  { named, isResolvedOnly }: ExamineOptions,
  { network, random, clock, files }: Pick<System, "network" | "random" | "clock" | "files">,
): Promise<Finding[]> {
  const own = findOwnAddresses(network);
  const [addresses, gaps] = "state" in own ? [[], [own]] : [own, []];
  const ways = [
    ...waysElsewhere(policy, named),
    ...waysAnywhere(isResolvedOnly),
    ...waysToTheLink(),
    ...waysHere(policy, addresses),
    ...waysThroughOurselves(policy),
  ];
  const controller = new AbortController();
  const cancel = clock.setTimer(LIMIT, () => controller.abort());
  const tries = { network, random, clock, limit: controller.signal };
  const tried = await Promise.all(ways.map((way) => tryWay(way, tries)));
  cancel();
  const findings = [...tried, ...gaps, ...await readFiles(policy, files)];
  return ORDER.flatMap((state) => findings.filter((finding) => finding.state === state));
}
