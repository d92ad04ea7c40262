import assert from "node:assert/strict";
import fc from "fast-check";
import { clientOf, FairShares } from "../../src/resolve/fairness.ts";

/** Takes as many as there are for a client, and returns how many that were. */
function takeAll(shares: FairShares, client: string): number {
  let count = 0;
  for (; shares.hasRoom(client); count++) shares.take(client);
  return count;
}

Deno.test("one client gets three quarters, and each that comes later three quarters of what is left", () => {
  const shares = new FairShares(1000);
  assert.deepEqual(["a", "b", "c", "a"].map((one) => takeAll(shares, one)), [750, 188, 47, 0]);
});

Deno.test("clients that take turns get the same, and leave a third of that", () => {
  const shares = new FairShares(1000);
  const taken = { a: 0, b: 0, c: 0 };
  for (let i = 0; i < 1000; i++) {
    for (const one of ["a", "b", "c"] as const) {
      if (!shares.hasRoom(one)) continue;
      shares.take(one);
      taken[one]++;
    }
  }
  assert.deepEqual(taken, { a: 300, b: 300, c: 300 });
});

Deno.test("who holds nothing finds room as long as there is any, and nobody finds any beyond the end", () => {
  fc.assert(
    fc.property(fc.nat(40), fc.array(fc.nat(5), { maxLength: 200 }), (most, takers) => {
      const shares = new FairShares(most);
      for (const taker of takers) {
        assert.equal(shares.hasRoom("newcomer"), shares.taken < most);
        if (shares.hasRoom(`${taker}`)) shares.take(`${taker}`);
      }
      assert.ok(shares.taken <= most);
    }),
  );
});

Deno.test("nothing is known of clients that hold nothing", () => {
  const shares = new FairShares(10);
  for (let i = 0; i < 1000; i++) {
    shares.take(`${i}`);
    shares.giveBack(`${i}`);
    shares.hasRoom(`${i}`);
  }
  assert.deepEqual([shares.taken, shares.clients], [0, 0]);
});

Deno.test("after a reload with fewer nobody gets one until enough are given back", () => {
  const shares = new FairShares(8);
  takeAll(shares, "a");
  shares.limit(4);
  assert.equal(shares.hasRoom("b"), false);
  for (let i = 0; i < 3; i++) shares.giveBack("a");
  assert.equal(shares.hasRoom("b"), true);
  assert.equal(shares.hasRoom("a"), false);
});

Deno.test("a client is an address, a /64 of IPv6, or all of loopback", () => {
  const groups = [
    ["127.0.0.1", "127.0.0.2", "127.255.255.254", "::1"],
    ["10.0.0.1"],
    ["10.0.0.2"],
    ["2001:db8::1", "2001:db8::ffff:1"],
    ["2001:db8:0:1::1"],
  ];
  const names = groups.map((group) => new Set(group.map(clientOf)));
  for (const name of names) assert.equal(name.size, 1);
  assert.equal(new Set(names.flatMap((name) => [...name])).size, groups.length);
});
