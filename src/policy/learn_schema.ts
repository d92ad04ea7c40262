/** The keys of `[learn]`, and what each may hold. */

import * as v from "valibot";
import { table, timestamp, wholeNumber } from "./fields.ts";
import { MOST_LEARNED } from "./learn.ts";

/** `[learn]` of a policy file. */
export const learn = table({
  until: timestamp,
  names_per_domain_per_day: v.optional(wholeNumber(0, MOST_LEARNED), 20),
  names_per_day: v.optional(wholeNumber(0, MOST_LEARNED), 500),
});
