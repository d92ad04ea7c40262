/** What must hold after any fault, whatever it was. */

import assert from "node:assert/strict";
import { runInNamespaces } from "../../scripts/namespaces.ts";
import type { Outcome, Part } from "../../scripts/faults/room.ts";

/** Of what can be answered in time nearly all; a machine that is busy with other things may be late with some. */
export const NEARLY_ALL = 0.9;

/** More than a heap grows that has become busy; a leak of one question's memory would be less. In MB. */
const MOST_GROWTH = 80;

/** Lets the faults of a part happen. They begin at once: most of the time is waiting, so parts share it. */
export function sufferPart(part: Part): Promise<readonly Outcome[]> {
  const outcomes = runInNamespaces<readonly Outcome[]>(
    new URL("../../scripts/faults/room.ts", import.meta.url),
    part,
  );
  // Whoever awaits it hears of an error; until then nobody does.
  outcomes.catch(() => {});
  return outcomes;
}

/** The outcomes of one fault, of which there must be some. */
export function outcomesOf(all: readonly Outcome[], title: string): readonly Outcome[] {
  const found = all.filter((one) => one.title === title);
  assert.ok(found.length > 0, `no outcome of: ${title}`);
  return found;
}

/**
 * It went on and came out as it went in: no wrong answer, nothing unlisted upstream, all that was lost is answered
 * when it is asked for again, every new question too, and no descriptor is left behind.
 */
export function assertSurvived(outcome: Outcome): void {
  const { title, transport, fresh, known, after, descriptors, rss } = outcome;
  const what = `${title} (${transport}): ${JSON.stringify(outcome)}`;
  assert.deepEqual(outcome.stray, [], what);
  assert.equal(fresh.wrong + known.wrong + after.wrong, 0, what);
  assert.equal(outcome.lostForGood, 0, what);
  assert.equal(after.answered, after.asked, what);
  assert.ok(descriptors[1] <= descriptors[0], what);
  assert.ok(rss[1] < rss[0] + MOST_GROWTH, what);
  assert.equal(outcome.code, 0, what);
}

/** So many of the new names were answered in the first place, and all that had been answered before. */
export function assertAnswered({ fresh, known, title }: Outcome, share: number): void {
  assert.ok(fresh.answered >= fresh.asked * share, `${title}: ${JSON.stringify(fresh)}`);
  assert.equal(known.answered, known.asked, `${title}: ${JSON.stringify(known)}`);
}

/** The log said so. */
export function assertTold(outcome: Outcome, ...patterns: readonly RegExp[]): void {
  for (const pattern of patterns) {
    assert.ok(outcome.told.some((line) => pattern.test(line)), JSON.stringify(outcome));
  }
}
