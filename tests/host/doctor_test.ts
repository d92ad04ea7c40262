/** The doctor on a host of functions: every way open, closed, and not to be tried. */

import assert from "node:assert/strict";
import { KNOWN_RESOLVERS } from "../../src/host/mod.ts";
import { parseSubnet, SubnetList } from "../../src/policy/mod.ts";
import { negativeAnswer, RCODE, readQuery, ReplyBuffer, writeReply } from "../../src/wire/mod.ts";
import { FakeNetwork, type UdpPeer } from "../support/fake_network.ts";
import { FakeMachine, namedError, type Ran } from "../support/fake_process.ts";
import { record, responseTo, wireName } from "../support/packets.ts";

const POLICY = `allow = ["api.example.com"]
[[upstream]]
address = "192.0.2.53"
`;

const FILES: Readonly<Record<string, string | Error>> = {
  "/etc/fw-dns/policy.toml": POLICY,
  "/etc/resolv.conf": "nameserver 127.0.0.1\n",
  "/etc/nsswitch.conf": "hosts: files dns\n",
};

const REJECTED = namedError("PermissionDenied", "Operation not permitted (os error 1)");
const FORBIDDEN = namedError("NotCapable", 'Requires net access to "8.8.8.8:53"');
const GROUPS = ["224.0.0.251:5353", "ff02::fb:5353", "224.0.0.252:5355", "ff02::1:3:5355"];

/** A machine on which all is closed, but for what a test opens. */
class Patient {
  readonly network = new FakeNetwork();
  readonly files: Record<string, string | Error> = { ...FILES };
  readonly machine: FakeMachine;

  constructor() {
    for (const group of GROUPS) this.network.onUdp(group, rejects(REJECTED));
    this.network.onUdp("127.0.0.1:53", answersAsFirewall("drop"));
    this.machine = new FakeMachine(this.files, this.network);
  }

  set(path: string, content: string | Error): void {
    this.machine.files.contents[path] = content;
  }

  async examine(...args: string[]): Promise<Ran> {
    const { clock, process } = this.machine;
    process.stdout.text = "";
    let ran: Ran | undefined;
    const running = this.machine.run("doctor", ...args).then((result) => void (ran = result));
    while (ran === undefined) await clock.advance(100);
    await running;
    return ran;
  }

  /** The row of one way, its spaces made one. */
  async row(name: string, target: string, ...args: string[]): Promise<string> {
    const { out } = await this.examine(...args);
    const rows = out.split("\n").map((line) => line.replace(/ +/g, " "));
    const found = rows.find((row) => row.replace(/^\w+ /, "").startsWith(`${name} ${target} `));
    assert.ok(found !== undefined, `no row for ${name} ${target}:\n${out}`);
    return found.replace(` ${name} ${target} `, ": ");
  }
}

function rejects(error: Error): UdpPeer {
  return () => {
    throw error;
  };
}

/** What Deno throws where it has no name for it. */
function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

const answersRefused: UdpPeer = ({ bytes }, reply) =>
  reply(responseTo(bytes, bytes.length - 11, { rcode: 5 }));

/** What fw-dns says to the doctor's two questions. */
function answersAsFirewall(unlisted: "drop" | "refused"): UdpPeer {
  return ({ bytes }, reply) => {
    const query = readQuery(bytes);
    assert.equal(query.kind, "query");
    if (query.kind !== "query" || query.name === "." && unlisted === "drop") return;
    const rcode = query.name === "." ? RCODE.REFUSED : RCODE.NXDOMAIN;
    const out = new ReplyBuffer();
    reply(writeReply(out, query, negativeAnswer(rcode, 10), 1232));
  };
}

/** A resolver that knows who serves the root. */
const resolvesRoot: UdpPeer = ({ bytes }, reply) => {
  const query = readQuery(bytes);
  if (query.kind !== "query" || query.name !== ".") return;
  const data = wireName("a.root-servers.net");
  reply(responseTo(bytes, bytes.length - 11, { answer: [record(".", 2, 60, data)] }));
};

const PLAIN: readonly [what: string, peer: UdpPeer, row: string][] = [
  ["that resolves the root", resolvesRoot, "open: it answers"],
  ["that refuses", answersRefused, "open: it answers"],
  ["that says what is no DNS", (_, reply) => reply(Uint8Array.of(1)), "open: it answers"],
  ["that is fw-dns, by a redirection", answersAsFirewall("drop"), "closed: fw-dns answers"],
  ["that is fw-dns, and refuses", answersAsFirewall("refused"), "closed: fw-dns answers"],
  [
    "that hands on to fw-dns, but not all",
    (() => {
      let answerRoot = (): void => {};
      return (packet, reply) => {
        resolvesRoot(packet, (bytes) => answerRoot = () => reply(bytes));
        answersAsFirewall("drop")(packet, (bytes) => {
          reply(bytes);
          answerRoot();
        });
      };
    })(),
    "open: it answers",
  ],
  ["that is silent", () => {}, "closed: no answer"],
  [
    "in whose place another one answers",
    ({ bytes }, reply) => reply(bytes, { hostname: "192.0.2.99", port: 53 }),
    "closed: no answer",
  ],
  ["that the packet filter rejects", rejects(REJECTED), "closed: rejected by this host"],
  [
    "to which no route leads",
    rejects(namedError("NetworkUnreachable", "os error 101")),
    "closed: no way there from here",
  ],
  [
    "for which this host has no IPv6 address",
    rejects(systemError("EADDRNOTAVAIL")),
    "closed: this host has no address to go there from",
  ],
  [
    "that the permissions do not cover",
    rejects(FORBIDDEN),
    "unknown: this program's permissions do not cover it",
  ],
  [
    "that fails as nothing we know",
    rejects(namedError("Busy", "too many")),
    "unknown: could not be tried: too many",
  ],
];

for (const [what, peer, row] of PLAIN) {
  Deno.test(`UDP 53: a resolver ${what}`, async () => {
    const patient = new Patient();
    patient.network.onUdp("8.8.8.8:53", peer);
    assert.equal(await patient.row("UDP 53", "8.8.8.8"), row);
  });
}

Deno.test("UDP 53: an answer to the second try counts, for packets get lost", async () => {
  const patient = new Patient();
  let count = 0;
  patient.network.onUdp("8.8.8.8:53", (packet, reply) => {
    if (++count > 2) resolvesRoot(packet, reply);
  });
  assert.equal(await patient.row("UDP 53", "8.8.8.8"), "open: it answers");
});

const DIALS: readonly [what: string, outcome: Error | "silence", row: string][] = [
  ["refuses", namedError("ConnectionRefused", "os error 111"), "closed: refused"],
  ["never opens", "silence", "closed: no answer"],
  ["times out", namedError("TimedOut", "os error 110"), "closed: no answer"],
  ["is rejected", REJECTED, "closed: rejected by this host"],
  [
    "has no route",
    systemError("EHOSTUNREACH"),
    "closed: no way there from here",
  ],
  ["is not permitted", FORBIDDEN, "unknown: this program's permissions do not cover it"],
  ["fails in another way", new Error("what?"), "unknown: could not be tried: what?"],
];

for (const [what, outcome, row] of DIALS) {
  for (const [name, port] of [["TCP 53", 53], ["TCP 853 (DoT)", 853], ["TCP 443 (DoH)", 443]]) {
    Deno.test(`${name}: a connection that ${what}`, async () => {
      const patient = new Patient();
      patient.network.dials.set(`2620:fe::fe:${port}`, outcome);
      assert.equal(await patient.row(String(name), "2620:fe::fe"), row);
    });
  }
}

Deno.test("TCP: a connection that opens is open, whatever is said on it", async () => {
  for (const [name, port] of [["TCP 53", 53], ["TCP 853 (DoT)", 853], ["TCP 443 (DoH)", 443]]) {
    const patient = new Patient();
    patient.network.onTcp(`1.1.1.1:${port}`, () => Promise.resolve([]));
    assert.equal(await patient.row(String(name), "1.1.1.1"), "open: the connection opens");
  }
});

Deno.test("TCP 53: a connection that is brought to fw-dns is closed", async () => {
  const patient = new Patient();
  const firewall = answersAsFirewall("refused");
  patient.network.onTcp("1.1.1.1:53", (bytes) => {
    const replies: Uint8Array[] = [];
    const at = { hostname: "1.1.1.1", port: 53 };
    firewall({ bytes, from: at, to: at }, (reply) => replies.push(reply.slice()));
    return Promise.resolve(replies);
  });
  assert.equal(await patient.row("TCP 53", "1.1.1.1"), "closed: fw-dns answers");
});

Deno.test("QUIC: any server answers to a version that is none", async () => {
  for (const [name, port] of [["UDP 853 (DoQ)", 853], ["UDP 443 (DoH)", 443]]) {
    const patient = new Patient();
    patient.network.onUdp(`9.9.9.9:${port}`, ({ bytes }, reply) => {
      assert.equal(bytes.length, 1200, "RFC 9000 14.1");
      assert.equal(bytes[0]! & 0xc0, 0xc0, "a long header");
      assert.ok(bytes.subarray(1, 5).every((byte) => (byte & 15) === 10), "a reserved version");
      assert.deepEqual([bytes[5], bytes[14]], [8, 8], "the lengths of its connection IDs");
      assert.ok(bytes.subarray(23).every((byte) => byte === 0), "nothing in it");
      reply(Uint8Array.of(0x80, 0, 0, 0, 0));
    });
    assert.equal(await patient.row(String(name), "9.9.9.9"), "open: it answers");
  }
});

Deno.test("every resolver that is tried is one that lockdown closes, and no web server is", async () => {
  const known = new SubnetList(
    KNOWN_RESOLVERS.flatMap(({ addresses }) => addresses).map((text) => {
      const parsed = parseSubnet(text);
      assert.ok("value" in parsed, text);
      return parsed.value;
    }),
  );
  const { out } = await new Patient().examine();
  const targets = (name: string): string[] =>
    [...out.matchAll(/^\w+ +TCP (.*?)  +(\S+)/gm)].filter(([, way]) => way === name)
      .map(([, , target]) => target!).filter((target) => target !== "192.0.2.53");
  const [resolvers, servers] = [targets("853 (DoT)"), targets("443 (any)")];
  assert.equal(resolvers.length, 8);
  assert.deepEqual(resolvers.filter((address) => !known.includes(address)), []);
  assert.equal(servers.length, 4);
  assert.deepEqual(servers.filter((address) => known.includes(address)), []);
});

Deno.test("mDNS and LLMNR: what gets onto the link is out", async () => {
  const groups = [
    ["UDP 5353 (mDNS)", "224.0.0.251", 5353],
    ["UDP 5353 (mDNS)", "ff02::fb", 5353],
    ["UDP 5355 (LLMNR)", "224.0.0.252", 5355],
    ["UDP 5355 (LLMNR)", "ff02::1:3", 5355],
  ] as const;
  for (const [name, target, port] of groups) {
    const patient = new Patient();
    assert.equal(await patient.row(name, target), "closed: rejected by this host");
    const open = new Patient();
    open.network.onUdp(`${target}:${port}`, () => {});
    assert.match(await open.row(name, target), /^open: it gets onto the link/);
    const unknown = new Patient();
    unknown.network.onUdp(`${target}:${port}`, rejects(FORBIDDEN));
    assert.match(await unknown.row(name, target), /^unknown: /);
  }
});

Deno.test("resolvers on this host are found at the usual addresses and at its own", async () => {
  for (
    const [hostname, whose] of [
      ["127.0.0.53", "systemd-resolved"],
      ["127.0.0.11", "Docker"],
      ["::1", "this host"],
      ["198.51.100.7", "this host"],
    ]
  ) {
    const patient = new Patient();
    patient.network.own = ["127.0.0.1", "198.51.100.7", "fe80::1"];
    patient.network.onUdp(`${hostname}:53`, resolvesRoot);
    assert.equal(await patient.row("UDP 53 (here)", `${hostname} (${whose})`), "open: it answers");
    const { text } = patient.machine.process.stdout;
    assert.doesNotMatch(text, /\(here\) +127\.0\.0\.1 /, "that is where fw-dns listens");
    assert.doesNotMatch(text, /fe80/, "no socket of ours can be told the link");
  }
});

Deno.test("own addresses that are not told are noted, and do not decide", async () => {
  const patient = new Patient();
  patient.network.own = namedError("NotCapable", "Requires sys access");
  assert.match(
    await patient.row("UDP 53 (here)", "this host"),
    /^note: .*--allow-sys=networkInterfaces/,
  );
  const { code, out } = await patient.examine();
  assert.deepEqual([code, /^(open|unknown)/m.test(out)], [0, false]);
});

Deno.test("a policy's upstream is tried on its own port, and a local one there alone", async () => {
  const patient = new Patient();
  patient.set("/etc/fw-dns/policy.toml", POLICY.replace("192.0.2.53", "127.0.0.1:5335"));
  patient.network.onUdp("127.0.0.1:5335", resolvesRoot);
  assert.equal(await patient.row("UDP 5335", "127.0.0.1 (upstream)"), "open: it answers");
  assert.doesNotMatch(patient.machine.process.stdout.text, /853.* 127\.0\.0\.1 /);
  const far = new Patient();
  far.set("/etc/fw-dns/policy.toml", POLICY.replace("192.0.2.53", "192.0.2.53:5335"));
  assert.equal(await far.row("TCP 5335", "192.0.2.53 (upstream)"), "closed: refused");
  for (const name of ["TCP 53", "TCP 853 (DoT)", "TCP 443 (DoH)"]) {
    assert.equal(await far.row(name, "192.0.2.53"), "closed: refused");
  }
});

const OURSELVES: readonly [what: string, peer: UdpPeer, row: RegExp][] = [
  ["answers, and drops", answersAsFirewall("drop"), /^closed: fw-dns answers/],
  ["answers, and refuses", answersAsFirewall("refused"), /^closed: fw-dns answers/],
  ["is silent", () => {}, /^note: no answer/],
  ["is rejected", rejects(REJECTED), /^note: rejected/],
  ["is another program", answersRefused, /^open: another program answers/],
  ["may not be asked", rejects(FORBIDDEN), /^unknown: /],
  [
    "resolves what it must not",
    (packet, reply) => {
      answersAsFirewall("drop")(packet, reply);
      resolvesRoot(packet, reply);
    },
    /^open: a name on no rule resolves/,
  ],
];

for (const [what, peer, row] of OURSELVES) {
  Deno.test(`fw-dns at its address ${what}`, async () => {
    const patient = new Patient();
    patient.network.onUdp("127.0.0.1:53", peer);
    assert.match(await patient.row("fw-dns", "127.0.0.1:53"), row);
  });
}

Deno.test("an address of fw-dns on any free port is nowhere to ask", async () => {
  const patient = new Patient();
  patient.set("/etc/fw-dns/policy.toml", `${POLICY}[listen]\naddresses = ["127.0.0.1:0"]\n`);
  assert.doesNotMatch((await patient.examine()).out, /127\.0\.0\.1:0/);
});

const RESOLV: readonly [text: string | Error, row: RegExp][] = [
  ["nameserver 127.0.0.1\noptions timeout:1\n", /^closed: /],
  ["# nameserver 8.8.8.8\n;nameserver 8.8.8.8\nnameserver\t127.0.0.1 # ours\n", /^closed: /],
  ["", /^closed: names nobody/],
  [namedError("NotFound", "No such file"), /^closed: /],
  ["nameserver 8.8.8.8\n", /^open: programs ask 8\.8\.8\.8 on port 53/],
  ["nameserver 127.0.0.1\nnameserver ::1\n", /^open: programs ask ::1 /],
  ["nameserver fe80::1%eth0\n", /^open: programs ask fe80::1%eth0 /],
  ["nameserver \x1b[31mred\n", /^open: programs ask \?\[31mred /],
  [namedError("PermissionDenied", "os error 13"), /^unknown: cannot be read/],
  [namedError("NotCapable", "Requires read access"), /^unknown: this program's permissions/],
];

for (const [text, row] of RESOLV) {
  Deno.test(`resolv.conf: ${JSON.stringify(text instanceof Error ? text.name : text)}`, async () => {
    const patient = new Patient();
    patient.set("/etc/resolv.conf", text);
    assert.match(await patient.row("resolv.conf", "/etc/resolv.conf"), row);
  });
}

Deno.test("resolv.conf knows port 53 alone: a policy that listens elsewhere is not what is asked", async () => {
  const patient = new Patient();
  const listen = '[listen]\naddresses = ["127.0.0.1:5300"]\n';
  patient.set("/etc/fw-dns/policy.toml", POLICY + listen);
  for (const text of ["nameserver 127.0.0.1\n", "", "nameserver 127.0.0.1:5300\n"]) {
    patient.set("/etc/resolv.conf", text);
    const row = await patient.row("resolv.conf", "/etc/resolv.conf");
    assert.match(row, /^open: programs ask 127\.0/);
  }
});

const NSSWITCH: readonly [text: string | Error, row: RegExp][] = [
  ["hosts: files dns\n", /^closed: /],
  ["passwd: files sss\n hosts:\tfiles myhostname dns # mdns4\n", /^closed: /],
  [namedError("NotFound", "No such file"), /^closed: /],
  ["hosts: files mdns4_minimal [NOTFOUND=return] dns\n", /^open: programs also ask mdns4_minimal$/],
  ["hosts: resolve [!UNAVAIL=return] files dns\n", /^open: programs also ask resolve$/],
  ["hosts: files wins dns\n", /^open: programs also ask wins$/],
  [namedError("NotCapable", "Requires read access"), /^unknown: /],
];

for (const [text, row] of NSSWITCH) {
  Deno.test(`nsswitch.conf: ${JSON.stringify(text instanceof Error ? text.name : text)}`, async () => {
    const patient = new Patient();
    patient.set("/etc/nsswitch.conf", text);
    assert.match(await patient.row("nsswitch.conf", "/etc/nsswitch.conf"), row);
    assert.doesNotMatch(
      patient.machine.process.stdout.text,
      /also ask \[/,
      "an action is no source",
    );
  });
}
