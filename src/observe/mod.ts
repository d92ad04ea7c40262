/** Events, and the lines that tell them. */

export type { Event, Observer, QueryEvent, Reason, Verdict } from "./event.ts";
export { count, formatJson, formatText } from "./format.ts";
export { BYTES_PER_DAY, LINES_PER_SECOND, Log, type LogOptions } from "./log.ts";
