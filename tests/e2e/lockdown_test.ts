/** `lockdown --to nft` on a host in network namespaces: what was open before is closed after. */

import assert from "node:assert/strict";
import { type Account, inRoom, type LockdownRoom, OUTSIDE } from "../support/lockdown_room.ts";

const POLICY = `allow = ["api.example.com"]
[listen]
addresses = ["127.0.0.1:53", "[::1]:53"]
[[upstream]]
address = "${OUTSIDE.quad9}:53"
[run_as]
user = "fw-dns"
`;

/** Every other way out for DNS: which of them lead somewhere? */
async function openWays(room: LockdownRoom, account: Account): Promise<string[]> {
  const { google, quad9, google6, unknown, another, unknown6 } = OUTSIDE;
  const asked = [google, quad9, unknown, google6, unknown6].flatMap((server) =>
    ["+notcp", "+tcp"].map(async (transport) => {
      const answer = await room.dig("host", account, transport, `@${server}`);
      return answer.length > 0 ? [`dig ${transport} @${server}`] : [];
    })
  );
  const ways: [string, number][] = [
    ...[53, 137, 784, 853, 5353, 5355, 8853].map((port): [string, number] => [another, port]),
    ...[80, 443, 853, 8443].map((port): [string, number] => [google, port]),
    ...[443, 853].map((port): [string, number] => [google6, port]),
    [unknown6, 853],
  ];
  const reached = ways.flatMap(([address, port]) =>
    (["udp", "tcp"] as const).map(async (transport) => {
      const isOpen = await room.reaches("host", account, transport, address, port);
      return isOpen ? [`${transport} ${address} ${port}`] : [];
    })
  );
  return (await Promise.all([...asked, ...reached])).flat();
}

Deno.test("lockdown: every other way out for DNS closes, for root too, and fw-dns goes on answering", async () => {
  await inRoom(async (room) => {
    assert.equal((await openWays(room, "neighbour")).length, 38);
    const policy = room.writePolicy(POLICY);
    await room.lockDown(policy);
    await room.startFirewall(policy);
    for (const account of ["neighbour", "root"] as const) {
      assert.deepEqual(await openWays(room, account), []);
      for (const words of [["@127.0.0.1"], ["+tcp", "@127.0.0.1"], ["@::1"]]) {
        assert.deepEqual(await room.dig("host", account, ...words), ["192.0.2.10"]);
        const hopeless = [...words, "+time=1", "evil.example.com"];
        assert.deepEqual(await room.dig("host", account, ...hopeless), []);
      }
      for (const transport of ["udp", "tcp"] as const) {
        assert.ok(await room.reaches("host", account, transport, OUTSIDE.unknown, 443), "the web");
      }
    }
  });
});

Deno.test("lockdown: every form loads for every kind of policy", async () => {
  await inRoom(async (room) => {
    const listens = [
      'addresses = ["127.0.0.1:53", "10.0.7.1:53"]\nclients = ["127.0.0.0/8", "10.0.0.0/8", "10.0.7.0/24"]',
      'addresses = ["[::1]:53", "[fd00:7::1]:5300"]\nclients = ["::1/128", "fd00:7::/64"]',
      'addresses = ["127.0.0.1:53", "10.0.7.1:53", "[fd00:7::1]:53"]\nclients = ["10.0.7.2", "fd00:7::/64"]',
    ];
    const upstreams: readonly [address: string, ...flags: string[]][] = [
      ["9.9.9.9:53"],
      ["[2620:fe::fe]:5300"],
      ["127.0.0.1:5335", "--recursor", "recursor"],
      ["[::1]:5353", "--recursor", "recursor"],
    ];
    for (const listen of listens) {
      for (const [address, ...recursor] of upstreams) {
        const policy = room.writePolicy(
          `[listen]\n${listen}\n[run_as]\nuser = "fw-dns"\n[[upstream]]\naddress = "${address}"\n`,
        );
        for (
          const flags of [[], ["--gateway"], ["--resolved-only"], ["--gateway", "--resolved-only"]]
        ) {
          await room.lockDown(policy, ...recursor, ...flags);
        }
      }
    }
  });
});

Deno.test("lockdown: loading again is fine, and removing the table opens what was closed", async () => {
  await inRoom(async (room) => {
    const policy = room.writePolicy(POLICY);
    await room.lockDown(policy);
    await room.lockDown(policy, "--gateway", "--resolved-only").then(
      () => assert.fail("no client is behind this host"),
      (error) => assert.match(error.message, /listen|clients/),
    );
    await room.lockDown(policy, "--resolved-only");
    assert.equal(await room.reaches("host", "neighbour", "tcp", OUTSIDE.unknown, 443), false);
    await room.lockDown(policy);
    await room.lockDown(policy);
    assert.equal(await room.reaches("host", "neighbour", "tcp", OUTSIDE.unknown, 443), true);
    assert.deepEqual(await room.dig("host", "neighbour", `@${OUTSIDE.google}`), []);
    await room.run("host", "root", "nft", "delete", "table", "inet", "fw_dns");
    assert.deepEqual(await room.dig("host", "neighbour", `@${OUTSIDE.google}`), ["192.0.2.10"]);
  });
});

/** What makes the system keep track of connections, as it does on most hosts. */
const TRACKING = `table inet other {
  chain output {
    type filter hook output priority 0; policy accept;
    ct state established accept
  }
}
`;

for (const isTracked of [true, false]) {
  const how = isTracked ? "tracked" : "not even tracked";
  Deno.test(`lockdown: flows that were open before, and ${how}, are cut`, async () => {
    await inRoom(async (room) => {
      if (isTracked) await room.loadRules(TRACKING);
      const { another, google, google6, unknown } = OUTSIDE;
      const ways: ["tcp" | "udp", string, number][] = [
        ["tcp", another, 53],
        ["udp", another, 53],
        ["tcp", unknown, 853],
        ["tcp", google, 443],
        ["udp", google, 443],
        ["tcp", google6, 443],
      ];
      const flows = await Promise.all(ways.map((way) => room.hold("host", "neighbour", ...way)));
      for (const flow of flows) assert.equal(await flow.ask("before"), "before");
      await room.lockDown(room.writePolicy(POLICY));
      const after = await Promise.all(flows.map((flow) => flow.ask("after")));
      assert.deepEqual(after, ways.map(() => "cut"));
    });
  });
}

Deno.test("lockdown: the account of fw-dns reaches its upstream and nothing else, this host included", async () => {
  await inRoom(async (room) => {
    await room.serveEcho("host", ["127.0.0.1", "::1"], [80, 5432]);
    await room.lockDown(room.writePolicy(POLICY));
    const reaches = (account: Account, transport: "tcp" | "udp", address: string, port: number) =>
      room.reaches("host", account, transport, address, port);
    for (const transport of ["tcp", "udp"] as const) {
      for (const address of ["127.0.0.1", "::1"]) {
        assert.equal(await reaches("neighbour", transport, address, 5432), true);
        assert.equal(await reaches("fw-dns", transport, address, 5432), false);
      }
      assert.equal(await reaches("fw-dns", transport, OUTSIDE.quad9, 443), false);
      assert.equal(await reaches("fw-dns", transport, OUTSIDE.unknown, 443), false);
      assert.equal(await reaches("fw-dns", transport, OUTSIDE.another, 53), false);
      assert.deepEqual(
        await room.dig(
          "host",
          "fw-dns",
          transport === "tcp" ? "+tcp" : "+notcp",
          `@${OUTSIDE.quad9}`,
        ),
        ["192.0.2.10"],
      );
    }
  });
});
