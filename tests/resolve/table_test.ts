import assert from "node:assert/strict";
import { asked, decide, type Policy, type Rule } from "../../src/policy/mod.ts";
import type { Slot, SlotParts } from "../../src/resolve/slot.ts";
import { AFTER_TABLE, Table } from "../../src/resolve/table.ts";
import { compareOrders } from "../../src/resolve/ticks.ts";
import { policyFrom, policyWithLists } from "../support/policies.ts";
import { SeededRandom } from "../support/seeded_random.ts";

/** What a slot that is never asked works with. */
const PARTS = {
  lane: { random: new SeededRandom(7) },
  cache: { maxTtl: 60_000, stale: 0 },
} as unknown as SlotParts;

function tableOf(policy: Policy, former: readonly Slot[] = []): Table {
  return new Table(policy.rules, () => PARTS, former);
}

function ruleOf(policy: Policy, name: string, type = 1): Rule {
  const decision = decide(policy, asked({ name, type }), 0);
  assert.ok(decision.kind === "allow", name);
  return decision.rule;
}

/** The slot of a name, as a client's question has it found. */
function find(table: Table, policy: Policy, name: string, type = 1): Slot | undefined {
  return table.find({ type }, ruleOf(policy, name, type));
}

const LISTS = () =>
  policyWithLists(
    'allow = ["z.example"]\nallow_files = ["x.txt"]',
    "c.example\na.example\n*.b.example",
  );

Deno.test("a slot of a forward rule is made when it is asked for, and is the same one after that", () => {
  const policy = LISTS();
  const table = tableOf(policy);
  assert.equal(table.slots.length, 0);
  const slot = find(table, policy, "a.example")!;
  assert.deepEqual(slot.question, { name: "a.example", type: 1 });
  assert.equal(find(table, policy, "a.example"), slot);
  assert.notEqual(find(table, policy, "a.example", 28), slot);
  assert.equal(find(table, policy, "x.b.example"), undefined);
  assert.equal(table.find({ type: 16 }, ruleOf(policy, "a.example")), undefined);
  assert.equal(table.slots.length, 2);
});

Deno.test("order and random numbers do not depend on when a slot was made", () => {
  const pairs = ["z", "c", "a"].flatMap((name) =>
    [1, 28].map((type) => [`${name}.example`, type] as const)
  );
  const look = (sequence: readonly (readonly [string, number])[]): string[] => {
    const policy = LISTS();
    const table = tableOf(policy);
    return sequence.map(([name, type]) => find(table, policy, name, type)!)
      .sort((a, b) => compareOrders(a.order, b.order))
      .map(({ question, order, random }) =>
        `${question.name} ${question.type} ${order.place} ${random.uint16()}`
      );
  };
  const inOrder = look(pairs);
  assert.deepEqual(
    inOrder.map((line) => line.split(" ").slice(0, 2).join(" ")),
    pairs.map(String).map((one) => one.replace(",", " ")),
  );
  assert.deepEqual(look(pairs.toReversed()), inOrder);
  assert.equal(new Set(inOrder.map((line) => line.split(" ")[3])).size, pairs.length);
});

Deno.test("hermetic slots are there from the start, come first, and all come before wildcards", () => {
  const policy = policyFrom(
    'allow = ["a.example"]\n[[rule]]\nname = "b.example"\nmode = "hermetic"\ntypes = ["A"]',
  );
  const table = tableOf(policy);
  assert.deepEqual(table.slots.map(({ question }) => question), [{ name: "b.example", type: 1 }]);
  const forward = find(table, policy, "a.example", 28)!;
  assert.ok(table.slots[0]!.order.place < forward.order.place);
  assert.ok(forward.order.place < AFTER_TABLE);
});

Deno.test("all names of a hermetic file have their slots from the start, in its order", () => {
  const policy = policyWithLists(
    'mode = "hermetic"\nallow_files = ["x.txt"]\ntypes = ["A"]',
    "c.example\n# x\na.example\n",
  );
  const table = tableOf(policy);
  assert.deepEqual(table.slots.map(({ question }) => question.name), ["c.example", "a.example"]);
  assert.equal(find(table, policy, "a.example"), table.slots[1]);
});

Deno.test("slots that were asked for are taken over by the next policy, where it lists them", () => {
  const [before, after] = [LISTS(), LISTS()];
  const table = tableOf(before);
  const slot = find(table, before, "a.example")!;
  const gone = find(table, before, "c.example")!;
  const next = policyFrom('allow = ["a.example"]');
  assert.equal(tableOf(next, [slot, gone]).has(gone), false);
  assert.equal(find(tableOf(after, [slot, gone]), after, "a.example"), slot);
});
