/** Puts together what is set apart for the same reason below one domain: a tunnel has very many names. */

import { describeLoad } from "./domain.ts";
import { bitsOf, WIDE_BITS } from "./measures.ts";
import type { Apart } from "./proposal.ts";
import type { Seen } from "./tally.ts";

/** So many of one kind below one domain are told one by one. */
const FEW = 3;

/** The same, with many of one kind and domain as one. */
export function gather(all: readonly Apart[]): Apart[] {
  const groups = Map.groupBy(
    all,
    ({ kind, names, types }) => [kind, names[0]!.domain, types?.join(), names.length > 1].join(" "),
  );
  return [...groups.values()].flatMap((group) => {
    const [{ kind, names: [{ domain }], types }] = group as [Apart & { names: [Seen] }];
    const isOfMany = group.some((apart) => apart.names.length > 1);
    if (group.length <= FEW || isOfMany || kind === "leftover") return group;
    const names = group.flatMap((apart) => apart.names);
    const bits = names.reduce((sum, seen) => sum + bitsOf(seen), 0);
    const reason = bits < WIDE_BITS ? "" : describeLoad(names);
    return [{ kind, title: domain, names, reason, ...(types && { types }) }];
  });
}
