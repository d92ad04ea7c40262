/** `lockdown --to nft`: what neighbours on this host cannot do to fw-dns and its recursor. */

import assert from "node:assert/strict";
import { join } from "node:path";
import {
  GATEWAY,
  HOST_POLICY,
  inRoom,
  type LockdownRoom,
  OUTSIDE,
  type Place,
} from "../support/lockdown_room.ts";
import { unboundServer } from "../support/unbound.ts";

const POLICY = `${HOST_POLICY}[[upstream]]
`;

/** The UDP sockets of the host that are open to every address: bytes that wait in each, by port. */
async function waitingBytes(room: LockdownRoom): Promise<Map<number, number>> {
  const { out } = await room.run("host", "root", "cat", "/proc/net/udp");
  const socket = /^ *\d+: 00000000:([0-9A-F]{4}) \S+ \S+ [0-9A-F]+:([0-9A-F]+) /gm;
  const sockets = [...out.matchAll(socket)];
  return new Map(sockets.map(([, port, bytes]) => [parseInt(port!, 16), parseInt(bytes!, 16)]));
}

/** Sends a packet to each of these ports. */
async function flood(
  room: LockdownRoom,
  place: Place,
  address: string,
  ports: Iterable<number>,
): Promise<void> {
  const script = 'for port in "$@"; do echo flood > "/dev/udp/$0/$port"; done';
  const account = place === "host" ? "neighbour" : "root";
  await room.run(place, account, "bash", "-c", script, address, ...[...ports].map(String));
}

Deno.test("lockdown: a flood of the sockets that fw-dns asks from does not reach them", async () => {
  await inRoom(async (room) => {
    const policy = room.writePolicy(`${POLICY}address = "${OUTSIDE.quad9}"\n`);
    const firewall = await room.startFirewall(policy);
    // It reads nothing from now on, so what reaches a socket stays there.
    firewall.process.kill("SIGSTOP");
    const ports = [...(await waitingBytes(room)).keys()];
    assert.equal(ports.length, 256);
    const reached = async (...ways: [Place, string][]): Promise<number> => {
      for (const [place, address] of ways) await flood(room, place, address, ports);
      return [...(await waitingBytes(room)).values()].filter((bytes) => bytes > 0).length;
    };
    const fromHere: [Place, string][] = [["host", "127.0.0.1"], ["host", "198.51.100.2"]];
    const fromBehind: [Place, string] = ["behind", GATEWAY.ip];
    await room.lockDown(policy, "--gateway");
    assert.equal(await reached(...fromHere, fromBehind), 0);
    await room.lockDown(policy);
    assert.equal(await reached(...fromHere), 0);
    assert.equal(await reached(fromBehind), 256, "without the rule");
  });
});

Deno.test("lockdown: nobody but the upstream reaches a port that fw-dns has asked from", async () => {
  await inRoom(async (room) => {
    const policy = room.writePolicy(`${POLICY}address = "${OUTSIDE.quad9}"\n`);
    await room.lockDown(policy);
    const firewall = await room.startFirewall(policy);
    assert.deepEqual(await room.dig("host", "neighbour", "@127.0.0.1"), ["192.0.2.10"]);
    const { out } = await room.run("host", "root", "nft", "list set inet fw_dns own_ports");
    const used = [...out.matchAll(/(\d+) (?:timeout \S+ )?expires/g)].map(([, port]) =>
      Number(port)
    );
    assert.ok(used.length > 0, out);
    firewall.process.kill("SIGSTOP");
    const ports = [...(await waitingBytes(room)).keys()];
    await flood(room, "outside", "198.51.100.2", ports);
    const bytes = await waitingBytes(room);
    assert.deepEqual(used.filter((port) => bytes.get(port) !== 0), []);
    assert.ok(ports.some((port) => bytes.get(port)! > 0), "others are reached from outside");
  });
});

Deno.test("lockdown: of what fw-dns itself does nothing is refused, the end of its connections included", async () => {
  await inRoom(async (room) => {
    const upstream = `address = "${OUTSIDE.quad9}"\ntransport = "tcp"\n`;
    const policy = room.writePolicy(`${POLICY}${upstream}`);
    await room.lockDown(policy);
    await room.startFirewall(policy);
    for (const transport of ["+notcp", "+tcp"]) {
      assert.deepEqual(await room.dig("host", "neighbour", transport, "@127.0.0.1"), [
        "192.0.2.10",
      ]);
    }
    // Until the other side has heard that the connection is closed.
    const open = 'while ss -Htn src "$0" | grep -q .; do sleep 0.1; done';
    await room.run("outside", "root", "timeout", "30", "bash", "-c", open, OUTSIDE.quad9);
    const { out } = await room.run("host", "root", "nft", "list chain inet fw_dns refuse");
    assert.deepEqual(out.match(/packets \d+/g), ["packets 0", "packets 0"]);
  });
});

Deno.test("lockdown: a recursor on this host resolves for fw-dns, and is hidden from all others", async () => {
  await inRoom(async (room) => {
    const config = join(room.folder, "recursor.conf");
    Deno.writeTextFileSync(
      config,
      `${unboundServer(room.folder)}  interface: 127.0.0.1@5335
  do-not-query-localhost: no
forward-zone:
  name: "."
  forward-addr: ${OUTSIDE.google}
`,
    );
    const recursor = room.start("host", "recursor", "unbound", "-d", "-c", config);
    await recursor.waitFor(/start of service/);
    const ask = (account: "neighbour" | "root" | "recursor", ...words: string[]) =>
      room.dig("host", account, ...words);
    const straight = ["-p", "5335", "@127.0.0.1"];
    assert.deepEqual(await ask("neighbour", ...straight), ["192.0.2.10"]);

    const policy = room.writePolicy(`${POLICY}address = "127.0.0.1:5335"\n`);
    await room.lockDown(policy, "--recursor", "recursor");
    await room.startFirewall(policy);
    assert.deepEqual(await ask("neighbour", "@127.0.0.1"), ["192.0.2.10"]);
    for (const transport of ["+notcp", "+tcp"]) {
      for (const account of ["neighbour", "root"] as const) {
        assert.deepEqual(await ask(account, transport, ...straight), []);
        assert.deepEqual(await ask(account, transport, `@${OUTSIDE.google}`), []);
      }
      assert.deepEqual(await ask("recursor", transport, `@${OUTSIDE.google}`), ["192.0.2.10"]);
    }
    assert.equal(await room.reaches("host", "recursor", "tcp", OUTSIDE.google, 443), false);
  });
});
