/** Figures, times and text of others as people read them. */

import { formatSpanIn, formatWhole } from "../system/mod.ts";

/** `1,234,567`. */
export function formatCount(count: number): string {
  return formatWhole(Math.round(count));
}

/** `3 d 4 h`, `12 min 5 s`, from ms: the two largest units. */
export function formatSpan(ms: number): string {
  return formatSpanIn([" d", " h", " min", " s"], ms);
}

/** `14:05:09` in UTC, from ms since 1970. */
export function formatTime(time: number): string {
  return new Date(time).toISOString().slice(11, 19);
}

/** `2026-06-01 14:05 UTC`, from ms since 1970. */
export function formatMoment(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** What cannot be seen, or changes how what stands beside it is shown: controls, and what turns the direction of text. */
const UNSEEN = /[\p{C}\p{Z}\p{M}\u115f\u1160\u3164\uffa0]/gu;

/** What needs no look at each of its characters. */
const PLAIN = /^[ -~]*$/;

/** Text that harms no terminal and hides nothing: what cannot be seen is written `\u{202e}`. */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(
    UNSEEN,
    (character) => character === " " ? " " : `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
