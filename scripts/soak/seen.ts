/** What an upstream and the rogue print, as JSON. */

/** What reached an upstream in about a second; the probe for `. NS` is left out. */
export interface Seen {
  readonly questions: number;
  /** What no policy lists. */
  readonly strange: readonly string[];
  /** Names that policies list now and then, and when they came, in ms since the start of the soak. */
  readonly flips: readonly (readonly [name: string, at: number])[];
}

/** What a rogue did since it last told. */
export interface Burst {
  /** What it has done to the end. */
  readonly done: "flood" | "spend";
  readonly sent: number;
  readonly replies: number;
  /** Replies to what nobody may be answered, in a few words. */
  readonly leaks: readonly string[];
}
