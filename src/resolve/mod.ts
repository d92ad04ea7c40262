/** An answer for an allowed question: from the table, from names below wildcards, or from an upstream. */

export { clientOf, FairShares } from "./fairness.ts";
export {
  type Answered,
  comesFrom,
  type Failed,
  NO_ANSWER,
  type OverBudget,
  OVERLOAD,
  type Resolution,
  type Resolve,
} from "./resolution.ts";
export { createResolver, type Resolver } from "./resolver.ts";
export type { ResolverStatus, TableStatus, UpstreamStatus } from "./status.ts";
