/** The log: events → lines, within limits that keep a flood from filling the disk or stopping the program. */

import type { Clock, Output } from "../system/mod.ts";
import { type Event, isAnswered, type Observer, type Reason, type Verdict } from "./event.ts";
import { count, formatJson, formatText } from "./format.ts";
import { priorityOf } from "./priority.ts";

/** How the log is to look. */
export interface LogOptions {
  readonly format: "text" | "json";
  readonly queries: "denied" | "all" | "none";
}

/** The most lines about queries, and about errors that they cause, in a second. */
export const LINES_PER_SECOND = 50;

/** The most bytes of lines about queries in a day. */
export const BYTES_PER_DAY = 100_000_000;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** Writes events as lines. Never throws and never waits. */
export class Log implements Observer {
  #options: LogOptions;
  readonly #writer: LineWriter;
  #linesLeft = LINES_PER_SECOND;
  #bytesLeft = BYTES_PER_DAY;
  #secondEnds = 0;
  #dayEnds = 0;
  /** Whether there is no room until the sum of what was left out is told: then no clock has to be read to know it. */
  #isFull = false;
  /** Lines left out, by verdict and reason: a flood makes no text. */
  #left = new Map<Verdict | "error", Map<Reason | "", number>>();

  /** `hasPriorities`: whether each line of text begins with how urgent it is, as the journal takes it (`<4>`). */
  constructor(
    options: LogOptions,
    readonly clock: Clock,
    output: Output,
    readonly hasPriorities = false,
  ) {
    this.#options = options;
    this.#writer = new LineWriter(output, (lines, problem) => {
      const message = `${count(lines, "line")} of this log could not be written: ${problem}`;
      return `${this.#format({ event: "warning", message })}\n`;
    });
  }

  wantsQuery(verdict: Verdict, reason: Reason): boolean {
    const { queries } = this.#options;
    const isListed = isAnswered(verdict) && reason !== "unlisted";
    const isWanted = queries === "all" || (queries === "denied" && !isListed);
    return isWanted && this.#hasRoom(verdict, reason);
  }

  /** From the next event on it looks like this. */
  reload(options: LogOptions): void {
    this.#options = options;
  }

  report(event: Event): void {
    const line = this.#format(event);
    if (event.event === "query" || event.event === "error") {
      if (event.event === "error" && !this.#hasRoom("error", "")) return;
      this.#linesLeft--;
      this.#bytesLeft -= line.length + 1;
    }
    this.#write(line);
  }

  /** Resolves when everything reported so far has been written. */
  async flush(): Promise<void> {
    this.#sumUp();
    await this.#writer.flush();
  }

  /** Whether there is room for a line; where not, it is counted. */
  #hasRoom(verdict: Verdict | "error", reason: Reason | ""): boolean {
    if (!this.#isFull) {
      this.#refill();
      if (this.#linesLeft > 0 && this.#bytesLeft > 0 && !this.#writer.isFull) return true;
    }
    this.#leaveOut(verdict, reason);
    return false;
  }

  #format(event: Event): string {
    if (this.#options.format === "json") return formatJson(event, this.clock.now());
    const text = formatText(event);
    return this.hasPriorities ? `<${priorityOf(event)}>${text}` : text;
  }

  #write(line: string): void {
    this.#writer.write(`${line}\n`);
  }

  #refill(): void {
    const now = this.clock.monotonic();
    if (now >= this.#dayEnds) {
      this.#dayEnds = now + DAY;
      this.#bytesLeft = BYTES_PER_DAY;
    }
    if (now >= this.#secondEnds) {
      this.#secondEnds = now + SECOND;
      this.#linesLeft = LINES_PER_SECOND;
    }
  }

  /** Counts a line instead of writing it; the sum follows after the second, or a minute where the day is used up. */
  #leaveOut(verdict: Verdict | "error", reason: Reason | ""): void {
    if (!this.#isFull) {
      this.#isFull = true;
      const rest = this.#secondEnds - this.clock.monotonic();
      this.clock.setTimer(this.#bytesLeft > 0 ? rest : MINUTE, () => {
        this.#isFull = false;
        this.#sumUp();
      });
    }
    let reasons = this.#left.get(verdict);
    if (reasons === undefined) this.#left.set(verdict, reasons = new Map());
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }

  #sumUp(): void {
    if (this.#left.size === 0) return;
    const counts: Record<string, number> = {};
    for (const [verdict, reasons] of this.#left) {
      for (const [reason, count] of reasons) counts[`${verdict} ${reason}`.trim()] = count;
    }
    this.#left = new Map();
    const lines = Object.values(counts).reduce((sum, count) => sum + count, 0);
    this.report({ event: "suppressed", lines, counts });
  }
}

/** Writes lines in the background, so that a reader that has stopped reading stops nothing here. */
class LineWriter {
  static readonly #MOST_WAITING = 1 << 20;
  #waiting = "";
  #writing: Promise<void> | undefined;
  /** Lines that nobody will ever read, and why. */
  #lost = 0;
  #problem = "";

  /** `tellLost` makes the line that tells of those that are lost. */
  constructor(
    readonly output: Output,
    readonly tellLost: (lines: number, problem: string) => string,
  ) {}

  get isFull(): boolean {
    return this.#waiting.length >= LineWriter.#MOST_WAITING;
  }

  write(line: string): void {
    if (this.#waiting.length + line.length > 2 * LineWriter.#MOST_WAITING) {
      return this.#lose(line, "its reader is too slow");
    }
    this.#waiting += line;
    this.#writing ??= this.#run();
  }

  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  async #run(): Promise<void> {
    while (this.#waiting !== "") {
      const text = this.#waiting;
      this.#waiting = "";
      const [lost, problem] = [this.#lost, this.#problem];
      try {
        // The first line end is for a line of which only the beginning was written.
        await this.output.write(lost === 0 ? text : `\n${this.tellLost(lost, problem)}${text}`);
        this.#lost -= lost;
      } catch (error) {
        // The disk is full, or the reader is gone: the program goes on. There may be room again later.
        this.#lose(text, error instanceof Error ? error.message : String(error));
      }
    }
    this.#writing = undefined;
  }

  #lose(text: string, problem: string): void {
    this.#lost += text.split("\n").length - 1;
    this.#problem = problem;
  }
}
