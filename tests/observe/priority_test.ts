import assert from "node:assert/strict";
import { isJournal, Log } from "../../src/observe/mod.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { Paper } from "../support/paper.ts";

Deno.test("a stream is the journal where its device and inode are those that systemd has named", () => {
  assert.equal(isJournal("8:42", "8:42"), true);
  assert.equal(isJournal("8:42", "8:43"), false);
  assert.equal(isJournal(undefined, "8:42"), false);
  assert.equal(isJournal(undefined, undefined), false);
});

async function lines(format: "text" | "json", hasPriorities: boolean): Promise<string[]> {
  const paper = new Paper();
  const log = new Log({ format, queries: "all" }, new FakeClock(), paper, hasPriorities);
  const query = { event: "query", client: "127.0.0.1", name: "a.example", type: "A" } as const;
  const alarm = { event: "alarm", client: "::1", domain: "a.example", domains: 1 } as const;
  log.report({ ...alarm, bytes: 1, names: 1, seconds: 1 });
  log.report({ event: "error", message: "<1>no trick" });
  log.report({ event: "reload", policy: "p", problem: "none" });
  log.report({ event: "warning", message: "may break" });
  log.report({ ...query, verdict: "drop", reason: "unlisted" });
  log.report({ ...query, verdict: "serve", reason: "listed" });
  log.report({ event: "stop", signal: "SIGTERM" });
  await log.flush();
  return paper.lines;
}

Deno.test("for the journal each line of text begins with how urgent it is", async () => {
  const plain = await lines("text", false);
  const urgencies = [2, 3, 3, 4, 5, 6, 6];
  assert.deepEqual(await lines("text", true), plain.map((line, i) => `<${urgencies[i]}>${line}`));
});

Deno.test("JSON stays JSON", async () => {
  assert.deepEqual(await lines("json", true), await lines("json", false));
  for (const line of await lines("json", true)) JSON.parse(line);
});
