/** What an operator has to know of an exported configuration. */

import type { Source } from "../engine.ts";
import { CHECK_INTERVAL } from "./settings.ts";

/** Which bits of a query still get through, and how the text is put in place. */
export function describeRest({ policy }: Source): readonly string[] {
  const lines = [`todo ${CHECK_INTERVAL} ${policy.unlisted}`];
  return lines;
}
