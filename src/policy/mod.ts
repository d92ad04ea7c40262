/** TOML text → {@linkcode Policy} → {@linkcode Decision}: pure functions, and the one place that says "allow". */

export {
  canonicalAddress,
  ClientList,
  isLoopback,
  parseSocketAddress,
  parseSubnet,
} from "./address.ts";
export { decide, type Decision, type DenyReason, isAllowed } from "./decide.ts";
export { formatDuration, parseDuration } from "./duration.ts";
export { formatTypes, lintPolicy, type PublicSuffixes } from "./lint.ts";
export { Locator } from "./locate.ts";
export type { Policy, PolicyTest, UnlistedAction } from "./model.ts";
export type { Rule, Transport, Upstream } from "./rule.ts";
export {
  type NamePattern,
  type Parsed,
  parseName,
  parsePattern,
  quote,
  type Reach,
} from "./name_pattern.ts";
export { locateProblems, parsePolicy } from "./parse.ts";
export {
  formatProblem,
  type Path,
  type PathProblem,
  type Place,
  PolicyError,
  type Problem,
} from "./problem.ts";
export { RuleTable } from "./rules.ts";
export { LONGEST_WAIT, MAX_TTL } from "./schema.ts";
export { runPolicyTests } from "./tests.ts";
