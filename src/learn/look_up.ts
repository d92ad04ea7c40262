/** What one line of a log tells. */

/** Somebody asked for a name. */
export interface LookUp {
  /**
   * As `wire/name.ts` writes a name, as far as the log shows it: what is no letter, digit, `-` or `_` is `\ddd`.
   * Undefined where the log does not show it.
   */
  readonly name: string | undefined;
  readonly type: number;
  /** The client's IP address. */
  readonly client: string;
  /** In ms since 1970; where a log has no zone, as if it were UTC. */
  readonly time: number | undefined;
  /** Whether the line tells of the reply: a log may have one for the question as well. */
  readonly isReply: boolean;
  /** Whether a rule listed the name, and not its type. */
  readonly isListed: boolean;
}

/** A line: a look-up, something else that a known log says, or nothing that is known. */
export type Line =
  | { readonly kind: "look-up"; readonly lookUp: LookUp }
  | { readonly kind: "other" }
  | { readonly kind: "unknown" };

/** A line of a known log that tells of no look-up, or of one that nobody has to be allowed. */
export const OTHER: Line = { kind: "other" };

/** A line of no known log. */
export const UNKNOWN: Line = { kind: "unknown" };
