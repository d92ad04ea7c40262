/** `fw-dns audit`: how much can clients get out, at most? */

import {
  checkCeiling,
  type LeakReport,
  learnCaps,
  openForwarderBits,
  type Policy,
  PolicyError,
} from "../policy/mod.ts";
import { formatAudit } from "./audit_text.ts";
import { EXIT, type ExitCode, type Invocation, styleFor } from "./console.ts";
import { loadPolicy } from "./load.ts";

/** Prints the leak bound of a policy; where it is above its own ceiling, that too, on standard error. */
export async function audit(invocation: Invocation): Promise<ExitCode> {
  const { process } = invocation.system;
  const { file, policy, leak, locate } = await loadPolicy(invocation, EXIT.FAILED, {
    aboveCeiling: "accept",
  });
  const report = leak();
  const above = checkCeiling(policy, leak);
  await process.stdout.write(
    invocation.flags.json === true
      ? `${JSON.stringify(auditJson(file, policy, report, above.length > 0), null, 2)}\n`
      : formatAudit(file, policy, report, styleFor(process.stdout, process.noColor)),
  );
  if (above.length === 0) return EXIT.OK;
  await process.stderr.write(`${new PolicyError(file, locate(above)).message}\n`);
  return EXIT.FAILED;
}

/** The report for programs. Bits are numbers; a count of names that a double cannot hold is a string of digits. */
export function auditJson(
  file: string,
  { query, budget, learn }: Policy,
  report: LeakReport,
  isAboveCeiling: boolean,
): unknown {
  return {
    policy: file,
    tick_ms: query.tick,
    hermetic: report.isHermetic,
    rules: report.rules.map(({ name, mode, isWildcard, hasExpired, names, types, bits }) => ({
      name,
      mode,
      wildcard: isWildcard,
      expired: hasExpired,
      names: jsonCount(names),
      types,
      pairs: jsonCount(names * BigInt(types)),
      bits,
    })),
    wildcards: { per_hour: budget.wildcardsPerHour, bits: report.wildcards },
    learn: learn === undefined ? null : {
      until: new Date(learn.until).toISOString(),
      names_per_domain_per_day: learn.namesPerDomainPerDay,
      names_per_day: learn.namesPerDay,
      repeats_per_hour: learnCaps(learn).repeatsPerHour,
      bits: report.learned,
    },
    total: report.total,
    restart: report.restart,
    ceiling: budget.bitsPerHour ?? null,
    above_ceiling: isAboveCeiling,
    open_forwarder: { bits_per_query: openForwarderBits() },
    savings: report.savings,
  };
}

function jsonCount(count: bigint): number | string {
  return count <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(count) : String(count);
}
