/** Real servers of Debian run exported policies: is each verdict that of fw-dns, or is it known why not? */

import assert from "node:assert/strict";
import { compare } from "../../scripts/peers/compare.ts";
import { findUnexplained } from "../../scripts/peers/lines.ts";
import { POLICIES } from "../../scripts/peers/policies.ts";
import { findPeer, PEERS } from "../../scripts/peers/servers/mod.ts";
import { versionOf } from "../../scripts/version.ts";

const { test } = Deno;

const TRIED = POLICIES.filter(({ id }) => id === "exact" || id === "rich");

test("the suite finds no difference between fw-dns and fw-dns", async () => {
  const twin = { id: "twin", server: findPeer("twin"), debian: "" };
  const outcome = await compare(twin, TRIED[1]!, true);
  assert.equal(outcome.failure, undefined);
  assert.deepEqual([outcome.groups, outcome.leaks], [[], []]);
  assert.ok(outcome.asked > 1000, `${outcome.asked} questions`);
});

test("the suite finds an open forwarder out: its answers, and what reached the upstream", async () => {
  const open = { id: "open", server: findPeer("open"), debian: "" };
  const { failure, groups, leaks } = await compare(open, TRIED[0]!, true);
  assert.equal(failure, undefined);
  for (
    const edge of ["one label below an exact name", "another name", "a sibling of an exact name"]
  ) {
    assert.ok(groups.some((one) => one.edge === edge && one.standing === "laxer"), edge);
    assert.ok(leaks.some((one) => one.edge === edge), edge);
  }
});

for (const peer of PEERS) {
  for (const policy of TRIED) {
    test(`${peer.server.title} with the policy "${policy.id}" differs in nothing that is not known`, async () => {
      const version = await versionOf(...peer.server.version);
      assert.ok(
        version !== undefined,
        `${peer.server.program} is missing: apt-get install -y ${peer.debian}`,
      );
      const outcome = await compare(peer, policy, true);
      assert.deepEqual(findUnexplained([outcome]), []);
      assert.ok(outcome.asked > 1000, `${outcome.asked} questions`);
    });
  }
}

for (const id of ["recursor", "dnsdist"]) {
  for (const unlisted of ["refused", "nxdomain"]) {
    test(`${findPeer(id).title} says of names with odd letters what fw-dns says, with "${unlisted}" too`, async () => {
      const peer = PEERS.find((one) => one.id === id)!;
      const policy = POLICIES.find((one) => one.id === unlisted)!;
      const outcome = await compare(peer, policy, true);
      assert.deepEqual(findUnexplained([outcome]), []);
      // Below a wildcard they get nothing, unless its labels are told.
      assert.deepEqual(outcome.groups.filter(({ marks }) => marks.includes("odd")), []);
    });
  }
}
