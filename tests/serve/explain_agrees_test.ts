/** `explain` and `run` say the same of any question: there is one function that decides. */

import assert from "node:assert/strict";
import { query } from "../support/packets.ts";
import { FakeMachine } from "../support/fake_process.ts";
import { Firewall } from "../support/firewall.ts";
import { SeededRandom } from "../support/seeded_random.ts";

const RULES = `
types = ["A", "AAAA"]
allow = ["a.example", "*.b.example", "**.c.example", "x.c.example", "d.test"]
[[rule]]
name = "*.c.example"
types = ["TXT"]
[[rule]]
name = "old.example"
expires = 2001-01-01T00:00:00Z
[[rule]]
name = "**.old.example"
types = ["MX", "A"]
`;

const LABELS = ["a", "b", "c", "d", "x", "old", "example", "test", "localhost", "evil"];
const TYPES = { A: 1, AAAA: 28, TXT: 16, MX: 15, HTTPS: 65, ANY: 255, TYPE65280: 65280 };

Deno.test("explain agrees with run on 1,000 random questions", async () => {
  const random = new SeededRandom(42);
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)]!;
  const counts = { allow: 0, deny: 0 };
  const firewall = new Firewall(RULES, "127.0.0.1", "");
  try {
    for (let i = 0; i < 1000; i++) {
      const name = [
        ...Array.from({ length: random.below(3) }, () => pick(LABELS)),
        pick(["example", "test", "localhost", "c.example", "old.example"]),
      ].join(".");
      const type = pick(Object.keys(TYPES)) as keyof typeof TYPES;
      const machine = new FakeMachine({ p: `${RULES}\n[[upstream]]\naddress = "9.9.9.9"` });
      const { out, code } = await machine.run("explain", name, type, "--policy", "p");
      const event = await firewall.outcomeOf(query({ name, type: TYPES[type] }));
      const context = `${name} ${type}: ${out} ${JSON.stringify(event)}`;
      const hasData = event.verdict === "forward" ||
        (event.verdict === "serve" && event.rule !== "localhost") ||
        (event.rule === "localhost" && (type === "A" || type === "AAAA"));
      assert.equal(code === 0, hasData, context);
      if (event.reason !== "listed") assert.ok(out.includes(`reason=${event.reason}`), context);
      if (event.rule !== undefined) assert.ok(out.includes(event.rule), context);
      counts[code === 0 ? "allow" : "deny"]++;
    }
  } finally {
    await firewall.close();
  }
  assert.ok(counts.allow > 100 && counts.deny > 100, JSON.stringify(counts));
});
