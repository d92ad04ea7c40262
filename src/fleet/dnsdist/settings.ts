/** What dnsdist is told before it gets any rule: where it answers, whom, and whom it asks. */

import type { Policy, Upstream } from "../../policy/mod.ts";
import { formatAddress } from "../../system/mod.ts";
import type { Group } from "./groups.ts";

/** How often upstreams are asked whether they are there, in s. */
export const CHECK_INTERVAL = 5;

/** Of questions that wildcards make, how many a cache has room for. */
const WILDCARD_ENTRIES = 20_000;

/** The largest cache, in entries. */
const MOST_ENTRIES = 1_000_000;

/** The longest that anything is kept, in s: a week, and longer than any floor. */
const LONGEST_KEPT = 7 * 24 * 3600;

/** Seconds, at least one: what dnsdist reckons in. */
export function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}

/** Text as a Lua string. The texts of a policy that come here have no control characters. */
export function luaString(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** The settings that stand before everything else. */
export function writeSettings({ listen, query, cache, unlisted, budget }: Policy): string {
  const local = `{ doTCP = true, maxConcurrentTCPConnections = ${listen.tcpConnections} }`;
  const addresses = listen.addresses.map((address, i) =>
    `${i === 0 ? "setLocal" : "addLocal"}(${luaString(formatAddress(address))}, ${local})`
  );
  const clients = listen.clients.subnets.map(({ text }) => luaString(text)).join(", ");
  return `-- Where it answers, and whom; nothing else is open, and it calls nobody by itself.
${addresses.join("\n")}
setACL({ ${clients} })
setSecurityPollSuffix("")
setTCPRecvTimeout(${seconds(listen.tcpIdle)})
setDropEmptyQueries(true)
fixupCase(true)

-- Whom it asks: the first one that is there.
setServerPolicy(firstAvailable)
setServFailWhenNoServer(true)
setUDPTimeout(${seconds(query.timeout)})
setMaxUDPOutstanding(${Math.min(query.inFlight, 65535)})
setStaleCacheEntriesTTL(${Math.floor(cache.stale / 1000)})
-- What newer versions than 1.7 have against forged answers.
if setRandomizedIdsOverUDP then setRandomizedIdsOverUDP(true) end
if setRandomizedOutgoingSockets then setRandomizedOutgoingSockets(true) end

local UNLISTED = ${luaString(unlisted)}
local WILDCARDS_PER_HOUR = ${budget.wildcardsPerHour}
local MAX_TTL = ${seconds(cache.maxTtl)}
`;
}

/** A server, and the pools of all groups that may ask it. */
export function writeServer(upstream: Upstream, order: number, groups: readonly Group[]): string {
  const { name, address, transport, tls } = upstream;
  const pools = groups.filter(({ rule }) => rule.upstreams.includes(upstream)).map(poolOf);
  if (pools.length === 0) return "";
  const options = [
    `address = ${luaString(formatAddress(address))}`,
    `name = ${luaString(name)}`,
    `order = ${order}`,
    `pool = { ${pools.map(luaString).join(", ")} }`,
    'checkName = "."',
    'checkType = "NS"',
    `checkInterval = ${CHECK_INTERVAL}`,
    "checkTimeout = 2000",
    "useClientSubnet = false",
  ];
  if (transport === "tcp") options.push("tcpOnly = true");
  if (tls !== undefined) {
    options.push(
      'tls = "openssl"',
      `subjectName = ${luaString(tls.name)}`,
      "validateCertificates = true",
    );
  }
  if (tls?.roots === undefined) return `newServer({\n  ${options.join(",\n  ")},\n})\n`;
  options.push("caStore = file");
  return `withFile([[\n${tls.roots.join("\n")}\n]], function(file)
  newServer({\n    ${options.join(",\n    ")},\n  })\nend)\n`;
}

/** For certificates: dnsdist reads them from a file, and at once. */
export const WITH_FILE_LUA = `local function withFile(content, use)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  assert(file:write(content))
  assert(file:close())
  use(path)
  os.remove(path)
end
`;

/** What a group's pool is called. */
export function poolOf({ number }: Group): string {
  return `rules-${number}`;
}

/** The cache of a group: over UDP and over TCP an answer is kept twice. */
export function writeCache(group: Group, { cache }: Policy): string {
  const { rule, count } = group;
  const needed = rule.pattern.reach === "exact" ? count * rule.types.size * 2 : WILDCARD_ENTRIES;
  // It is in 20 parts, of which none may be full before all are.
  const entries = Math.min(2 * needed + 2000, MOST_ENTRIES);
  return `getPool(${luaString(poolOf(group))}):setCache(newPacketCache(${entries}, {
  maxTTL = ${LONGEST_KEPT}, maxNegativeTTL = ${LONGEST_KEPT}, temporaryFailureTTL = ${
    seconds(rule.minTtl)
  },
  staleTTL = 30, keepStaleData = ${cache.stale > 0}, deferrableInsertLock = false,
}))
`;
}
