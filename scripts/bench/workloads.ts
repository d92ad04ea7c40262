/** All workloads, in the order of the document. */

import { LATENCY } from "./latency.ts";
import { LISTS } from "./lists.ts";
import { MISSES } from "./misses.ts";
import { ORDINARY } from "./ordinary.ts";
import type { Workload } from "./outcome.ts";

/** The workloads. */
export const WORKLOADS: readonly Workload[] = [...ORDINARY, LATENCY, ...LISTS, ...MISSES];
