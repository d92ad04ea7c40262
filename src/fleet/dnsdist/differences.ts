/** What a policy can say and dnsdist cannot do. */

import type { Differences } from "../differences.ts";
import { liveRules, type Source } from "../engine.ts";

/** Collects what of a policy is otherwise on dnsdist. */
export function findDifferences(source: Source, differences: Differences): void {
  const { policy } = source;
  policy.upstreams.forEach(({ tls }, i) => {
    if (tls?.pin === undefined) return;
    differences.addSetting(
      ["upstream", i, "pin"],
      "the pin of a key",
      "the server's certificate is checked by its name and its issuer alone",
    );
  });
  if (policy.budget.bitsPerHour !== undefined) {
    differences.addSetting(
      ["budget", "bits_per_hour"],
      "a ceiling on the leak bound",
      "repeats of a question that is not answered yet go upstream uncounted",
    );
  }
  for (const rule of liveRules(source)) {
    if (rule.mode !== "hermetic") continue;
    differences.addRule(
      rule,
      "hermetic mode",
      "the name is asked for upstream when a client asks and no answer is kept",
    );
  }
}
