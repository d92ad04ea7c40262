/** The same policy for other engines. */

import type { Engine } from "./engine.ts";

export { differenceProblems, Differences } from "./differences.ts";
export { type Engine, type Exported, exportFor, type Source } from "./engine.ts";

/** The engines, by what `export --to` calls them. */
export const ENGINES: Readonly<Record<string, () => Promise<Engine>>> = {
  "pdns-lua": async () => (await import("./pdns_lua/mod.ts")).PDNS_LUA,
  "dnsdist": async () => (await import("./dnsdist/mod.ts")).DNSDIST,
  "unbound": async () => (await import("./unbound/mod.ts")).UNBOUND,
  "dnsmasq": async () => (await import("./dnsmasq/mod.ts")).DNSMASQ,
  "rpz": async () => (await import("./rpz/mod.ts")).RPZ,
};
