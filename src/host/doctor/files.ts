/** The files that tell programs whom to ask: resolv.conf and nsswitch.conf. */

import { canonicalAddress, DNS_PORT, type Policy } from "../../policy/mod.ts";
import type { Files } from "../../system/mod.ts";
import { type Finding, judgeError, MEND, type Outcome, type WayName } from "./finding.ts";

const RESOLV = "/etc/resolv.conf";
const NSSWITCH = "/etc/nsswitch.conf";

/** Sources of glibc that ask nobody, and DNS, which is what resolv.conf says. */
const PLAIN_SOURCES: readonly string[] = ["files", "db", "dns", "myhostname", "mymachines"];

/** What both files say. */
export async function readFiles(policy: Policy, files: Files): Promise<Finding[]> {
  return [
    ...await readResolv(policy, files),
    ...await readNsswitch(files),
  ];
}

/** Every server in resolv.conf has to be fw-dns; with none, stubs ask 127.0.0.1 (resolv.conf(5)). */
async function readResolv({ listen }: Policy, files: Files): Promise<Finding[]> {
  const way: WayName = { name: "resolv.conf", target: RESOLV, mend: MEND.RESOLV };
  const text = await readText(files, RESOLV);
  if (typeof text !== "string") return [{ ...way, ...text }];
  const named = [...text.matchAll(/^nameserver[ \t]+([^\s#;]+)/gm)].map(([, address]) => address!);
  const servers = named.length === 0 ? ["127.0.0.1"] : named;
  const isOurs = (server: string): boolean =>
    listen.addresses.some(({ hostname, port }) =>
      port === DNS_PORT && hostname === canonicalAddress(server)
    );
  const others = [...new Set(servers)].filter((server) => !isOurs(server));
  if (others.length === 0) {
    const note = named.length === 0 ? "names nobody: programs ask 127.0.0.1" : "names fw-dns alone";
    return [{ ...way, state: "closed", note }];
  }
  return others.map((server) => ({
    ...way,
    state: "open",
    note: `programs ask ${printable(server)} on port 53, which is not where this policy listens`,
  }));
}

/** Without a line for hosts, glibc takes `files dns` (nsswitch.conf(5)). */
async function readNsswitch(files: Files): Promise<Finding[]> {
  const way: WayName = {
    name: "nsswitch.conf",
    target: NSSWITCH,
    mend: `let ${NSSWITCH} say: hosts: files dns`,
  };
  const text = await readText(files, NSSWITCH);
  if (typeof text !== "string") return [{ ...way, ...text }];
  const hosts = [...text.matchAll(/^[ \t]*hosts:([^#\n]*)/gm)].map(([, rest]) => rest!).join(" ");
  const sources = hosts.replace(/\[[^\]]*\]/g, " ").split(/\s+/).filter((one) => one !== "");
  const others = sources.filter((source) => !PLAIN_SOURCES.includes(source));
  if (others.length === 0) {
    return [{ ...way, state: "closed", note: "asks nobody but files and DNS" }];
  }
  return others.map((source) => ({
    ...way,
    state: "open",
    note: `programs also ask ${printable(source)}`,
  }));
}

/** What a file says; one that is not there says nothing, which has a meaning of its own. */
async function readText(files: Files, path: string): Promise<string | Outcome> {
  try {
    return new TextDecoder().decode(await files.read(path));
  } catch (error) {
    if ((error as Error).name === "NotFound") return "";
    const { note } = judgeError(error);
    return { state: "unknown", note: note.includes("permissions") ? note : "cannot be read" };
  }
}

/** A word of a file, such that it can break no terminal. */
function printable(word: string): string {
  return word.replace(/[^\x21-\x7e]/g, "?").slice(0, 64);
}
