/** A real DNS tunnel, dns2tcp: through dnsmasq with the usual allowlist it carries data, through fw-dns none. */

import assert from "node:assert/strict";
import { sleep } from "../../scripts/sleep.ts";
import { inRoom, type LockdownRoom, type RunningCommand } from "../support/lockdown_room.ts";
import { fromSource } from "../support/program.ts";
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

/** The names that a dns2tcp client says in its debugging output it has asked for, each once. */
function namesSent(client: RunningCommand): string[] {
  const asked = client.text.matchAll(/Query is (\S+) len/g);
  return [...new Set([...asked].map(([, name]) => name!.toLowerCase()))];
}

/** The names that a log of text says were dropped, each once and as the client wrote them. */
function namesDropped(firewall: RunningCommand): string[] {
  const dropped = firewall.text.matchAll(/^Drop packet (\S+) /gm);
  const letters = (name: string): string =>
    name.replace(/\\(\d{3})/g, (_, code) => String.fromCharCode(Number(code)));
  return [...new Set([...dropped].map(([, name]) => letters(name!)))];
}

/** What such names carry: base64 in all labels before the zone, but for the word after a `=`. */
function bytesIn(names: readonly string[]): number {
  return names.map((name) => name.slice(0, -TUNNEL_ZONE.length - 1).replace(/\.?=.*/, ""))
    .map((data) => data.replaceAll(".", "").length * 6 / 8)
    .reduce((sum, bytes) => sum + bytes, 0);
}

/** What the lines of alarms say, in a log of text. */
function alarmsIn({ text }: RunningCommand): {
  readonly client: string;
  readonly domain: string;
  readonly bytes: number;
  readonly names: number;
}[] {
  const lines = text.matchAll(
    /^Alarm: client (\S+) tried to move about (\S+) (bytes|kB) to (\S+) \(([\d,]+) names in/gm,
  );
  return [...lines].map(([, client = "", number, unit, domain = "", names = ""]) => ({
    client,
    domain,
    bytes: Number(number) * (unit === "kB" ? 1000 : 1),
    names: Number(names.replaceAll(",", "")),
  }));
}

/** A client that knocks: each connection to it makes it ask once, and it waits 3 s for the answer. */
function startClient(room: LockdownRoom, server: string, port: number): RunningCommand {
  const client = room.start(
    ...["host", "neighbour", "dns2tcpc", "-f", "/dev/null", "-z", TUNNEL_ZONE] as const,
    ...["-k", "secret", "-r", "echo", "-T", "TXT", "-d", "3", "-l", String(port), server],
  );
  const knock = `for i in $(seq 90); do
    timeout 5 bash -c "exec 3<>/dev/tcp/127.0.0.1/${port}; head -c 2000 /dev/urandom >&3; sleep 2"
    sleep 0.5; done`;
  room.start("host", "neighbour", "bash", "-c", knock);
  return client;
}

function assertWithinFactorOf2(estimate: number, truth: number, what: string): void {
  assert.ok(estimate > truth / 2 && estimate < truth * 2, `${what}: ${estimate}, not ${truth}`);
}

/** How long it is looked at, in ms; the program's own start is part of it. */
const MINUTE = 60_000;

/** The one alarm that a minute has made, held against what the client has sent. */
function assertOneAlarm(firewall: RunningCommand, sent: readonly string[]): void {
  const alarms = alarmsIn(firewall);
  assert.equal(alarms.length, 1, firewall.text);
  const [{ client, domain, bytes, names }] = alarms as [typeof alarms[0]];
  assert.deepEqual([client, domain], ["127.0.0.1", TUNNEL_ZONE]);
  assertWithinFactorOf2(bytes, bytesIn(sent), "bytes");
  assertWithinFactorOf2(names, sent.length, "names");
}

const NOT_LISTED = 'allow = ["api.example.com"]';

/** Where metrics and the page are. */
const METRICS = '[metrics]\naddress = "127.0.0.1:9153"\n';

/** What is at a path of the status page. */
async function read(room: LockdownRoom, path: string): Promise<string> {
  const script =
    'exec 3<>/dev/tcp/127.0.0.1/9153; printf "GET $0 HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nConnection: close\\r\\n\\r\\n" >&3; cat <&3';
  const { out } = await room.run("host", "neighbour", "timeout", "10", "bash", "-c", script, path);
  return out.slice(out.indexOf("\r\n\r\n") + 4);
}

/** What the domain's line has for bytes, as a person reads it: `~1.2 kB`, `≈ 48 kB`. */
function bytesToldIn(text: string): number {
  const row = text.slice(text.indexOf(TUNNEL_ZONE));
  const [, number = "", unit] = /[~≈]\s*([\d,.]+)\s*(B|kB)/.exec(row) ?? [];
  return Number(number.replaceAll(",", "")) * (unit === "kB" ? 1000 : 1);
}

/** Counters, the page and `top` tell the same of the tunnel's domain, at a time when nothing new comes. */
async function assertAllAgree(room: LockdownRoom): Promise<void> {
  const status = JSON.parse(await read(room, "/status.json"));
  const [first] = status.blocked;
  assert.equal(first.domain, TUNNEL_ZONE);
  const metrics = await read(room, "/metrics");
  const metric = (name: string): number =>
    Number(new RegExp(`^${name} (\\S+)$`, "m").exec(metrics)?.[1]);
  assert.equal(metric("fwdns_blocked_domain_bytes_estimated_max"), first.bytes);
  assert.equal(metric("fwdns_blocked_bytes_estimated_total"), status.blockedBytes);
  assert.equal(metric("fwdns_alarms_total"), 1);
  const { command, args } = fromSource(["--no-prompt", "--allow-net=127.0.0.1:9153"]);
  const words = [command, ...args, "top", "--metrics", "127.0.0.1:9153"];
  const top = await room.run("host", "root", ...words);
  for (const [who, text] of Object.entries({ page: await read(room, "/"), top: top.out })) {
    const told = bytesToldIn(text);
    assert.ok(Math.abs(told - first.bytes) <= first.bytes / 10, `${who}: ${told}, ${first.bytes}`);
  }
}

Deno.test("a tunnel's client that gets no answer for a minute makes one alarm, which tells how much it tried, as counters, page and top do", async () => {
  await inRoom(async (room) => {
    const address = "127.0.0.11";
    const policy = policyFor(NOT_LISTED, address) + METRICS;
    const firewall = await room.startFirewall(room.writePolicy(policy));
    const client = startClient(room, address, 2100);
    await sleep(MINUTE);
    const sent = namesSent(client);
    assert.ok(sent.length >= 15, client.text);
    assertOneAlarm(firewall, sent);
    await client.stop();
    await assertAllAgree(room);
    await firewall.stop("SIGTERM");
  });
});

Deno.test("a tunnel that worked until fw-dns took the place of another forwarder makes one alarm for what it still says", async () => {
  await inRoom(async (room) => {
    const address = "127.0.0.12";
    await Tunnel.start(room);
    const dnsmasq = await startDnsmasq(room, address);
    const client = startClient(room, address, 2101);
    // Data, not only the words of its greeting.
    await client.waitFor(/Query is (?!\S*=)\S{100}/);
    await dnsmasq.stop();
    const firewall = await room.startFirewall(room.writePolicy(policyFor(NOT_LISTED, address)));
    await sleep(MINUTE);
    // It sends again what has got no answer: which of it came here, the log tells.
    const sent = namesDropped(firewall);
    assert.ok(bytesIn(sent) > 1000, client.text);
    assertOneAlarm(firewall, sent);
    await firewall.stop("SIGTERM");
  });
});
