/** `lockdown --to nft --gateway`: a machine behind the host, which brings its questions to fw-dns. */

import assert from "node:assert/strict";
import { GATEWAY, inRoom, OUTSIDE } from "../support/lockdown_room.ts";

const POLICY = `allow = ["api.example.com"]
[listen]
addresses = ["127.0.0.1:53", "${GATEWAY.ip}:53", "[${GATEWAY.ip6}]:53"]
clients = ["127.0.0.0/8", "10.0.7.0/24", "fd00:7::/64"]
[run_as]
user = "fw-dns"
[[upstream]]
address = "${OUTSIDE.quad9}"
`;

Deno.test("lockdown --gateway: whatever server a client names, fw-dns answers; no other DNS gets out", async () => {
  await inRoom(async (room) => {
    const { google, google6, quad9, unknown, unknown6 } = OUTSIDE;
    const ask = (...words: string[]) => room.dig("behind", "root", "+time=1", ...words);
    const reaches = (transport: "tcp" | "udp", address: string, port: number) =>
      room.reaches("behind", "root", transport, address, port);
    await room.serveEcho("host", [GATEWAY.ip], [853, 5353, 8080]);
    const flow = await room.hold("behind", "root", "tcp", google, 443);
    assert.equal(await flow.ask("before"), "before");
    assert.deepEqual(await ask(`@${google}`, "four.example.com"), ["192.0.2.44"]);

    const policy = room.writePolicy(POLICY);
    await room.lockDown(policy, "--gateway");
    const firewall = await room.startFirewall(policy);
    assert.equal(await flow.ask("after"), "cut");
    for (const server of [google, quad9, unknown, google6, unknown6, GATEWAY.ip, GATEWAY.ip6]) {
      for (const transport of ["+notcp", "+tcp"]) {
        assert.deepEqual(
          await ask(transport, `@${server}`),
          ["192.0.2.10"],
          `${transport} ${server}`,
        );
      }
    }
    assert.deepEqual(await ask(`@${google}`, "four.example.com"), []);
    assert.match(firewall.text, /four\.example\.com/);
    for (const transport of ["tcp", "udp"] as const) {
      for (const port of [137, 784, 853, 5353, 5355, 8853]) {
        assert.equal(await reaches(transport, unknown, port), false, `${transport} ${port}`);
      }
      assert.equal(await reaches(transport, google, 443), false);
      assert.equal(await reaches(transport, google6, 443), false);
      assert.equal(await reaches(transport, unknown6, 443), true);
      assert.equal(await reaches(transport, GATEWAY.ip, 853), false);
      assert.equal(await reaches(transport, GATEWAY.ip, 8080), true);
    }
  });
});

Deno.test("lockdown --gateway: by IPv6 nothing gets out where fw-dns does not listen there", async () => {
  await inRoom(async (room) => {
    const policy = room.writePolicy(
      POLICY.replace(`, "[${GATEWAY.ip6}]:53"`, "").replace(', "fd00:7::/64"', ""),
    );
    await room.lockDown(policy, "--gateway");
    await room.startFirewall(policy);
    for (const transport of ["+notcp", "+tcp"]) {
      assert.deepEqual(await room.dig("behind", "root", transport, `@${OUTSIDE.google6}`), []);
      assert.deepEqual(await room.dig("behind", "root", transport, `@${OUTSIDE.google}`), [
        "192.0.2.10",
      ]);
    }
  });
});

Deno.test("lockdown without --gateway takes back what --gateway did", async () => {
  await inRoom(async (room) => {
    const policy = room.writePolicy(POLICY);
    await room.lockDown(policy, "--gateway", "--resolved-only");
    assert.deepEqual(await room.dig("behind", "root", "+time=1", `@${OUTSIDE.google}`), []);
    assert.equal(await room.reaches("behind", "root", "tcp", OUTSIDE.unknown, 443), false);
    await room.lockDown(policy);
    assert.deepEqual(await room.dig("behind", "root", `@${OUTSIDE.google}`), ["192.0.2.10"]);
    assert.equal(await room.reaches("behind", "root", "tcp", OUTSIDE.unknown, 443), true);
  });
});
