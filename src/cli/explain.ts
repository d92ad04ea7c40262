/** `fw-dns explain NAME [TYPE]`: what would this question get, and why? */

import type { Verdict } from "../observe/event.ts";
import {
  asked,
  decide,
  type Decision,
  type DenyReason,
  formatTypes,
  isAllowed,
  isLearnRule,
  type Learn,
  learnCaps,
  parseName,
  type Policy,
  type Rule,
} from "../policy/mod.ts";
import { decidedHere } from "../serve/mod.ts";
import { isWithin, type Question, typeName, typeNumber } from "../wire/mod.ts";
import { EXIT, type ExitCode, type Invocation, styleFor, VerbError } from "./console.ts";
import { type LoadedPolicy, loadPolicy, placeOf } from "./load.ts";
import { formatMoment, formatSpan } from "./moments.ts";

/** Prints the verdict for one question: exit 0 for allow, 1 for deny. */
export async function explain(invocation: Invocation): Promise<ExitCode> {
  const { process, clock } = invocation.system;
  const question = readQuestion(invocation.words);
  const loaded = await loadPolicy(invocation, EXIT.USAGE);
  const decision = decide(loaded.policy, asked(question), clock.now());
  const style = styleFor(process.stdout, process.noColor);
  const allowed = isAllowed(decision);
  const verdict = allowed ? style.green("allow") : style.red("deny");
  const lines = [
    `${verdict}  ${question.name} ${typeName(question.type)}`,
    ...describe(decision, question, loaded, clock.now()),
  ];
  await process.stdout.write(`${lines.join("\n")}\n`);
  return allowed ? EXIT.OK : EXIT.FAILED;
}

function readQuestion(words: readonly string[]): Question {
  const [nameText = "", typeText = "A"] = words;
  const name = nameText === "." ? { value: "." } : parseName(nameText);
  if ("problem" in name) throw new VerbError(`Cannot explain ${name.problem}`, EXIT.USAGE);
  const type = typeNumber(typeText);
  if (type === undefined) {
    throw new VerbError(
      `Cannot explain type ${JSON.stringify(typeText)}: write one like AAAA or TYPE65`,
      EXIT.USAGE,
    );
  }
  return { name: name.value, type };
}

function describe(
  decision: Decision,
  { name }: Question,
  loaded: LoadedPolicy,
  now: number,
): string[] {
  const { policy } = loaded;
  const ruleLines = (rule: Rule): string[] => {
    const { name: ruleName, comment, expires } = rule;
    const { file, line, column } = placeOf(loaded, rule);
    const note = comment === undefined ? "" : `: ${comment}`;
    const end = expires === undefined
      ? []
      : [`until  ${formatMoment(expires)}, in ${formatSpan(expires - now)}`];
    return [`rule   ${ruleName} (${file}:${line}:${column})${note}`, ...end];
  };
  if (decision.kind === "allow") {
    const { rule } = decision;
    if (policy.learn !== undefined && isLearnRule(rule)) return describeLearned(policy.learn, rule);
    const to = `to     ${rule.upstreams.map(({ name }) => name).join(", then ")}`;
    return [...ruleLines(rule), to, ...(rule.mode === "hermetic" ? [HERMETIC] : [])];
  }
  const gets = `gets   ${GETS[decidedHere(decision, policy.unlisted).verdict]}`;
  switch (decision.kind) {
    case "special": {
      const rule = `rule   ${decision.rule}, a special name that fw-dns answers itself`;
      const isEmpty = decision.answer.data.length === 0;
      return [rule, isEmpty ? gets.replace("an answer", "an empty answer") : gets];
    }
    case "type": {
      const why = `why    reason=type: the rule lists ${formatTypes(decision.rule.types)} only`;
      return [...ruleLines(decision.rule), why, gets];
    }
    case "deny": {
      const near = decision.reason === "unlisted" ? findNear(policy, name, now) : undefined;
      const but = near && `, but ${near.name} with other labels: ${near.labels!.text}`;
      return [`why    reason=${decision.reason}: ${REASONS[decision.reason]}${but ?? ""}`, gets];
    }
  }
}

/** A wildcard that would have the name if it were not for its `labels`. */
function findNear({ rules: { rules } }: Policy, name: string, now: number): Rule | undefined {
  return rules.find(({ pattern: { reach, base }, labels, expires = Infinity }) => {
    if (reach === "exact" || labels === undefined || expires <= now) return false;
    if (name === base || !isWithin(name, base)) return false;
    return reach === "many" || !name.slice(0, -base.length - 1).includes(".");
  });
}

function describeLearned(learn: Learn, { upstreams }: Rule): string[] {
  const { names, namesPerDomain } = learnCaps(learn);
  return [
    `why    reason=unlisted: ${REASONS.unlisted}, but [learn] lets it through until ${
      new Date(learn.until).toISOString()
    },`,
    `       as one of ${namesPerDomain} new names a day for its domain, and ${names} in all`,
    `to     ${upstreams.map(({ name }) => name).join(", then ")}`,
  ];
}

const HERMETIC = "when   by a plan of fw-dns's own; this question causes nothing (hermetic)";

const GETS: Readonly<Record<Verdict, string>> = {
  forward: "the upstream's answer",
  serve: "an answer made here; nothing goes upstream",
  nodata: "NODATA, made here; nothing goes upstream",
  drop: "nothing: the query is dropped",
  refuse: "REFUSED; nothing goes upstream",
  nxdomain: "NXDOMAIN, made here; nothing goes upstream",
  servfail: "SERVFAIL",
};

const REASONS: Readonly<Record<DenyReason, string>> = {
  unlisted: "no rule has this name",
  expired: "the rule with this name has expired",
  budget: "no more names below wildcards may be asked for in this hour",
  malformed: "a wildcard takes labels of letters, digits, - and _ only",
};
