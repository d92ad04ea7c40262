/** A policy as a configuration of dnsmasq. */

import assert from "node:assert/strict";
import { DNSMASQ } from "../../src/fleet/dnsmasq/mod.ts";
import { type Exported, exportFor } from "../../src/fleet/mod.ts";
import type { Policy } from "../../src/policy/mod.ts";
import { policyFrom, policyWithLists } from "../support/policies.ts";

const NOW = Date.parse("2026-06-01T00:00:00Z");

/** How much of a line dnsmasq reads, in bytes, with its end. */
const LONGEST_LINE = 1024;

function exportPolicy(policy: Policy): Exported & { text: string } {
  const source = { policy, file: "policy.toml", now: NOW, changed: 1 };
  const exported = exportFor(DNSMASQ, "dnsmasq", source);
  return { ...exported, text: exported.pieces.join("") };
}

function linesOf(toml: string): string[] {
  return exportPolicy(policyFrom(toml)).text.split("\n").filter((line) => /^[^#]/.test(line));
}

/** The lines that say where names go. */
function namesOf(toml: string): string[] {
  const all = linesOf(toml).filter((line) => /^(server|local|address)=/.test(line));
  return all.slice(all.findIndex((line) => line.includes("/127.in-addr.arpa/")) + 1);
}

function differencesOf(toml: string): string[] {
  return exportPolicy(policyFrom(toml)).differences.all.map(({ what }) =>
    what.replace(/ \(.*/, "")
  );
}

Deno.test("dnsmasq: an exact name has a server, and what lies below it none", () => {
  assert.deepEqual(namesOf('allow = ["a.example"]'), [
    "server=/a.example/192.0.2.53#53",
    "server=/*.a.example/#",
  ]);
});

Deno.test("dnsmasq: a wildcard leaves out the name that it stands below", () => {
  assert.deepEqual(namesOf('allow = ["*.a.example"]'), ["server=/*.a.example/192.0.2.53#53"]);
});

Deno.test("dnsmasq: what lies below an exact name stays open where a wildcard lists it", () => {
  assert.deepEqual(namesOf('allow = ["a.example", "*.a.example", "**.b.example", "c.b.example"]'), [
    "server=/a.example/192.0.2.53#53",
    "server=/*.a.example/192.0.2.53#53",
    "server=/*.b.example/192.0.2.53#53",
    "server=/c.b.example/192.0.2.53#53",
    "server=/*.c.b.example/192.0.2.53#53",
  ]);
});

Deno.test("dnsmasq: what is not listed has no server at all, or does not exist", () => {
  const refused = linesOf('unlisted = "refused"\nallow = ["a.example"]');
  assert(refused.includes("no-resolv") && refused.includes("no-hosts"));
  assert(!refused.some((line) => /^server=[^/]|^address=\/#\//.test(line)));
  assert.deepEqual(namesOf('unlisted = "nxdomain"\nallow = ["a.example"]'), [
    "address=/#/",
    "server=/a.example/192.0.2.53#53",
    "local=/*.a.example/",
  ]);
});

Deno.test("dnsmasq: upstreams are asked in the policy's order, and a rule's own alone", () => {
  const toml = `allow = ["a.example"]
[[upstream]]
name = "first"
address = "192.0.2.1:53"
[[upstream]]
address = "[2001:db8::1]:5300"
[[rule]]
name = "b.example"
upstream = "first"`;
  assert(linesOf(toml).includes("strict-order"));
  assert.deepEqual(namesOf(toml), [
    "server=/a.example/192.0.2.1#53",
    "server=/a.example/2001:db8::1#5300",
    "server=/*.a.example/#",
    "server=/b.example/192.0.2.1#53",
    "server=/*.b.example/#",
  ]);
});

Deno.test("dnsmasq: an upstream over TLS is never asked in the open", () => {
  const toml = `allow = ["a.example"]
[[upstream]]
address = "9.9.9.9:853"
transport = "tls"
tls_name = "dns.quad9.net"`;
  assert.deepEqual(namesOf(toml), ["server=/a.example/#", "server=/*.a.example/#"]);
  assert(differencesOf(toml).includes("an upstream over TLS"));
});

Deno.test("dnsmasq: records of all types but those listed, and CNAME, are taken out of answers", () => {
  const filtered = linesOf('allow = ["a.example"]\n[[rule]]\nname = "b.example"\ntypes = ["TXT"]')
    .filter((line) => line.startsWith("filter-rr="))
    .flatMap((line) => line.slice("filter-rr=".length).split(",").map(Number));
  const isFiltered = new Set(filtered);
  const left = Array.from({ length: 65_536 }, (_, type) => type)
    .filter((type) => !isFiltered.has(type));
  assert.deepEqual(left, [1, 5, 16, 28]);
  assert.equal(filtered.length, 65_532);
});

Deno.test("dnsmasq: no line is longer than it reads, however long the names are", () => {
  const long = Array.from(
    { length: 6 },
    (_, i) => [`${i}${"a".repeat(60)}`, "b".repeat(61), "c".repeat(61), "d".repeat(61)].join("."),
  );
  const { text } = exportPolicy(
    policyFrom(`allow = ${JSON.stringify(long.map((one) => `*.${one}`))}`),
  );
  for (const line of text.split("\n")) assert(line.length < LONGEST_LINE, line.slice(0, 100));
});

Deno.test("dnsmasq: private answers are for the names that may have them", () => {
  const none = linesOf('allow = ["a.example"]');
  assert(none.includes("stop-dns-rebind") && none.includes("bogus-nxdomain=100.64.0.0/10"));
  const toml = '[[rule]]\nname = "**.corp.example"\nprivate = true';
  const some = linesOf(toml);
  assert(some.includes("rebind-domain-ok=/corp.example/"));
  // It has no exceptions.
  assert(!some.some((line) => line.startsWith("bogus-nxdomain")));
  assert(differencesOf(toml).includes("private answers of some names only"));
});

Deno.test("dnsmasq: silence, clients and ports that it cannot have are differences", () => {
  const differences = differencesOf(`allow = ["a.example"]
[cache]
stale = "0s"
[listen]
addresses = ["127.0.0.1:53", "192.0.2.7:5353"]
clients = ["192.0.2.0/24"]`);
  assert.deepEqual(differences, [
    "silence for unlisted names",
    "a port for each address",
    "who may ask",
    "types of no rule",
    "CNAME as a type of no rule",
  ]);
});

Deno.test("dnsmasq: every restriction that it has no words for is a difference", () => {
  const differences = differencesOf(`unlisted = "nxdomain"
mode = "hermetic"
[budget]
bits_per_hour = 1000000
[[upstream]]
name = "one"
address = "192.0.2.1:53"
transport = "tcp"
[[rule]]
name = "a.example"
expires = 2027-01-01T00:00:00Z
within = ["151.101.0.0/16"]
types = ["A"]
[[rule]]
name = "*.b.example"
mode = "forward"
labels = "[a-z]{1,2}"`);
  assert.deepEqual(differences, [
    "an empty answer for names above listed ones",
    "types of no rule",
    "CNAME as a type of no rule",
    "stale answers for when no upstream answers",
    "the types of a rule",
    "the end of a rule",
    "where the addresses in answers may lie",
    "hermetic mode",
    "an upstream over TCP",
    "one label in front of a name",
    "what may stand for the stars",
    "a budget for names below wildcards",
    "a ceiling on what gets out",
  ]);
});

Deno.test("dnsmasq: two wildcards below one name with upstreams of their own are a difference", () => {
  const upstreams = `[[upstream]]
name = "one"
address = "192.0.2.1:53"
[[upstream]]
name = "two"
address = "192.0.2.2:53"
`;
  const rule = (name: string, upstream: string): string =>
    `[[rule]]\nname = "${name}"\nupstream = "${upstream}"\n`;
  const what = "upstreams that are not those of a rule before it for the same name";
  const toml = upstreams + rule("*.a.example", "one");
  assert(differencesOf(toml + rule("**.a.example", "two")).includes(what));
  assert(!differencesOf(toml + rule("**.a.example", "one")).includes(what));
});

Deno.test("dnsmasq: names of files are written as others, and the text is the same each time", () => {
  const policy = () => policyWithLists('allow_files = ["names.txt"]', "a.example\n*.b.example\n");
  const { text } = exportPolicy(policy());
  assert.match(text, /^server=\/a\.example\/192\.0\.2\.53#53$/m);
  assert.match(text, /^server=\/\*\.b\.example\/192\.0\.2\.53#53$/m);
  assert.equal(exportPolicy(policy()).text, text);
});
