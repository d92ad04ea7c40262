/** The text of `lockdown --to nft`, and what it refuses. Real packets meet it in tests/e2e/lockdown_test.ts. */

import assert from "node:assert/strict";
import {
  findOwnAccount,
  formatNft,
  KNOWN_RESOLVERS,
  type NftOptions,
  recursorProblem,
} from "../../../src/host/mod.ts";
import { MOST_ADMITTED } from "../../../src/admit/book.ts";
import { SETS } from "../../../src/admit/nft.ts";
import { parseSubnet, SubnetList } from "../../../src/policy/mod.ts";
import { policyFrom } from "../../support/policies.ts";

const ACCOUNT = { user: "fw-dns", group: "fw-dns" };
const PLAIN: NftOptions = { isGateway: false, isResolvedOnly: false, recursor: undefined };
const UPSTREAM = '[[upstream]]\naddress = "9.9.9.9"\n';
const GATEWAY = `[listen]
addresses = ["127.0.0.1:53", "10.0.7.1:53", "[fd00:7::1]:5300"]
clients = ["127.0.0.0/8", "10.0.0.0/8", "10.0.7.0/24", "fd00:7::/64"]
${UPSTREAM}`;

function format(toml: string, options: Partial<NftOptions> = {}): string {
  const text = formatNft(policyFrom(toml), ACCOUNT, { ...PLAIN, ...options });
  if (typeof text !== "string") throw new Error(text.message);
  return text;
}

/** The rules of a chain, without comments. */
function rulesOf(text: string, name: string): string[] {
  const body = new RegExp(`^    chain ${name} \\{\\n(.*?)^    \\}`, "ms").exec(text)?.[1] ?? "";
  return body.split("\n").map((line) => line.trim()).filter((line) =>
    line && !line.startsWith("#")
  );
}

Deno.test("nft: fw-dns may ask its upstreams by their transports, answer where it was asked, and no more", () => {
  const text = format(`[listen]
addresses = ["127.0.0.1:53", "[::1]:53"]
[[upstream]]
address = "9.9.9.9"
[[upstream]]
address = "[2620:fe::fe]:53"
transport = "tcp"
`);
  assert.deepEqual(rulesOf(text, "own"), [
    "ip daddr . meta l4proto . th dport { 9.9.9.9 . udp . 53, 9.9.9.9 . tcp . 53 } goto asked",
    "ip6 daddr . meta l4proto . th dport { 2620:fe::fe . tcp . 53 } goto asked",
    "ip saddr . meta l4proto . th sport { 127.0.0.1 . udp . 53, 127.0.0.1 . tcp . 53 } " +
    "ip daddr { 127.0.0.0/8 } ct direction reply accept",
    "ip6 saddr . meta l4proto . th sport { ::1 . udp . 53, ::1 . tcp . 53 } " +
    "ip6 daddr { ::1/128 } ct direction reply accept",
    "goto refuse",
  ]);
});

Deno.test("nft: metrics are said to who asked for them, at loopback on this host alone", () => {
  const own = (address: string): string[] =>
    rulesOf(format(`[metrics]\naddress = "${address}"\n${UPSTREAM}`), "own").slice(-2);
  assert.deepEqual(own("127.0.0.1:9153"), [
    'oif "lo" ip saddr . meta l4proto . th sport { 127.0.0.1 . tcp . 9153 } ct direction reply accept',
    "goto refuse",
  ]);
  assert.deepEqual(own("[fd00:7::1]:9153"), [
    "ip6 saddr . meta l4proto . th sport { fd00:7::1 . tcp . 9153 } ct direction reply accept",
    "goto refuse",
  ]);
  const text = format(`[metrics]\naddress = "127.0.0.1:9153"\n${UPSTREAM}`);
  assert.match(
    rulesOf(text, "output").find((rule) => rule.startsWith("ip saddr"))!,
    /127\.0\.0\.1 \. tcp \. 9153 \} goto own$/,
  );
  assert.equal(format(`[metrics]\n${UPSTREAM}`), format(UPSTREAM));
});

Deno.test("nft: metrics need a port that stays the same", () => {
  const policy = policyFrom(`[metrics]\naddress = "127.0.0.1:0"\n${UPSTREAM}`);
  assert.deepEqual(formatNft(policy, ACCOUNT, PLAIN), {
    path: ["metrics", "address"],
    message: 'rules need a port that stays the same: write one like "127.0.0.1:9153"',
  });
});

Deno.test("nft: no rule lets a flow through for being established, unless these rules have marked it", () => {
  for (const isResolvedOnly of [false, true]) {
    const text = format(GATEWAY, { isGateway: true, isResolvedOnly });
    assert.doesNotMatch(text, /ct state (established|related|\{)/);
    assert.doesNotMatch(text, /policy drop/);
  }
});

Deno.test("nft: questions to fw-dns pass only where they stay on this host", () => {
  const rules = rulesOf(format(GATEWAY), "output").filter((rule) => rule.includes("10.0.7.1"));
  assert.equal(rules.length, 2);
  // What fw-dns says there is judged as all that it says.
  assert.match(rules[0]!, /^ip saddr .* goto own$/);
  assert.match(rules[1]!, /^oif "lo" ip daddr .* goto asking$/);
});

Deno.test("nft: an upstream on an unusual port is for fw-dns alone", () => {
  const text = format('[[upstream]]\naddress = "192.0.2.53:5300"\n');
  assert.match(text, /ip daddr \. th dport \{ 192\.0\.2\.53 \. 5300 \} goto refuse/);
  assert.doesNotMatch(format(UPSTREAM), /9\.9\.9\.9 \. 53 \} goto refuse/);
});

Deno.test("nft: a recursor on this host gets out, is hidden, and nothing else changes", () => {
  const text = format('[[upstream]]\naddress = "127.0.0.1:5335"\n', { recursor: "unbound" });
  assert.ok(
    rulesOf(text, "output").includes(
      'meta skuid "unbound" meta l4proto { tcp, udp } th dport { 53, 853 } ' +
        "ct mark set ct mark or 0x20000000 accept",
    ),
  );
  assert.match(text, /oif "lo" meta l4proto \{.*\} th dport \{ 5335 \} goto refuse/);
  assert.doesNotMatch(format(UPSTREAM), /unbound/);
});

Deno.test("nft: a gateway brings port 53 of its clients to its own address of their family", () => {
  assert.deepEqual(rulesOf(format(GATEWAY, { isGateway: true }), "gateway_nat").slice(1), [
    'iif != "lo" ip saddr { 10.0.0.0/8 } meta l4proto { tcp, udp } th dport 53 dnat ip to 10.0.7.1:53',
    'iif != "lo" ip6 saddr { fd00:7::/64 } meta l4proto { tcp, udp } th dport 53 ' +
    "dnat ip6 to [fd00:7::1]:5300",
  ]);
  assert.deepEqual(rulesOf(format(GATEWAY), "gateway_nat"), []);
});

const REFUSED: readonly [title: string, toml: string, Partial<NftOptions>, path: string, RegExp][] =
  [
    [
      "a port that is chosen at start",
      `[listen]\naddresses = ["127.0.0.1:53", "[::1]:0"]\n${UPSTREAM}`,
      {},
      "listen.addresses.1",
      /write one like "\[::1\]:53"/,
    ],
    [
      "an upstream on this host without its account",
      `${UPSTREAM}[[upstream]]\naddress = "[::1]:5335"\n`,
      {},
      "upstream.1.address",
      /--recursor unbound/,
    ],
    [
      "an account of a recursor that is not here",
      UPSTREAM,
      { recursor: "unbound" },
      "upstream.0.address",
      /leave it out/,
    ],
    [
      "a gateway without clients",
      UPSTREAM,
      { isGateway: true },
      "listen.clients",
      /10\.0\.7\.0\/24/,
    ],
    [
      "a gateway whose clients cannot reach it",
      `[listen]\naddresses = ["127.0.0.1:53"]\nclients = ["10.0.7.0/24"]\n${UPSTREAM}`,
      { isGateway: true },
      "listen.addresses",
      /10\.0\.7\.1:53/,
    ],
    [
      "a gateway for everyone, with --resolved-only",
      `[listen]\naddresses = ["10.0.7.1:53"]\nclients = ["0.0.0.0/0"]\n${UPSTREAM}`,
      { isGateway: true, isResolvedOnly: true },
      "listen.clients",
      /0\.0\.0\.0\/0 is far more/,
    ],
  ];

for (const [title, toml, options, path, message] of REFUSED) {
  Deno.test(`nft refuses ${title}`, () => {
    const problem = formatNft(policyFrom(toml), ACCOUNT, { ...PLAIN, ...options });
    assert.ok(typeof problem !== "string", "it was written");
    assert.equal(problem.path.join("."), path);
    assert.match(problem.message, message);
  });
}

Deno.test("nft: clients everywhere are no obstacle where what goes to them does not pass for that", () => {
  const toml = `[listen]\naddresses = ["10.0.7.1:53"]\nclients = ["0.0.0.0/0"]\n${UPSTREAM}`;
  assert.match(format(toml, { isGateway: true }), /ip saddr \{ 0\.0\.0\.0\/0 \}/);
});

Deno.test("nft: the sets are those that the helper fills, with room for twice what it puts there", () => {
  const text = format(UPSTREAM, { isResolvedOnly: true });
  for (const set of SETS) {
    const [, size] = new RegExp(`set ${set} \\{[^}]*\\bsize (\\d+)\n`).exec(text) ?? [];
    assert.equal(Number(size), 2 * MOST_ADMITTED, set);
  }
});

Deno.test("nft: known resolvers are closed behind NAT64 too", () => {
  const text = format(UPSTREAM);
  assert.match(text, / 64:ff9b::808:800\/120, .*# and by NAT64$/m);
  assert.match(text, / 64:ff9b::a29f:2401\/128, .*# and by NAT64$/m);
});

Deno.test("fw-dns's own account has the group that the policy names, or one of its own name", () => {
  const group = (name?: string) => findOwnAccount({ runAs: { user: "fw-dns", group: name } });
  assert.deepEqual(group(), { user: "fw-dns", group: "fw-dns" });
  assert.deepEqual(group("dns"), { user: "fw-dns", group: "dns" });
});

Deno.test("the recursor's account is one of its own", () => {
  assert.equal(recursorProblem("unbound", ACCOUNT), undefined);
  for (const shared of ["root", "nobody", "www-data", "fw-dns"]) {
    assert.match(recursorProblem(shared, ACCOUNT)!, /an account of its own/);
  }
  assert.match(recursorProblem('x" accept', ACCOUNT)!, /write the name/);
  const isRefused = "path" in findOwnAccount({ runAs: { user: "unbound", group: undefined } });
  assert.ok(isRefused, "and never fw-dns's");
});

Deno.test("known resolvers: each address is one, and none lies in another's network", () => {
  const all = KNOWN_RESOLVERS.flatMap(({ addresses }) => addresses).map((text) => {
    const parsed = parseSubnet(text);
    assert.ok("value" in parsed, text);
    return parsed.value;
  });
  all.forEach((subnet, i) => {
    const others = new SubnetList(all.filter((_, j) => j !== i));
    assert.ok(!others.includesBytes(subnet.bytes, subnet.bits), subnet.text);
  });
  for (const address of ["8.8.8.8", "1.1.1.1", "9.9.9.9", "2606:4700:4700::1111"]) {
    assert.ok(new SubnetList(all).includes(address), address);
  }
});

Deno.test("nft: how fast one account may ask is limited, and on a gateway one machine; connections to half of them", () => {
  const one = format(`[listen]\ntcp_connections = 10\n${UPSTREAM}`);
  const asking = rulesOf(one, "asking");
  assert.equal(asking.length, 5);
  assert.match(asking[0]!, /^meta l4proto udp meta length > 1500 counter drop$/);
  assert.match(asking[1]!, /^meta l4proto udp update @account_asks \{ meta skuid limit rate over /);
  assert.match(asking[3]!, /@account_connected \{ meta skuid ct count over 5 \} .*refuse$/);
  assert.equal(asking[4], "accept");
  assert.deepEqual(rulesOf(one, "asking_behind"), []);
  const behind = rulesOf(format(GATEWAY, { isGateway: true }), "asking_behind");
  for (const key of ["ip saddr limit", "ip6 saddr & ffff:ffff:ffff:ffff:: limit"]) {
    assert.equal(behind.filter((rule) => rule.includes(key)).length, 2, key);
  }
  assert.equal(behind.at(-1), "accept");
});
