/** What people and monitoring read over HTTP: metrics, health, and the status page. */

export { HttpServer } from "./http.ts";
export type {
  Description,
  ShownBlocked,
  ShownDecision,
  Status,
  Suggestion,
  UpstreamState,
} from "./model.ts";
export { Site, type SiteParts } from "./site.ts";
export { countKind, kindOf, type VerdictKind } from "./verdicts.ts";
export { formatCount, formatSpan, formatTime, visible } from "./words.ts";
