import assert from "node:assert/strict";
import { doctorText } from "../../src/cli/doctor_text.ts";
import type { Style } from "../../src/cli/console.ts";
import type { Finding } from "../../src/host/mod.ts";
import { FakeNetwork } from "../support/fake_network.ts";
import { FakeMachine, namedError, type Ran } from "../support/fake_process.ts";

const FILES = {
  "/etc/fw-dns/policy.toml": `allow = ["api.example.com"]
[[upstream]]
address = "192.0.2.53"
[run_as]
user = "fw-dns"
`,
  "/etc/resolv.conf": "nameserver 127.0.0.1\n",
  "/etc/passwd": "root:x:0:0::/root:/bin/sh\nfw-dns:x:953:953::/:/usr/sbin/nologin\n",
};

const LINK = ["224.0.0.251:5353", "ff02::fb:5353", "224.0.0.252:5355", "ff02::1:3:5355"];

/** A machine on which nobody answers and nothing gets onto the link. */
function quietMachine(network = new FakeNetwork()): FakeMachine {
  for (const group of LINK) {
    network.onUdp(group, () => {
      throw namedError("PermissionDenied", "os error 1");
    });
  }
  return new FakeMachine(FILES, network);
}

async function runDoctor(machine: FakeMachine, ...args: string[]): Promise<Ran> {
  let ran: Ran | undefined;
  const running = machine.run("doctor", ...args).then((result) => void (ran = result));
  while (ran === undefined) await machine.clock.advance(100);
  await running;
  return ran;
}

Deno.test("all closed: exit 0, and silence is said to be what it is", async () => {
  const { code, out, err } = await runDoctor(quietMachine());
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^closed +UDP 53 +192\.0\.2\.53 \(upstream\) +no answer$/m);
  assert.doesNotMatch(out, /^(open|unknown)/m);
  assert.match(
    out,
    /\nNo answer means closed, or nobody there.*\n\nAll \d+ ways out are closed\.\n$/,
  );
});

Deno.test("one open: exit 1, and it comes first", async () => {
  const network = new FakeNetwork();
  network.onTcp("2620:fe::fe:853", () => Promise.resolve([]));
  const { code, out } = await runDoctor(quietMachine(network));
  assert.equal(code, 1);
  assert.match(out, /^open +TCP 853 \(DoT\) +2620:fe::fe +the connection opens\n(note|closed)/);
  assert.match(out, /\nTo close TCP 853 \(DoT\):\n {2}fw-dns lockdown --to nft\n/);
  assert.match(out, /\n1 way out is open, \d+ ways are closed\.\n$/);
});

Deno.test("the link is closed by rules, or by routes where none can be loaded", async () => {
  const network = new FakeNetwork();
  const machine = quietMachine(network);
  network.onUdp("224.0.0.251:5353", () => {});
  const { out } = await runDoctor(machine);
  assert.match(
    out,
    /\nTo close UDP 5353 \(mDNS\):\n {2}fw-dns lockdown --to nft; .*ip route add unreachable 224\.0\.0\.0\/4/,
  );
});

Deno.test("what could not be tried is never closed: exit 1, and what to run instead", async () => {
  const machine = quietMachine();
  const { network } = machine;
  network.bindUdp = () => {
    throw namedError("NotCapable", 'Requires net access to "0.0.0.0:0"');
  };
  const { code, out } = await runDoctor(machine);
  assert.equal(code, 1);
  assert.match(out, /^unknown +UDP 53 +192\.0\.2\.53 \(upstream\) +this program's permissions/);
  assert.match(out, /compiled without --policy, or the source:\ndeno task fw-dns doctor\n/);
  assert.match(out, /\n\d+ ways could not be tried, \d+ ways are closed\.\n$/);
});

Deno.test("addresses that are named are tried as well", async () => {
  const network = new FakeNetwork();
  network.onTcp("2001:db8::53:53", () => Promise.resolve(null));
  const { out } = await runDoctor(quietMachine(network), "198.51.100.53", "2001:DB8:0::53");
  assert.match(out, /^open +TCP 53 +2001:db8::53 /);
  assert.match(out, /^closed +UDP 853 \(DoQ\) +198\.51\.100\.53 /m);
});

Deno.test("port 443 to anywhere is noted, and counts with --resolved-only", async () => {
  const network = new FakeNetwork();
  network.onTcp("192.0.43.8:443", () => Promise.resolve([]));
  const noted = await runDoctor(quietMachine(network));
  assert.equal(noted.code, 0);
  assert.match(noted.out, /^note +TCP 443 \(any\) +192\.0\.43\.8 /);
  assert.match(noted.out, /no list of known ones is ever whole/);
  const { code, out } = await runDoctor(quietMachine(network), "--resolved-only");
  assert.equal(code, 1);
  assert.match(out, /^open +TCP 443 \(any\) +192\.0\.43\.8 /);
  assert.match(out, /\n {2}fw-dns lockdown --to nft --resolved-only\n/);
});

Deno.test("words that are no addresses, and a bad policy: exit 2, and nothing is tried", async () => {
  for (const word of ["dns.google", "8.8.8.8:53", "fe80::1%eth0", "8.8.8"]) {
    const { code, out, err } = await runDoctor(quietMachine(), word);
    assert.deepEqual([code, out], [2, ""], word);
    assert.equal(
      err,
      `fw-dns doctor: "${word}" is not an IP address: write one like 192.0.2.53 or 2001:db8::53, without a port\n`,
    );
  }
  const machine = quietMachine();
  const { code, out } = await runDoctor(machine, "--policy", "/etc/passwd");
  assert.deepEqual([code, out], [2, ""]);
  assert.equal((machine.network as FakeNetwork).sent.length, 0);
});

Deno.test("root is warned, and the account of fw-dns itself is refused", async () => {
  const root = quietMachine();
  root.identity.uid = 0;
  const asRoot = await runDoctor(root);
  assert.equal(asRoot.code, 0);
  assert.match(
    asRoot.err,
    /^Warning: this is root.*setpriv --reuid=nobody --regid=nogroup --groups=fw-dns fw-dns doctor\n$/,
  );
  const own = quietMachine();
  own.identity.uid = 953;
  const { code, out, err } = await runDoctor(own);
  assert.deepEqual([code, out], [2, ""]);
  assert.match(err, /^fw-dns doctor: this runs as fw-dns, the one account that may reach/);
});

Deno.test("without the permission to know who it runs as, it goes on", async () => {
  const machine = quietMachine();
  machine.identity.uid = 0;
  machine.permissions.isHeld = ({ name }) => name !== "sys";
  const { code, err } = await runDoctor(machine);
  assert.deepEqual([code, err], [0, ""]);
});

Deno.test("what it sends says nothing of the host: three packets, but for IDs and letter case", async () => {
  const network = new FakeNetwork();
  await runDoctor(quietMachine(network));
  const kinds = new Set(network.sent.map(({ bytes }) => {
    if (bytes.length === 1200) return "QUIC";
    return new TextDecoder("latin1").decode(bytes.subarray(2)).toLowerCase();
  }));
  const opt = "\0\0)\x04\xd0\0\0\0\0\0\0";
  const header = "\x01\0\0\x01\0\0\0\0\0\x01";
  assert.deepEqual(
    [...kinds].sort(),
    [
      `${header}\0\0\x02\0\x01${opt}`,
      `${header}\x13use-application-dns\x03net\0\0\x01\0\x01${opt}`,
      "QUIC",
    ].map((text) => text.toLowerCase()).sort().map((text) => text === "quic" ? "QUIC" : text),
  );
});

const FINDINGS: readonly Finding[] = [
  {
    state: "open",
    name: "UDP 53",
    target: "8.8.8.8",
    note: "it answers",
    mend: "fw-dns lockdown --to nft",
  },
  {
    state: "open",
    name: "TCP 853 (DoT)",
    target: "8.8.8.8",
    note: "the connection opens",
    mend: "fw-dns lockdown --to nft",
  },
  {
    state: "open",
    name: "resolv.conf",
    target: "/etc/resolv.conf",
    note: "programs ask 8.8.8.8",
    mend: "fw-dns lockdown --to resolv",
  },
  { state: "unknown", name: "UDP 53", target: "9.9.9.9", note: "could not be tried", mend: "x" },
  { state: "note", name: "fw-dns", target: "127.0.0.1:53", note: "no answer: …", mend: "x" },
  { state: "closed", name: "UDP 53", target: "1.1.1.1", note: "rejected by this host", mend: "x" },
];

const plain = (text: string): string => text;
const PLAIN: Style = { bold: plain, dim: plain, green: plain, red: plain, cyan: plain };

Deno.test("the table", () => {
  assert.equal(
    doctorText(FINDINGS, PLAIN),
    `open     UDP 53         8.8.8.8           it answers
open     TCP 853 (DoT)  8.8.8.8           the connection opens
open     resolv.conf    /etc/resolv.conf  programs ask 8.8.8.8
unknown  UDP 53         9.9.9.9           could not be tried
note     fw-dns         127.0.0.1:53      no answer: …
closed   UDP 53         1.1.1.1           rejected by this host

To close UDP 53, TCP 853 (DoT):
  fw-dns lockdown --to nft
To close resolv.conf:
  fw-dns lockdown --to resolv

What could not be tried does not count as closed. Permissions that are baked in for a policy
let this program try nothing else: use one that was compiled without --policy, or the source:
deno task fw-dns doctor

3 ways out are open, 1 way could not be tried, 1 way is closed.
`,
  );
});

Deno.test("colour only on a terminal", async () => {
  const machine = new FakeMachine(FILES, new FakeNetwork(), true);
  const { out } = await runDoctor(machine);
  assert.ok(out.startsWith("\x1b[31mopen   \x1b[39m  "), out);
  assert.ok(out.includes("\n\x1b[32mclosed \x1b[39m  "), out);
});
