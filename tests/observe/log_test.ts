import assert from "node:assert/strict";
import fc from "fast-check";
import type { QueryEvent } from "../../src/observe/event.ts";
import { BYTES_PER_DAY, LINES_PER_SECOND, Log, type LogOptions } from "../../src/observe/mod.ts";
import { encodeName, nameText } from "../../src/wire/mod.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { Paper } from "../support/paper.ts";

function setUp(options: Partial<LogOptions> = {}): { log: Log; paper: Paper; clock: FakeClock } {
  const [paper, clock] = [new Paper(), new FakeClock()];
  return {
    paper,
    clock,
    log: new Log({ format: "text", queries: "denied", ...options }, clock, paper),
  };
}

function drop(name = "evil.example"): QueryEvent {
  return {
    event: "query",
    client: "127.0.0.1",
    name,
    type: "A",
    verdict: "drop",
    reason: "unlisted",
  };
}

const ANSWERED: QueryEvent = {
  event: "query",
  client: "127.0.0.1",
  name: "a.example",
  type: "A",
  verdict: "serve",
  reason: "listed",
};

/** As the handler does: what nobody wants to hear is not told. */
function tell(log: Log, event: QueryEvent): void {
  if (log.wantsQuery(event.verdict, event.reason)) log.report(event);
}

Deno.test("which queries are told is the policy's choice", async () => {
  for (const [queries, expected] of [["denied", 1], ["all", 2], ["none", 0]] as const) {
    const { log, paper } = setUp({ queries });
    tell(log, drop());
    tell(log, ANSWERED);
    await log.flush();
    assert.equal(paper.lines.length, expected);
    assert.equal(log.wantsQuery("serve", "listed"), queries === "all");
    // What [learn] lets through is on no rule: it is told like what is denied.
    for (const verdict of ["forward", "serve"] as const) {
      assert.equal(log.wantsQuery(verdict, "unlisted"), queries !== "none");
    }
  }
});

Deno.test("beyond 50 lines a second they are counted and summed up", async () => {
  const { log, paper, clock } = setUp();
  for (let i = 0; i < 100_000; i++) tell(log, drop(`n${i}.evil.example`));
  await clock.advance(999);
  assert.equal(paper.lines.length, LINES_PER_SECOND);
  await clock.advance(1);
  assert.equal(paper.lines.length, LINES_PER_SECOND + 1);
  assert.equal(paper.lines.at(-1), "Left out 99950 lines (drop unlisted 99950)");
  tell(log, drop());
  await log.flush();
  assert.equal(paper.lines.length, LINES_PER_SECOND + 2);
});

Deno.test("a day's lines are 100 MB at most, however it goes on; the next day has its own", async () => {
  const { log, paper, clock } = setUp();
  const name = `${"a".repeat(60)}.`.repeat(4) + "example";
  let bytes = 0;
  const second = async (): Promise<void> => {
    for (let i = 0; i < 60; i++) tell(log, drop(name));
    await clock.advance(1000);
    bytes += paper.text.length;
    paper.text = "";
  };
  const wall = clock.monotonic();
  while (clock.monotonic() - wall < 8000 * 1000) await second();
  assert.ok(bytes > BYTES_PER_DAY * 0.99, `${bytes}`);
  assert.ok(bytes < BYTES_PER_DAY * 1.03, `${bytes}`);
  await clock.advance(80_000 * 1000);
  paper.text = "";
  tell(log, drop());
  await log.flush();
  assert.equal(paper.lines.length, 1);
});

Deno.test("errors that queries cause are counted with them", async () => {
  const { log, paper, clock } = setUp();
  for (let i = 0; i < 1000; i++) log.report({ event: "error", message: "a bug" });
  await clock.advance(1000);
  assert.equal(paper.lines.length, LINES_PER_SECOND + 1);
  assert.equal(paper.lines.at(-1), "Left out 950 lines (error 950)");
});

Deno.test("events that are no queries are told, flood or not", async () => {
  const { log, paper } = setUp();
  for (let i = 0; i < 1000; i++) tell(log, drop());
  log.report({ event: "stop", signal: "SIGTERM" });
  await log.flush();
  assert.ok(paper.lines.includes("Stopping on SIGTERM"));
});

Deno.test("a reader that has stopped reading stops nothing here, and memory stays bounded", async () => {
  const { log, paper, clock } = setUp();
  let goOn = (): void => {};
  paper.stall = new Promise((resolve) => goOn = resolve);
  const long = "x".repeat(1000);
  for (let i = 0; i < 200; i++) {
    for (let line = 0; line < 60; line++) tell(log, drop(long));
    await clock.advance(1000);
  }
  goOn();
  await log.flush();
  assert.ok(paper.text.length < 3_000_000, `${paper.text.length}`);
  assert.match(paper.text, /Left out/);
});

Deno.test("when there is room again after a full disk, the log says how many lines are missing", async () => {
  for (const format of ["text", "json"] as const) {
    const { log, paper } = setUp({ format });
    const full = Promise.reject(new Error("No space left on device"));
    paper.stall = full;
    tell(log, drop());
    await log.flush();
    tell(log, drop());
    await log.flush();
    // What a full disk still takes is the beginning of a line.
    paper.text = "Drop pack";
    paper.stall = undefined;
    tell(log, drop());
    tell(log, drop());
    await log.flush();
    assert.equal(paper.lines.length, 4);
    assert.match(
      paper.lines[1]!,
      /2 lines of this log could not be written: No space left on device/,
    );
    if (format === "json") paper.lines.slice(1).forEach((line) => JSON.parse(line));
  }
});

Deno.test("a reader that is gone is no error", async () => {
  const { log, paper } = setUp();
  paper.stall = Promise.reject(new Error("Broken pipe"));
  tell(log, drop());
  await log.flush();
});

Deno.test("a name can never break a line or a terminal", () => {
  const labels = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.asyncProperty(labels, fc.constantFrom("text", "json"), async (labels, format) => {
      const wire = Uint8Array.from([...labels.flatMap((label) => [label.length, ...label]), 0]);
      const name = nameText(wire);
      assert.match(name, /^[a-z0-9_.\\-]+$/);
      assert.equal(nameText(encodeName(name)), name);
      const { log, paper } = setUp({ format: format as "text" | "json" });
      tell(log, drop(name));
      await log.flush();
      assert.match(paper.text, /^[\x20-\x7e]+\n$/);
      if (format === "json") assert.equal(JSON.parse(paper.text).name, name);
    }),
    { numRuns: 500 },
  );
});
