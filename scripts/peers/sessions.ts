/** The same questions for two servers. */

import type { Asker } from "./ask.ts";
import { Groups, type Outcome } from "./outcome.ts";
import type { Question } from "./question.ts";
import { compareVerdicts, type Verdict } from "./verdict.ts";

/**
 * Asks two servers the same questions and compares what they say; one question out of `share` is asked over TCP too.
 */
export async function compareAll(
  questions: readonly Question[],
  ours: Asker,
  theirs: Asker,
  share: number,
): Promise<Pick<Outcome, "asked" | "same" | "groups">> {
  const groups = new Groups();
  let same = 0;
  const ways = [
    ["UDP", questions, (asker: Asker, some: readonly Question[]) => asker.askAll(some)],
    [
      "TCP",
      questions.filter((_, i) => i % share === 0),
      (asker: Asker, some: readonly Question[]) => asker.askAllTcp(some),
    ],
  ] as const;
  for (const [how, asked, ask] of ways) {
    const found = await Promise.all([ours, theirs].map((asker) => ask(asker, asked)));
    const [mine, others] = found as [Verdict[], Verdict[]];
    const unsure = asked.filter((_, i) => isUnsure(mine[i]!, others[i]!));
    // On a busy machine a reply can be late: such a difference is asked for again before it counts.
    const again = await Promise.all(
      [ours, theirs].map((asker) =>
        how === "UDP" ? asker.askAll(unsure, true) : ask(asker, unsure)
      ),
    );
    const place = new Map(unsure.map((question, i) => [question, i]));
    for (const [i, question] of asked.entries()) {
      const at = place.get(question);
      const [a, b] = at === undefined ? [mine[i]!, others[i]!] : [again[0]![at]!, again[1]![at]!];
      if (compareVerdicts(a, b) === "same") same++;
      else groups.add(question, how, a, b);
    }
  }
  const asked = ways.reduce((sum, [, some]) => sum + some.length, 0);
  return { asked, same, groups: groups.all };
}

/** Whether two verdicts differ in a way that time alone may explain. */
function isUnsure(a: Verdict, b: Verdict): boolean {
  return compareVerdicts(a, b) !== "same" &&
    [a, b].some(({ word }) => word === "nothing" || word === "SERVFAIL");
}
