/** Events, and the lines that tell them; counts, and what is conspicuous in them. */

export type { RegistrableDomain } from "./blocked/blocked.ts";
export type {
  AlarmEvent,
  AlarmSum,
  Event,
  Observer,
  QueryEvent,
  QuestionSeen,
  Reason,
  Verdict,
} from "./event.ts";
export { count, formatJson, formatText } from "./format.ts";
export { BYTES_PER_DAY, LINES_PER_SECOND, Log, type LogOptions } from "./log.ts";
export { isJournal } from "./priority.ts";
export { KeptStatistics, type StatisticsParts } from "./statistics.ts";
export type {
  BlockedDomain,
  Decided,
  DurationHistogram,
  HistoryPoint,
  ResponseCount,
  Snapshot,
  Statistics,
} from "./stats.ts";
export { Watch } from "./watch.ts";
