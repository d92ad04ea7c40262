/** An observer that remembers. */

import type { Event, Observer, QueryEvent } from "../../src/observe/event.ts";

/** Keeps every event. */
export class Recorder implements Observer {
  readonly events: Event[] = [];

  wantsQuery(): boolean {
    return true;
  }

  report(event: Event): void {
    this.events.push(event);
  }

  /** The events about queries. */
  get queries(): QueryEvent[] {
    return this.events.filter((event): event is QueryEvent => event.event === "query");
  }

  /** What the last query came to, as `drop malformed`. */
  get last(): string {
    const event = this.queries.at(-1);
    return event === undefined ? "nothing" : `${event.verdict} ${event.reason}`;
  }
}
