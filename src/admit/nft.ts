/** The sets of the packet filter, by way of nft: the only commands that the helper ever gives. */

import type { Commands } from "../system/mod.ts";
import type { Refusal } from "./protocol.ts";

/** The program, by its whole path: nobody's PATH chooses another. */
export const NFT = "/usr/sbin/nft";

/** How long nft may take before it is killed, in ms. */
const LIMIT = 10_000;

/** The sets for IPv4 and IPv6, as the ruleset names them. */
export const SETS = ["resolved4", "resolved6"] as const;

/** One of the two. */
export type SetName = typeof SETS[number];

/** The set that an address belongs in. */
export function setOf(address: string): SetName {
  return address.includes(":") ? "resolved6" : "resolved4";
}

/**
 * Commands that put addresses into the sets, with their timeouts in s. Before Linux 6.12 adding what is there leaves
 * its timeout alone; so each is taken out and put in again, in one transaction: no packet meets the set between.
 */
export function formatAdmission(timeouts: ReadonlyMap<string, number>): string {
  return SETS.map((set) => {
    const entries = [...timeouts].filter(([address]) => setOf(address) === set);
    if (entries.length === 0) return "";
    const addresses = entries.map(([address]) => address).join(", ");
    const timed = entries.map(([address, seconds]) => `${address} timeout ${seconds}s`).join(", ");
    return `add element inet fw_dns ${set} { ${addresses} }
delete element inet fw_dns ${set} { ${addresses} }
add element inet fw_dns ${set} { ${timed} }
`;
  }).join("");
}

/** How nft fared: well, or why not, with its own words. */
export interface NftOutcome {
  readonly refusal?: Refusal;
  readonly said: string;
  readonly stdout: string;
}

/** Runs nft with these arguments and commands. Never rejects. */
export async function runNft(
  commands: Commands,
  args: readonly string[],
  input: string,
): Promise<NftOutcome> {
  try {
    const { code, stdout, stderr } = await commands.run(NFT, args, input, LIMIT);
    const said = stderr.split("\n")[0]!.replace(/^\S*: (?=Error)/, "") || `exit code ${code}`;
    return code === 0 ? { said, stdout } : { refusal: refusalIn(stderr), said, stdout };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { refusal: "failed", said, stdout: "" };
  }
}

/** ENOENT: there is no such table or set. ENFILE: the set is full. */
function refusalIn(stderr: string): Refusal {
  if (stderr.includes("No such file or directory")) return "ruleset";
  return stderr.includes("Too many open files in system") ? "full" : "failed";
}

/** What is in a set by `nft -j list set`, with the time left in s; what cannot be read is left out. */
export function readSet(json: string): Map<string, number> {
  const left = new Map<string, number>();
  for (const { set } of list<{ set?: { elem?: unknown } }>(parse(json)?.nftables)) {
    for (const { elem } of list<{ elem?: { val?: unknown; expires?: unknown } }>(set?.elem)) {
      if (typeof elem?.val === "string" && typeof elem.expires === "number") {
        left.set(elem.val, elem.expires);
      }
    }
  }
  return left;
}

function parse(json: string): { nftables?: unknown } | undefined {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function list<T extends object>(value: unknown): T[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "object" && one !== null) : [];
}
