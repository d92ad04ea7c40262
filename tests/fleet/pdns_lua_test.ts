import assert from "node:assert/strict";
import { type Exported, exportFor } from "../../src/fleet/mod.ts";
import { PDNS_LUA } from "../../src/fleet/pdns_lua/mod.ts";
import type { Policy } from "../../src/policy/mod.ts";
import { policyFrom, policyWithLists } from "../support/policies.ts";

const NOW = Date.UTC(2026, 0, 1);

function exported(policy: Policy): Exported {
  return exportFor(PDNS_LUA, "pdns-lua", { policy, file: "policy.toml", now: NOW, changed: 0 });
}

function textOf(toml: string): string {
  return exported(policyFrom(toml)).pieces.join("");
}

function differencesOf(toml: string): string[] {
  return exported(policyFrom(toml)).differences.all.map(({ what }) => what);
}

/** What the documented sed command makes recursor.conf of. */
function settingsOf(text: string): Map<string, string> {
  const lines = [...text.matchAll(/^--\| ([^#].*?)=(.*)$/gm)];
  return new Map(lines.map(([, key, value]) => [key!, value!]));
}

/** The names as the script reads them, with the numbers of their profiles. */
function namesOf(text: string): string[] {
  return [...text.matchAll(/^rules \[\[\n([^\]]*)\n\]\]$/gm)].flatMap(([, lines]) =>
    lines!.split("\n")
  );
}

const RULE = (name: string, more = ""): string => `[[rule]]\nname = "${name}"\n${more}\n`;

Deno.test("a plain policy is exported without any difference", () => {
  assert.deepEqual(differencesOf('allow = ["a.example", "*.b.example", "**.c.example"]'), []);
});

Deno.test("the same policy makes the same text", () => {
  const toml = `allow = ["a.example"]\n${RULE("*.b.example", 'types = ["TXT", "A"]')}`;
  assert.equal(textOf(toml), textOf(toml));
});

Deno.test("the order in which a rule lists its types does not show", () => {
  const [one, other] = ['["TXT", "A"]', '["A", "TXT"]'].map((types) =>
    textOf(RULE("a.example", `types = ${types}`))
  );
  assert.equal(one, other);
});

Deno.test("names stand in the policy's order, each behind the profile that is theirs", () => {
  const text = textOf(
    `allow = ["a.example", "*.b.example"]\n` + RULE("**.c.example", 'types = ["TXT"]') +
      RULE("d.example"),
  );
  assert.deepEqual(namesOf(text), [
    "=1",
    "a.example",
    "*.b.example",
    "=2",
    "**.c.example",
    "=1",
    "d.example",
  ]);
  assert.match(text, /PROFILES\[1\] = \{\n {2}types = \{ \[1\] = true, \[28\] = true \},/);
  assert.match(text, /PROFILES\[2\] = \{\n {2}types = \{ \[16\] = true \},/);
  assert.doesNotMatch(text, /PROFILES\[3\]/);
});

Deno.test("a long list is cut into pieces, and every name is in one of them", () => {
  const names = Array.from({ length: 120_000 }, (_, i) => `n${i}.example.com`);
  const { pieces } = exported(policyWithLists('allow_files = ["names.txt"]', names.join("\n")));
  const text = pieces.join("");
  assert.equal([...text.matchAll(/^rules \[\[$/gm)].length, 3);
  assert.deepEqual(namesOf(text), ["=1", ...names]);
});

Deno.test("a rule that has expired is still there: its time decides, and what is above it exists", () => {
  const text = textOf(RULE("old.example", "expires = 2020-01-01T00:00:00Z"));
  assert.ok(namesOf(text).includes("old.example"));
  assert.match(text, /expires = 1577836800,/);
  assert.match(text, /^local EXPIRIES = \{ 1577836800 \}$/m);
});

Deno.test("a rule ends a part of a second early rather than late", () => {
  assert.match(
    textOf(RULE("a.example", "expires = 2030-01-01T00:00:00.900Z")),
    /expires = 1893456000,/,
  );
});

Deno.test("labels become an automaton, a state a line", () => {
  const text = textOf(RULE("*.a.example", 'labels = "ab?"'));
  assert.match(text, /labels = automaton \[\[\n- a>1\n\+ b>2\n\+\n\]\],/);
});

Deno.test("addresses of a rule and reserved ones stand there, 6to4 routers too", () => {
  const text = textOf(RULE("a.example", 'within = ["192.0.2.0/24", "2001:db8::/32"]'));
  assert.match(text, /within = networks\(\{ "192\.0\.2\.0\/24", "2001:db8::\/32" \}\),/);
  assert.match(text, /^ {2}"10\.0\.0\.0\/8",\n {2}"2002:0a00:0000::\/24",$/m);
});

Deno.test("each rule names its own upstreams, and the Recursor has a way to all", () => {
  const text = textOf(
    'allow = ["a.example"]\n' +
      '[[upstream]]\naddress = "192.0.2.1:53"\n' +
      '[[upstream]]\nname = "inner"\naddress = "[2001:db8::1]:5353"\n' +
      RULE("b.example", 'upstream = "inner"'),
  );
  assert.match(
    text,
    /upstreams = \{ \["192\.0\.2\.1:53"\] = true, \["\[2001:db8::1\]:5353"\] = true \}/,
  );
  assert.match(text, /upstreams = \{ \["\[2001:db8::1\]:5353"\] = true \},/);
  assert.equal(settingsOf(text).get("forward-zones-recurse"), ".=192.0.2.1:53;[2001:db8::1]:5353");
});

Deno.test("an IPv6 upstream is asked from an IPv6 address", () => {
  const from = (address: string): string | undefined =>
    settingsOf(textOf(`allow = ["a.example"]\n[[upstream]]\naddress = "${address}"`))
      .get("query-local-address");
  assert.equal(from("[2001:db8::1]:53"), "0.0.0.0,::");
  assert.equal(from("192.0.2.1:53"), "0.0.0.0");
});

Deno.test("what a client could say is taken from the questions that go upstream", () => {
  const settings = settingsOf(textOf('allow = ["a.example"]'));
  for (
    const [key, value] of [
      ["lowercase-outgoing", "yes"],
      ["use-incoming-edns-subnet", "no"],
      ["edns-subnet-allow-list", ""],
      ["dnssec", "off"],
      ["security-poll-suffix", ""],
      ["hint-file", "no"],
      ["refresh-on-ttl-perc", "0"],
    ] as const
  ) assert.equal(settings.get(key), value, key);
});

Deno.test("the settings say who may ask where, and for how long answers are kept", () => {
  const settings = settingsOf(textOf(
    'allow = ["a.example"]\n[listen]\naddresses = ["127.0.0.1:53", "[::1]:5300"]\n' +
      'clients = ["10.0.0.0/8"]\ntcp_connections = 7\n' +
      '[cache]\nmin_ttl = "45s"\nmax_ttl = "2h"\n' +
      RULE("b.example", 'min_ttl = "5m"'),
  ));
  assert.equal(settings.get("local-address"), "127.0.0.1:53,[::1]:5300");
  assert.equal(settings.get("allow-from"), "10.0.0.0/8");
  assert.equal(settings.get("max-tcp-clients"), "7");
  assert.equal(settings.get("minimum-ttl-override"), "300", "the longest floor holds for all");
  assert.equal(settings.get("max-cache-ttl"), "7200");
});

Deno.test("TLS is a difference: on port 853 nobody is checked, and elsewhere nobody is asked", () => {
  const toml = (port: number): string =>
    'allow = ["a.example"]\n' +
    `[[upstream]]\naddress = "192.0.2.1:${port}"\ntransport = "tls"\ntls_name = "dns.example"\n`;
  assert.deepEqual(differencesOf(toml(853)), [
    "the identity of a TLS server (tls_name, ca_file and pin of upstream 192.0.2.1:853)",
  ]);
  assert.equal(settingsOf(textOf(toml(853))).get("dot-to-port-853"), "yes");
  assert.deepEqual(differencesOf(toml(8853)), [
    "TLS on another port than 853 (upstream 192.0.2.1:8853)",
  ]);
  const text = textOf(toml(8853));
  assert.match(text, /upstreams = \{\},/);
  assert.doesNotMatch(settingsOf(text).get("forward-zones-recurse")!, /192\.0\.2\.1/);
});

Deno.test("plain DNS on port 853 is not turned into TLS: beside TLS it is not asked", () => {
  const plain = '[[upstream]]\naddress = "192.0.2.9:853"\n';
  const tls =
    '[[upstream]]\naddress = "192.0.2.1:853"\ntransport = "tls"\ntls_name = "d.example"\n';
  const alone = textOf(`allow = ["a.example"]\n${plain}`);
  assert.equal(settingsOf(alone).get("dot-to-port-853"), "no");
  const beside = settingsOf(textOf(`allow = ["a.example"]\n${plain}${tls}`));
  assert.equal(beside.get("forward-zones-recurse"), ".=192.0.2.1:853");
});

Deno.test("TCP alone is a difference", () => {
  const toml = 'allow = ["a.example"]\n[[upstream]]\naddress = "192.0.2.1:53"\ntransport = "tcp"\n';
  assert.deepEqual(differencesOf(toml), ["TCP alone (upstream 192.0.2.1:53)"]);
});

Deno.test("hermetic rules are a difference, and it names them", () => {
  const { differences } = exported(policyFrom('mode = "hermetic"\nallow = ["a.example"]'));
  const [difference] = differences.all;
  assert.equal(difference!.what, "hermetic mode");
  assert.deepEqual(difference!.rules.map(({ name }) => name), ["a.example"]);
});

Deno.test("while there is no script, a policy zone drops everything", () => {
  const text = textOf('allow = ["a.example"]');
  const config = settingsOf(text).get("lua-config-file")!;
  const zone = /^--: rpzFile\("([^"]+)", .*\)$/m.exec(text)![1]!;
  assert.match(text, new RegExp(`^--   sed -n 's/\\^--: //p' THIS > ${config}$`, "m"));
  assert.match(text, new RegExp(`^--   sed -n 's/\\^--; //p' THIS > ${zone}$`, "m"));
  assert.match(text, /^--; \* CNAME rpz-drop\.$/m);
});

Deno.test("stale answers are the script's, because what the Recursor refreshes by itself goes by no script", () => {
  const text = textOf('allow = ["a.example"]\n[cache]\nstale = "1h"');
  assert.match(text, /^local STALE = 3600$/m);
  assert.equal(settingsOf(text).get("serve-stale-extensions"), "0");
});

Deno.test("the script has the policy's action and budget", () => {
  const text = textOf(
    'unlisted = "nxdomain"\nallow = ["*.a.example"]\n[budget]\nwildcards_per_hour = 7',
  );
  assert.match(text, /^local UNLISTED = "nxdomain"$/m);
  assert.match(text, /^local WILDCARDS_PER_HOUR = 7$/m);
});

Deno.test("every line of the head is a comment, and no line of the script passes for a setting", () => {
  const text = textOf('allow = ["a.example"]');
  const head = text.slice(0, text.indexOf("\nlocal UNLISTED"));
  for (const line of head.split("\n")) assert.match(line, /^(--.*)?$/);
  assert.doesNotMatch(text.slice(head.length), /^--\|/m);
});

Deno.test("what is malformed is dropped, whatever unlisted names get", () => {
  for (const unlisted of ["drop", "refused", "nxdomain"]) {
    const text = textOf(`unlisted = "${unlisted}"\nallow = ["*.a.example"]`);
    assert.match(text, /^ {2}local is_dropped = UNLISTED == "drop" or is_malformed\(/m);
    assert.match(text, /^ {2}if is_dropped then dq\.appliedPolicy\.policyKind = .*Drop end$/m);
  }
});
