/** The `[[test]]`s that a policy holds about itself. */

import { typeName } from "../wire/mod.ts";
import { asked, decide, isAllowed } from "./decide.ts";
import type { Policy, PolicyTest } from "./model.ts";
import type { PathProblem } from "./problem.ts";

/** The names of which a `[[test]]` expects that they are denied, in whatever type. */
export function namesDenied(tests: readonly Pick<PolicyTest, "name" | "expect">[]): Set<string> {
  return new Set(tests.filter(({ expect }) => expect === "deny").map(({ name }) => name));
}

/** Runs every `[[test]]` at a time (ms since 1970); what does not come out as expected is a problem. */
export function runPolicyTests(policy: Policy, now: number): PathProblem[] {
  // They are about the rules: what resolves only while names are learned is none of what must hold.
  const byRules = { ...policy, learn: undefined };
  return policy.tests.flatMap((test) => {
    const outcome = isAllowed(decide(byRules, asked(test), now)) ? "allow" : "deny";
    if (outcome === test.expect) return [];
    const message = `${test.name} ${
      typeName(test.type)
    } comes out as ${outcome}: mend the rules, or write expect = "${outcome}"`;
    return [{ path: test.path, message }];
  });
}
