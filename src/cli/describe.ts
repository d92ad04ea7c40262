/** What is running, for the status page and metrics. */

import { listEnding, type RuleTable } from "../policy/mod.ts";
import type { Daemon } from "../serve/mod.ts";
import type { Description } from "../status/mod.ts";
import { type Clock, formatAddress, sleep, type System } from "../system/mod.ts";
import type { InForce } from "./reload.ts";
import { VERSION } from "./version.ts";

/** Describes what is running; gives others their turn while it looks through a large table. */
export async function describeRunning(
  { loaded: { file, policy, leak }, isReloadGood }: InForce,
  resolution: Daemon["resolution"],
  { clock, process }: Pick<System, "clock" | "process">,
): Promise<Description> {
  const { upstreams, untried } = resolution.status();
  const { oldest, ...table } = await runThrough(resolution.survey(), clock);
  return {
    version: VERSION,
    policy: file,
    rules: policy.rules.size,
    mode: modeOf(policy.rules),
    leak: leak().total,
    upstreams: upstreams.map(({ upstream: { name, address, transport }, ...state }) => ({
      name,
      address: formatAddress(address),
      transport,
      ...state,
    })),
    table: { ...table, oldest: oldest / 1000 },
    untried,
    isReloadGood,
    expiring: expiringOf(policy.rules, clock.now()),
    memory: process.memory(),
  };
}

async function runThrough<T>(steps: Generator<void, T>, clock: Clock): Promise<T> {
  while (true) {
    const step = steps.next();
    if (step.done) return step.value;
    await sleep(clock, 0);
  }
}

function modeOf({ rules, lists }: RuleTable): Description["mode"] {
  const modes = new Set(
    [...rules, ...lists.map(({ template }) => template)].map((one) => one.mode),
  );
  if (modes.size > 1) return "forward and hermetic";
  return modes.has("hermetic") ? "hermetic" : "forward";
}

/** How many rules that end are told of at most. */
const MOST_EXPIRING = 50;

/** Those that are still in force first, by when they end; then the others, the last one first. */
function expiringOf(table: RuleTable, now: number): Description["expiring"] {
  const live = listEnding(table, now).map(({ name, expires }) => ({ name, expires }));
  const over = table.rules.flatMap(({ name, expires }) =>
    expires === undefined || expires > now ? [] : [{ name, expires }]
  );
  return [...live, ...over.sort((a, b) => b.expires - a.expires)].slice(0, MOST_EXPIRING);
}
