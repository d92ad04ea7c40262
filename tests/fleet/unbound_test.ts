/** A policy as a configuration of Unbound. */

import assert from "node:assert/strict";
import { type Exported, exportFor } from "../../src/fleet/mod.ts";
import { UNBOUND } from "../../src/fleet/unbound/mod.ts";
import type { Policy } from "../../src/policy/mod.ts";
import { policyFrom, policyWithFiles, policyWithLists } from "../support/policies.ts";
import { AUTHORITY, SERVER } from "../support/pem.ts";

const NOW = Date.parse("2026-06-01T00:00:00Z");

function exportPolicy(policy: Policy): Exported & { text: string } {
  const exported = exportFor(UNBOUND, "unbound", {
    policy,
    file: "policy.toml",
    now: NOW,
    changed: 1,
  });
  return { ...exported, text: exported.pieces.join("") };
}

/** What is in force of an exported text: its lines without comments and indentation. */
function linesOf(toml: string): string[] {
  return exportPolicy(policyFrom(toml)).text.split("\n")
    .filter((line) => !/^\s*(#|$)/.test(line)).map((line) => line.trim());
}

function differencesOf(toml: string): string[] {
  return exportPolicy(policyFrom(toml)).differences.all.map(({ what }) => what);
}

function between(lines: readonly string[], first: string, last: string): string[] {
  return lines.slice(lines.indexOf(first), lines.indexOf(last));
}

Deno.test("unbound: an exact name is let through by the view alone, which all clients have", () => {
  const lines = linesOf('allow = ["api.example.com"]');
  assert.deepEqual(between(lines, "view:", "forward-zone:"), [
    "view:",
    'name: "listed"',
    "view-first: yes",
    'local-zone: "api.example.com." transparent',
    'local-data: "_.api.example.com. 10 IN TYPE65534 \\# 0"',
  ]);
  assert.equal(lines.filter((line) => line.includes("api.example.com.")).length, 2);
  for (const client of ["127.0.0.0/8", "::1/128"]) {
    assert(lines.includes(`access-control-view: ${client} listed`));
  }
});

Deno.test("unbound: a name below an exact one is no marker if it is listed itself", () => {
  const lines = linesOf('allow = ["api.example.com", "_.api.example.com"]');
  assert(lines.includes('local-data: "__.api.example.com. 10 IN TYPE65534 \\# 0"'));
  assert(lines.includes('local-data: "_._.api.example.com. 10 IN TYPE65534 \\# 0"'));
});

Deno.test("unbound: a name with no room for a marker stays closed, and is told", () => {
  const name = ["a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(61)].join(".");
  const toml = `allow = ["${name}", "api.example.com"]`;
  assert(!linesOf(toml).some((line) => line.includes("aaa")));
  assert(differencesOf(toml).includes("a name as long as this"));
});

Deno.test("unbound: what is not listed is denied in class IN and in class ANY, as the policy says", () => {
  for (
    const [unlisted, type] of [["drop", "deny"], ["refused", "refuse"], ["nxdomain", "static"]]
  ) {
    const lines = linesOf(`unlisted = "${unlisted}"\nallow = ["api.example.com"]`);
    assert(lines.includes(`local-zone: "." ${type}`));
    assert(lines.includes('local-data: ". CLASS255 TXT unlisted"'));
    assert(lines.includes(`local-zone: "127.in-addr.arpa." ${type}`));
  }
});

Deno.test("unbound: the base of a wildcard has nothing, unless another wildcard lists it", () => {
  const lines = linesOf('allow = ["**.org", "*.debian.org", "*.example.com"]');
  const soas = lines.filter((line) => / SOA /.test(line)).map((line) => line.split(/["\s]+/)[1]);
  assert(soas.includes("example.com.") && soas.includes("org."));
  assert(!soas.includes("debian.org."));
  for (const base of ["org", "debian.org", "example.com"]) {
    assert(lines.includes(`local-zone: "${base}." transparent`));
  }
});

Deno.test("unbound: no zone is written twice", () => {
  const zones = linesOf('allow = ["*.a.example", "**.a.example", "a.example"]')
    .filter((line) => line.startsWith('local-zone: "a.example."'));
  // One outside of the view and one in it.
  assert.equal(zones.length, 2);
});

Deno.test("unbound: after NXDOMAIN for the rest, names above listed ones exist", () => {
  const marks = linesOf(
    'unlisted = "nxdomain"\nallow = ["a.b.example", "b.example", "*.c.example"]',
  )
    .filter((line) => line.endsWith('TYPE65534 \\# 0"')).map((line) => line.split(/["\s]+/)[1]);
  assert(marks.includes("example.") && marks.includes("net.") && marks.includes("in-addr.arpa."));
  assert(!marks.includes("b.example.") && !marks.includes("c.example."));
  assert.equal(new Set(marks).size, marks.length);
});

Deno.test("unbound: only clients of the policy are served, loopback too only where it is one", () => {
  const lines = linesOf('allow = ["a.example"]\n[listen]\nclients = ["10.0.7.0/24"]');
  const access = lines.filter((line) => line.startsWith("access-control:"));
  assert.deepEqual(access, [
    "access-control: 0.0.0.0/0 deny",
    "access-control: ::/0 deny",
    "access-control: 127.0.0.0/8 deny",
    "access-control: ::1/128 deny",
    "access-control: 10.0.7.0/24 allow_setrd",
  ]);
});

Deno.test("unbound: upstreams over TLS are named, certified, and never asked in another way", () => {
  const lines = linesOf(`allow = ["a.example"]
[[upstream]]
address = "9.9.9.9:853"
transport = "tls"
tls_name = "dns.quad9.net"
[[upstream]]
address = "192.0.2.53:53"`);
  assert.deepEqual(between(lines, "forward-zone:", "remote-control:"), [
    "forward-zone:",
    'name: "."',
    "forward-tls-upstream: yes",
    "forward-addr: 9.9.9.9@853#dns.quad9.net",
    "forward-first: no",
  ]);
  assert(lines.includes('tls-cert-bundle: "/etc/ssl/certs/ca-certificates.crt"'));
});

Deno.test("unbound: a rule's own upstream has its zone, and what lies below it goes back to all", () => {
  const lines = linesOf(`allow = ["api.corp.example", "a.example"]
[[upstream]]
name = "all"
address = "192.0.2.1:53"
[[upstream]]
name = "corp"
address = "192.0.2.2:53"
[[rule]]
name = "**.corp.example"
upstream = "corp"
private = true`);
  const zones = lines.filter((line) =>
    line.startsWith("name:") || line.startsWith("forward-addr:")
  );
  assert.deepEqual(zones, [
    'name: "listed"',
    'name: "."',
    "forward-addr: 192.0.2.1@53",
    "forward-addr: 192.0.2.2@53",
    'name: "api.corp.example."',
    "forward-addr: 192.0.2.1@53",
    "forward-addr: 192.0.2.2@53",
    'name: "corp.example."',
    "forward-addr: 192.0.2.2@53",
  ]);
  assert.deepEqual(lines.filter((line) => line.startsWith("private-domain")), [
    'private-domain: "corp.example."',
  ]);
});

Deno.test("unbound: reserved addresses are taken out of answers, those that 6to4 hides too", () => {
  const lines = linesOf('allow = ["a.example"]');
  for (const range of ["10.0.0.0/8", "fc00::/7", "2002:a00:0::/24", "2002:c0a8:0::/32"]) {
    assert(lines.includes(`private-address: ${range}`), range);
  }
});

Deno.test("unbound: an expired rule is left out", () => {
  const lines = linesOf('[[rule]]\nname = "old.example"\nexpires = 2026-01-01T00:00:00Z');
  assert(!lines.some((line) => line.includes("old.example")));
});

Deno.test("unbound: a rule opens nothing of what is answered locally", () => {
  const toml = 'allow = ["x.localhost", "**.0.127.in-addr.arpa", "resolver.arpa"]';
  const lines = linesOf(toml);
  assert(!lines.some((line) => /x\.localhost|"0\.127|_\.resolver/.test(line)));
  assert.deepEqual(differencesOf(toml), ["a rule for names that are answered locally"]);
});

Deno.test("unbound: every restriction that it has no words for is a difference", () => {
  const differences = differencesOf(`mode = "hermetic"
[budget]
bits_per_hour = 1000000
[[upstream]]
address = "9.9.9.9:853"
transport = "tls"
tls_name = "dns.quad9.net"
pin = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
[[rule]]
name = "a.example"
expires = 2027-01-01T00:00:00Z
within = ["151.101.0.0/16"]
[[rule]]
name = "*.b.example"
mode = "forward"
labels = "[a-z]{1,2}"
types = ["DS"]`);
  assert.deepEqual(differences.map((what) => what.replace(/ \(.*/, "")), [
    "the types of a rule",
    "the end of a rule",
    "where the addresses in answers may lie",
    "hermetic mode",
    "the types of a rule",
    "DS as a type",
    "one label in front of a name",
    "the name below which a wildcard stands, as an unlisted one",
    "what may stand for the stars",
    "a budget for names below wildcards",
    "a ceiling on what gets out",
    "the key of an upstream",
  ]);
});

Deno.test("unbound: exact names and names below both listed are no difference but in their types", () => {
  assert.deepEqual(
    differencesOf('unlisted = "nxdomain"\nallow = ["a.example", "b.a.example"]'),
    ["the types of a rule (A, AAAA alone)"],
  );
});

Deno.test("unbound: names of files are written as others, and the text is the same each time", () => {
  const policy = () => policyWithLists('allow_files = ["names.txt"]', "a.example\n*.b.example\n");
  const { text } = exportPolicy(policy());
  assert.match(text, /local-data: "_\.a\.example\. 10 IN TYPE65534/);
  assert.match(text, /local-zone: "b\.example\." transparent/);
  assert.equal(exportPolicy(policy()).text, text);
});

Deno.test("unbound: one ca_file is believed for all; a second one is a difference", () => {
  const upstream = (address: string, more: string): string =>
    `[[upstream]]\naddress = "${address}:853"\ntransport = "tls"\ntls_name = "dns.example"\n${more}\n`;
  const one = `allow = ["a.example"]\n${upstream("9.9.9.9", 'ca_file = "/etc/ca.pem"')}`;
  const own = exportPolicy(policyWithFiles(one, [], [AUTHORITY]));
  assert.match(own.text, /^ {2}tls-cert-bundle: "\/etc\/ca\.pem"$/m);
  assert.equal(own.differences.all.length, 1);
  for (const more of ["", 'ca_file = "/etc/other.pem"']) {
    const two = policyWithFiles(one + upstream("9.9.9.10", more), [], [AUTHORITY, SERVER]);
    const { text, differences } = exportPolicy(two);
    assert.match(text, /^ {2}tls-cert-bundle: "\/etc\/ca\.pem"$/m);
    assert(differences.all.some(({ what }) => what.includes("ca_file")));
  }
});

Deno.test("unbound: a path that would end its string is not written, and no authority believed", () => {
  for (const path of ['/etc/a" include: "/etc/passwd', '/etc/"']) {
    const toml =
      `allow = ["a.example"]\n[[upstream]]\naddress = "9.9.9.9:853"\ntransport = "tls"\n` +
      `tls_name = "dns.example"\nca_file = ${JSON.stringify(path)}\n`;
    const { text, differences } = exportPolicy(policyWithFiles(toml, [], [AUTHORITY]));
    assert.match(text, /^ {2}tls-cert-bundle: "\/dev\/null"$/m);
    assert.doesNotMatch(text, /include:|passwd/);
    assert(differences.all.some(({ what }) => what.startsWith("a ca_file with a quotation mark")));
  }
});
