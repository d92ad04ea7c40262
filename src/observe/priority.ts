/** How urgent an event is, as the system's log has it (syslog(3), sd-daemon(3)). */

import { type Event, isAnswered, type QueryEvent } from "./event.ts";

const CRITICAL = 2;
const ERROR = 3;
const WARNING = 4;
const NOTICE = 5;
const INFORMATION = 6;

/** The priority, from 0, the most urgent, to 7. */
export function priorityOf(event: Event): number {
  switch (event.event) {
    case "alarm":
      return CRITICAL;
    case "error":
      return ERROR;
    case "reload":
      return "problem" in event ? ERROR : INFORMATION;
    case "warning":
      return WARNING;
    case "suppressed":
      return NOTICE;
    case "query":
      return priorityOfQuery(event);
    default:
      return INFORMATION;
  }
}

/** What a client did not get is worth a look. */
function priorityOfQuery({ verdict, reason }: QueryEvent): number {
  const isOrdinary = isAnswered(verdict) || reason === "type";
  return isOrdinary ? INFORMATION : NOTICE;
}

/**
 * Whether what is written to a stream goes to the system's journal: systemd names the stream's device and inode in the
 * variable JOURNAL_STREAM. A stream that was turned elsewhere since has others.
 */
export function isJournal(
  journalStream: string | undefined,
  identity: string | undefined,
): boolean {
  return identity !== undefined && journalStream === identity;
}
