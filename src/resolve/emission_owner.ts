/** What an emission needs, and whom it tells. */

import type { Rule } from "../policy/mod.ts";
import type { Random } from "../system/mod.ts";
import type { Question } from "../wire/mod.ts";
import type { Gate } from "./gate.ts";
import type { Lane } from "./lane.ts";
import type { Answered } from "./resolution.ts";
import type { Order, Ticks } from "./ticks.ts";

/** Whose emission it is, and what becomes of it. All of it may change with a reload. */
export interface EmissionOwner {
  readonly question: Question;
  readonly rule: Rule;
  readonly order: Order;
  readonly random: Random;
  readonly parts: { readonly ticks: Ticks; readonly lane: Lane; readonly gate: Gate };
  /** It begins. */
  onBegin(): void;
  /** It has to wait in line. */
  onFull(): void;
  /** It has an answer, which was asked for at `asked`; what is returned is when to ask again (both monotonic, ms). */
  onAnswer(answered: Answered, asked: number): number;
  /** A round has failed; others may follow. */
  onFailure(): void;
  /** Its rule is none any more. */
  onExpired(): void;
  /** A round has ended, with an answer or without. */
  onRound(): void;
  /** It has ended; the next one should not start before `earliest` (ms of the monotonic clock). */
  onEnd(earliest: number): void;
}
