/** A real DNS tunnel, dns2tcp: through dnsmasq with the usual allowlist it carries data, through fw-dns none. */

import assert from "node:assert/strict";
import { inRoom, type LockdownRoom, type RunningCommand } from "../support/lockdown_room.ts";
import { Tunnel, TUNNEL_UPSTREAM, TUNNEL_ZONE } from "../support/tunnel.ts";

const TYPES = ["TXT", "KEY"] as const;

/** dnsmasq as its own guides set it up: names below one zone go to its servers, all others nowhere. */
async function startDnsmasq(room: LockdownRoom, address: string): Promise<RunningCommand> {
  const server = `/${TUNNEL_ZONE}/${TUNNEL_UPSTREAM.replace(":", "#")}`;
  const dnsmasq = room.start(
    ...["host", "root", "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--user=root"] as const,
    ...["--pid-file=", "--no-resolv", "--no-hosts", `--server=${server}`, "--bind-interfaces"],
    `--listen-address=${address}`,
  );
  await dnsmasq.waitFor(/started/);
  return dnsmasq;
}

/** The top of a policy for the tunnel's own zone, from the narrowest to one that nobody should write. */
const POLICIES: Readonly<Record<string, string>> = {
  "the exact name": `allow = ["${TUNNEL_ZONE}"]`,
  "one label": `allow = ["*.${TUNNEL_ZONE}"]`,
  "any labels": `allow = ["${TUNNEL_ZONE}", "*.${TUNNEL_ZONE}", "**.${TUNNEL_ZONE}"]`,
  "any labels, others refused": `unlisted = "refused"\nallow = ["**.${TUNNEL_ZONE}"]`,
  "any labels, others NXDOMAIN": `unlisted = "nxdomain"\nallow = ["**.${TUNNEL_ZONE}"]`,
  "hermetic": `mode = "hermetic"\nallow = ["${TUNNEL_ZONE}"]`,
  "another name": `allow = ["api.example.com"]`,
};

function policyFor(top: string, address: string): string {
  return `types = ["TXT", "KEY"]
${top}
[listen]
addresses = ["${address}:53"]
[[upstream]]
address = "${TUNNEL_UPSTREAM}"
`;
}

Deno.test("a tunnel that carries data through dnsmasq carries none through fw-dns, whatever the policy", async () => {
  await inRoom(async (room) => {
    const tunnel = await Tunnel.start(room);
    const dnsmasq = await startDnsmasq(room, "127.0.0.2");
    for (const type of TYPES) {
      assert.equal(await tunnel.carries("127.0.0.2", type), true, `${type} through dnsmasq`);
    }
    await dnsmasq.stop();
    const session = await tunnel.questions();
    assert.ok(session.length > 10, session.join("\n"));

    let last = 2;
    for (const [title, top] of Object.entries(POLICIES)) {
      const address = `127.0.0.${++last}`;
      const firewall = await room.startFirewall(room.writePolicy(policyFor(top, address)));
      for (const type of TYPES) {
        assert.equal(await tunnel.carries(address, type), false, `${type}, ${title}`);
      }
      // dns2tcp knows no TCP: what it has said in its session is asked over TCP in its place. (Unbound's log has
      // a question mark for what is no letter, digit or hyphen.)
      await Promise.all(session.map(async (question) => {
        const [name = "", type = ""] = question.replaceAll("?", "=").split(" ");
        const words = ["+tcp", "+time=2", "+tries=1", `@${address}`, name, type];
        await room.run("host", "neighbour", "dig", ...words);
      }));
      // Below a wildcard, what looks like a name goes out, a budget's worth an hour, and in other letter case: what
      // the tunnel's server can read in it is not what its client has said.
      const reached = (await tunnel.questions()).slice(session.length);
      assert.deepEqual(reached.filter((question) => /\?|=/.test(question)), [], title);
      assert.deepEqual(reached.filter((question) => session.includes(question)), [], title);
      await firewall.stop();
    }
  });
});
