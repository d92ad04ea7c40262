/** Logs → a proposal for a policy: what was looked up, sorted into what to allow and what to look at first. */

export { splitLines } from "./lines.ts";
export { type Line, type LookUp } from "./look_up.ts";
export { propose, type ProposeOptions } from "./propose.ts";
export type { Apart, ApartKind, ExactRule, Proposal, WildcardRule } from "./proposal.ts";
export { readLine } from "./read_line.ts";
export type { Suffixes } from "./suffixes.ts";
export { BOUNDS, type Bounds, Tally } from "./tally.ts";
export { type LineCounts, writeProposal } from "./write.ts";
