/** What is asked of a policy: the same of fw-dns and of each peer. */

import type { Policy, Rule } from "../../src/policy/mod.ts";
import { TYPE } from "../../src/wire/mod.ts";
import type { Entry } from "../fuzz/corpus.ts";
import { type Edge, edgesOf } from "./edges.ts";
import { ELSEWHERE } from "./elsewhere.ts";
import {
  isName,
  type Labels,
  labelsOf,
  packetQuestion,
  plainQuestion,
  type Question,
  type Subject,
} from "./question.ts";
import { shapesOf } from "./shapes.ts";

/** Types that every name is asked for with. */
const FEW_TYPES: readonly number[] = [1, 28, 16, 255, 65280];

/** Types that are asked of the names that matter most: all that a resolver may treat in a way of its own. */
const ALL_TYPES: readonly number[] = [
  ...[
    1,
    28,
    2,
    5,
    6,
    10,
    12,
    13,
    15,
    16,
    17,
    33,
    35,
    37,
    39,
    41,
    43,
    46,
    47,
    48,
    50,
    52,
    61,
    64,
    65,
    99,
    128,
  ],
  ...[0, 249, 250, 251, 252, 253, 254, 255, 256, 257, 32769, 65280, 65535],
];

/** One rule out of so many; a policy of a million names is not asked for all of them. */
export function sampleRules(policy: Policy, now: number, oneOf: number): Subject {
  return { policy, now, rules: sample(policy.rules.all(), oneOf) };
}

/** All questions about rules of a policy. The same arguments make the same questions. */
export function questionsFor(
  subject: Subject,
  isQuick: boolean,
  corpus: readonly Entry[],
): Question[] {
  const { rules } = subject;
  const edges = [...rules.flatMap((rule) => [...edgesOf(rule)]), ...ELSEWHERE]
    .filter(({ labels }) => isName(labels));
  const named = edges.flatMap((edge) => questionsAt(subject, edge, isQuick));
  const shapes = shapedNames(rules).flatMap(({ what, labels }) =>
    [...shapesOf(labels)].map(({ edge, packet }) =>
      packetQuestion(subject, edge, packet, `${edge}, for ${what}`)
    )
  );
  const packets = corpus.filter(({ kind }) => kind === "packet").map(({ name, what, input }) =>
    packetQuestion(subject, what.replace(/\.$/, ""), withoutId(input[0]!), `${name}.txt`)
  );
  return [...named, ...shapes, ...packets];
}

function sample(all: Iterable<Rule>, oneOf: number): Rule[] {
  const rules: Rule[] = [];
  let place = 0;
  for (const rule of all) if (place++ % oneOf === 0) rules.push(rule);
  return rules;
}

function questionsAt(
  subject: Subject,
  { edge, labels, isWhole }: Edge,
  isQuick: boolean,
) {
  const types = isWhole && !isQuick ? ALL_TYPES : FEW_TYPES;
  // PTR and what else a rule lists that few others do.
  const own = isQuick ? [12, 15, 65] : [12];
  const all = new Set([...types, ...(isWhole ? own : edge.includes("arpa") ? [12] : [])]);
  // Servers ask for that by themselves, to see whether an upstream is there: what came could be anybody's.
  if (labels.length === 0) all.delete(TYPE.NS);
  return [...all].map((type) => plainQuestion(subject, edge, labels, type));
}

/** Names to put into odd shapes: one that is listed, and one that is not. */
function shapedNames(rules: readonly Rule[]): { what: string; labels: Labels }[] {
  const exact = rules.find(({ pattern }) => pattern.reach === "exact");
  const listed = exact === undefined ? [] : [{
    what: "a listed name",
    labels: labelsOf(exact.pattern.base),
  }];
  return [...listed, { what: "another name", labels: ["hidden", "evil", "example"] }];
}

function withoutId(packet: Uint8Array): Uint8Array {
  const copy = packet.slice();
  copy.fill(0, 0, Math.min(2, copy.length));
  return copy;
}
