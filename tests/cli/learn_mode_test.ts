/** What the verbs say of a policy that learns. */

import assert from "node:assert/strict";
import { FakeMachine, type Ran } from "../support/fake_process.ts";

const POLICY = `allow = ["api.example.com"]
[[upstream]]
address = "9.9.9.9"
[learn]
until = 2026-07-01T00:00:00Z
names_per_domain_per_day = 5
`;

async function run(...args: string[]): Promise<Ran> {
  return await new FakeMachine({ "p.toml": POLICY }).run(...args, "--policy", "p.toml");
}

Deno.test("explain says of an unlisted name that it would be learned, until when and as one of how many", async () => {
  const out = `allow  new.example.co.uk AAAA
why    reason=unlisted: no rule has this name, but [learn] lets it through until 2026-07-01T00:00:00.000Z,
       as one of 5 new names a day for its domain, and 500 in all
to     9.9.9.9:53
`;
  assert.deepEqual(await run("explain", "new.example.co.uk", "AAAA"), { code: 0, out, err: "" });
  const denied = `deny  co.uk A
why    reason=unlisted: no rule has this name
gets   nothing: the query is dropped
`;
  assert.deepEqual(await run("explain", "co.uk"), { code: 1, out: denied, err: "" });
  assert.match(
    (await run("explain", "api.example.com")).out,
    /^rule {3}api.example.com \(p.toml:1/m,
  );
});

Deno.test("check warns where [learn] says until when the door is ajar", async () => {
  const { code, out, err } = await run("check");
  assert.equal(code, 0);
  assert.match(out, /1 warning\n$/);
  assert.match(err, /^p\.toml:5:9: warning: learn\.until: the door is ajar until 2026-07-01T00:00/);
});

Deno.test("audit has a line for what is learned, says what that means, and that without it saves most", async () => {
  const { out } = await run("audit");
  assert.match(out, /^\[learn\] +forward +500 new a day, 2,500 more an hour +7[\d,]+\.\d/m);
  assert.match(out, /500 new names a day until 2026-07-01T00:00:00.000Z/);
  assert.match(out, /5 to who runs one domain/);
  assert.match(out, /each by itself:\n +\u2212[\d,.]+ {2}take \[learn\] out\n/);
  const { learn, total, hermetic } = JSON.parse((await run("audit", "--json")).out);
  assert.deepEqual({ ...learn, bits: 0 }, {
    until: "2026-07-01T00:00:00.000Z",
    names_per_domain_per_day: 5,
    names_per_day: 500,
    repeats_per_hour: 2500,
    bits: 0,
  });
  assert.ok(learn.bits.o3 > 700_000 && total.o3 > learn.bits.o3 && hermetic === false);
});

Deno.test("audit of a policy whose learning has ended: nothing gets out by it", async () => {
  const machine = new FakeMachine({ "p.toml": POLICY });
  machine.clock.setWall(Date.parse("2026-07-01T00:00:00Z"));
  const { out } = await machine.run("audit", "--policy", "p.toml");
  assert.match(out, /^\[learn\] +ended +0 +0 +0$/m);
  assert.doesNotMatch(out, /new names a day/);
});
