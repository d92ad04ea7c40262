import assert from "node:assert/strict";
import { dropPrivileges, planIdentity } from "../../src/host/mod.ts";
import { FakeIdentity } from "../support/fake_host.ts";

const ACCOUNT = { user: "fw-dns", uid: 998, gid: 997 };

function identityOf(uid: number, groups: readonly number[] = []): FakeIdentity {
  return Object.assign(new FakeIdentity(), { uid, gid: uid, groups });
}

Deno.test("root becomes the account: the group first, then the user, then it is checked", () => {
  const calls: string[] = [];
  class Watched extends FakeIdentity {
    override setGid(gid: number): void {
      calls.push(`gid ${gid}`);
      super.setGid(gid);
    }
    override setUid(uid: number): void {
      calls.push(`uid ${uid}`);
      super.setUid(uid);
    }
  }
  const identity = Object.assign(new Watched(), { uid: 0, gid: 0 });
  assert.deepEqual(planIdentity(identity, ACCOUNT), {
    kind: "drop",
    account: ACCOUNT,
    warnings: [],
  });
  dropPrivileges(identity, ACCOUNT);
  assert.deepEqual([identity.uid, identity.gid], [998, 997]);
  assert.deepEqual(calls, ["gid 997", "uid 998", "uid 0", "gid 0"]);
});

Deno.test("groups of others are refused before anything is done; root's own and the account's are not", () => {
  assert.throws(
    () => planIdentity(identityOf(0, [0, 997, 4, 27]), ACCOUNT),
    /in the groups 4, 27 too[^]*setpriv --reuid fw-dns --regid 997 --clear-groups[^]*AmbientCapabilities=/,
  );
  const { warnings } = planIdentity(identityOf(0, [0, 997]), ACCOUNT);
  assert.match(warnings.join(), /^As fw-dns this is still in root's group \(0\).*setpriv/);
  assert.deepEqual(planIdentity(identityOf(0, [997]), ACCOUNT).warnings, []);
});

Deno.test("who is not root stays, with a warning where that is another than the policy's", () => {
  assert.deepEqual(planIdentity(identityOf(998), ACCOUNT), { kind: "stay", warnings: [] });
  const { kind, warnings } = planIdentity(identityOf(1000), ACCOUNT);
  assert.equal(kind, "stay");
  assert.match(warnings.join(), /^run_as names fw-dns \(uid 998\), but this runs as uid 1000/);
});

Deno.test("root without run_as is warned, anyone else is not", () => {
  assert.match(planIdentity(identityOf(0), undefined).warnings.join(), /runs as root.*\[run_as\]/);
  assert.deepEqual(planIdentity(identityOf(1000), undefined).warnings, []);
});

/** Systems that do not do what they were told. */
const LIARS: readonly [what: string, identity: Partial<FakeIdentity>, error: RegExp][] = [
  [
    "lets it become root again",
    { setGid: () => {}, setUid: () => {}, uid: 998, gid: 997 },
    /can still become root/,
  ],
  ["lets it take root's group again", {
    setGid: () => {},
    setUid: (uid) => {
      if (uid === 0) throw new Error("EPERM");
    },
    uid: 998,
    gid: 997,
  }, /can still become root/],
  [
    "changes nothing",
    { setUid: () => {}, setGid: () => {}, uid: 0, gid: 0 },
    /the system says 0, 0, 0, 0/,
  ],
  [
    "changes the group alone",
    { setUid: () => {}, setGid: () => {}, uid: 0, gid: 997 },
    /says 0, 0, 997, 997/,
  ],
  ["refuses", {
    setGid: () => {
      throw new Error("EPERM: not permitted");
    },
  }, /^PrivilegeError: Cannot become fw-dns: EPERM/],
];

for (const [what, changes, error] of LIARS) {
  Deno.test(`a system that ${what} ends it`, () => {
    const identity = Object.assign(new FakeIdentity(), changes);
    assert.throws(() => dropPrivileges(identity, ACCOUNT), error);
  });
}
