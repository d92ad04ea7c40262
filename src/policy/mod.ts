/** TOML text → {@linkcode Policy} → {@linkcode Decision}: pure functions, and the one place that says "allow". */

export {
  addressText,
  canonicalAddress,
  DNS_PORT,
  isLoopback,
  isNoHost,
  networkOf,
  parseSocketAddress,
  parseSubnet,
  type Subnet,
  SubnetList,
} from "./address.ts";
export {
  type Asked,
  asked,
  decide,
  type Decision,
  type Denied,
  deny,
  type DenyReason,
  isAllowed,
} from "./decide.ts";
export { withDomains } from "./build.ts";
export { judgeAnswer, judgesAlike } from "./judge.ts";
export { type Automaton, DEAD } from "./label_automaton.ts";
export { ALPHABET } from "./label_syntax.ts";
export { ANY_LABEL, countNames, type LabelSet, parseLabels } from "./labels.ts";
export { findBeyond, type ReachDifference } from "./compare.ts";
export { formatDuration, parseDuration } from "./duration.ts";
export { addRule, type Edit, moveEnd, type NewRule } from "./edit.ts";
export { type EndingRule, listEnding } from "./ends.ts";
export {
  checkCeiling,
  type LeakReport,
  measureLeak,
  mostBits,
  type RuleLeak,
  type WatcherBits,
} from "./leak.ts";
export { openForwarderBits } from "./leak_bound.ts";
export {
  describeLearning,
  type DomainOf,
  isLearning,
  isLearnRule,
  type Learn,
  type LearnCaps,
  learnCaps,
  MOST_LEARNED,
} from "./learn.ts";
export type { Saving } from "./leak_savings.ts";
export { formatBits } from "./log2.ts";
export { formatTypes, lintPolicy } from "./lint.ts";
export type { PublicSuffixes } from "./lint_names.ts";
export { placeOfRule } from "./list_places.ts";
export type { FileContent, ListProgress } from "./list_reader.ts";
export { Locator } from "./locate.ts";
export type { Policy, PolicyTest, UnlistedAction } from "./model.ts";
export { isLive, type Mode, type Rule, type Transport, type Upstream } from "./rule.ts";
export {
  formatPattern,
  lowerAscii,
  type NamePattern,
  type Parsed,
  parseName,
  parsePattern,
  quote,
  type Reach,
} from "./name_pattern.ts";
export { type Draft, draftPolicy, locateProblems, parsePolicy } from "./parse.ts";
export {
  type FilePlace,
  formatProblem,
  type Path,
  type PathProblem,
  type Place,
  PolicyError,
  type Problem,
} from "./problem.ts";
export { type PortRange, TCP_PORTS } from "./ports.ts";
export { reservedSubnets } from "./reserved.ts";
export { RuleTable } from "./rules.ts";
export { LONGEST_WAIT, UNLISTABLE_TYPES } from "./schema.ts";
export { answerSpecial } from "./special.ts";
export { namesDenied, runPolicyTests } from "./tests.ts";
