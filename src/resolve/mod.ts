/** An answer for an allowed question: kept ones, coalescing, failover, UDP and TCP. */

export {
  type Answered,
  type Failed,
  type OverBudget,
  type Resolution,
  type Resolve,
} from "./resolution.ts";
export { createResolver, type Resolver } from "./resolver.ts";
