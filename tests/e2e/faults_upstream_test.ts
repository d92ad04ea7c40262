/**
 * A real Unbound over a link that loses, delays, doubles and reorders packets, and one that is killed, stopped and shut
 * off, in the middle of questions. As root, in namespaces of its own.
 */

import assert from "node:assert/strict";
import { UPSTREAM_FAULTS, WEATHERS } from "../../scripts/faults/upstream_faults.ts";
import {
  assertAnswered,
  assertSurvived,
  assertTold,
  NEARLY_ALL,
  outcomesOf,
  sufferPart,
} from "../support/survived.ts";

/** A fault that lasts longer than a client waits leaves those that were asked for late enough. */
const SOME = 0.25;

const SILENCE = [/^Warning: Upstream \S+ has fallen silent/, /^Connected to remote DNS server /];

const WEATHER = sufferPart("weather");
const UPSTREAM = sufferPart("upstream");
const CERTIFICATES = sufferPart("tls");

const { loss5, loss20, loss50, delay, jumble, cut } = WEATHERS;

for (const { title } of [loss5, loss20, jumble]) {
  Deno.test(`${title}: nearly all is answered at the first go, all at the second, and nothing else`, async () => {
    for (const outcome of outcomesOf(await WEATHER, title)) {
      assertSurvived(outcome);
      assertAnswered(outcome, NEARLY_ALL);
    }
  });
}

for (const { title } of [loss50, delay]) {
  Deno.test(`${title}: what was known goes on being answered, the rest once it is over`, async () => {
    for (const outcome of outcomesOf(await WEATHER, title)) {
      assertSurvived(outcome);
      assertAnswered(outcome, SOME);
    }
  });
}

Deno.test("a link that is cut and mended loses no question, and the log tells of both", async () => {
  for (const outcome of outcomesOf(await WEATHER, cut.title)) {
    assertSurvived(outcome);
    assertAnswered(outcome, NEARLY_ALL);
    assertTold(outcome, ...SILENCE);
  }
});

const { killed, refused, stopped, dead } = UPSTREAM_FAULTS;

for (const { title } of [killed, refused, stopped]) {
  Deno.test(`${title}: no question is lost, and the log tells of it`, async () => {
    for (const outcome of outcomesOf(await UPSTREAM, title)) {
      assertSurvived(outcome);
      assertAnswered(outcome, NEARLY_ALL);
      assertTold(outcome, ...SILENCE);
    }
  });
}

Deno.test(`${dead.title}: what was known is answered all the while, the rest once it is back`, async () => {
  for (const outcome of outcomesOf(await UPSTREAM, dead.title)) {
    assertSurvived(outcome);
    assertAnswered(outcome, SOME);
    assertTold(outcome, ...SILENCE);
  }
});

Deno.test("under a bad certificate not one question leaves, and once it is good again all are answered", async () => {
  const outcomes = await CERTIFICATES;
  assert.ok(outcomes.length >= 5);
  for (const outcome of outcomes) {
    assertSurvived(outcome);
    assertAnswered(outcome, SOME);
    assert.equal(outcome.heard, 0, JSON.stringify(outcome));
    assertTold(outcome, ...SILENCE);
  }
});

Deno.test("over a link that is only slow questions do leave: what would be heard is seen", async () => {
  for (const outcome of outcomesOf(await WEATHER, delay.title)) assert.ok(outcome.heard > 0);
});
