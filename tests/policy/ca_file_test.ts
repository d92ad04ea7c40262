/** The certificates that an upstream over TLS may show: how a policy names them. */

import assert from "node:assert/strict";
import { loadPublicSuffixes } from "../../src/cli/public_suffixes.ts";
import { lintPolicy, PolicyError } from "../../src/policy/mod.ts";
import { AUTHORITY, SERVER } from "../support/pem.ts";
import { policyWithFiles } from "../support/policies.ts";

const { test } = Deno;

const SUFFIXES = await loadPublicSuffixes();

const TLS = `allow = ["a.example"]
[[upstream]]
address = "9.9.9.9:853"
transport = "tls"
tls_name = "DNS.Quad9.net."
`;

function problemsOf(content: string | Uint8Array | { problem: string }): string {
  return problemsIn(`${TLS}ca_file = "ca.pem"`, content);
}

function problemsIn(
  policy: string,
  ...files: (string | Uint8Array | { problem: string })[]
): string {
  try {
    policyWithFiles(policy, [], files);
  } catch (error) {
    if (error instanceof PolicyError) return error.message;
    throw error;
  }
  return "";
}

test("an upstream over TLS has to be who its name says, and its word counts", () => {
  const [upstream] = policyWithFiles(TLS, [], []).upstreams;
  assert.equal(upstream?.transport, "tls");
  assert.deepEqual(upstream?.tls, { name: "dns.quad9.net", roots: undefined, pin: undefined });
  assert.equal(upstream?.isTrusted, true);
});

test("a file of certificates is read one by one, whatever stands between them", () => {
  const file = `# ours\n${AUTHORITY}\r\nKey: none\n${SERVER}\n`;
  const policy = policyWithFiles(`${TLS}ca_file = "ca.pem"`, [], [file]);
  assert.deepEqual(policy.upstreams[0]?.tls?.roots, [AUTHORITY, SERVER]);
  assert.deepEqual(policy.files, ["ca.pem"]);
});

test("a host's whole list of authorities makes no upstream's key long, which is kept for each question", () => {
  const file = AUTHORITY.repeat(100);
  const [upstream] = policyWithFiles(`${TLS}ca_file = "ca.pem"`, [], [file]).upstreams;
  assert.equal(upstream?.tls?.roots?.length, 100);
  assert.ok(upstream.key.length < 200, `${upstream.key.length} characters`);
});

test("a file that two upstreams name is read once, and is for both; so is what is wrong with it", () => {
  const two = `${TLS}ca_file = "ca.pem"
[[upstream]]
address = "9.9.9.10:853"
transport = "tls"
tls_name = "dns.quad9.net"
ca_file = "ca.pem"`;
  const policy = policyWithFiles(two, [], [AUTHORITY]);
  assert.deepEqual(policy.upstreams.map(({ tls }) => tls?.roots), [[AUTHORITY], [AUTHORITY]]);
  assert.deepEqual(policy.files, ["ca.pem"]);
  assert.throws(
    () => policyWithFiles(two, [], ["nothing"]),
    /:6:11: upstream\[1\]\.ca_file: .*\n.*:11:11: upstream\[2\]\.ca_file: /,
  );
});

test("another certificate, name or pin makes another upstream of it", () => {
  const pin = `pin = "sha256/${"A".repeat(43)}="`;
  const keys = [
    policyWithFiles(TLS, [], []),
    policyWithFiles(`${TLS}ca_file = "ca.pem"`, [], [AUTHORITY]),
    policyWithFiles(`${TLS}ca_file = "ca.pem"`, [], [AUTHORITY + SERVER]),
    policyWithFiles(`${TLS}${pin}`, [], []),
    policyWithFiles(TLS.replace("DNS.Quad9.net.", "dns.quad10.net"), [], []),
  ].map(({ upstreams }) => upstreams[0]!.key);
  assert.equal(new Set(keys).size, keys.length);
});

test("a file without a certificate, with a damaged one, or that cannot be read says so with its place", () => {
  const place = "policy.toml:6:11: upstream[1].ca_file:";
  assert.equal(
    problemsOf("nothing here"),
    `${place} no certificate is in ca.pem: name a file of certificates in PEM, with lines like "-----BEGIN CERTIFICATE-----"`,
  );
  assert.equal(
    problemsOf(`${AUTHORITY}\n${SERVER.slice(0, 100)}${SERVER.slice(104)}`),
    `${place} certificate 2 in ca.pem is damaged: write the file anew`,
  );
  // A sequence of four bytes, well formed, that holds no certificate.
  assert.equal(
    problemsOf("-----BEGIN CERTIFICATE-----\nMIIABAQBAgM\n-----END CERTIFICATE-----"),
    `${place} certificate 1 in ca.pem is damaged: write the file anew`,
  );
  assert.match(problemsOf(AUTHORITY.replace("MII", "M?I")), /no certificate is in/);
  assert.equal(problemsOf({ problem: "cannot read ca.pem" }), `${place} cannot read ca.pem`);
});

const NO_CERTIFICATES: readonly [what: string, content: string | Uint8Array, says: RegExp][] = [
  ["a key", pem("PRIVATE KEY"), /holds a private key, .*: name the certificate of the authority/],
  ["an older form of a key", pem("EC PRIVATE KEY"), /holds a private key/],
  ["a request", pem("CERTIFICATE REQUEST"), /holds a request/],
  ["a form of OpenSSL's own", pem("TRUSTED CERTIFICATE"), /openssl x509 -in ca\.pem -out/],
  ["PKCS #7", pem("PKCS7"), /openssl pkcs7 -in ca\.pem -print_certs/],
  ["DER", derOf(AUTHORITY), /is in DER: .* openssl x509 -inform der -in ca\.pem/],
];

for (const [what, content, says] of NO_CERTIFICATES) {
  test(`a file that holds ${what} in place of certificates says what to write`, () => {
    assert.match(problemsOf(content), says);
  });
}

function pem(label: string): string {
  return AUTHORITY.replaceAll("CERTIFICATE", label);
}

function derOf(certificate: string): Uint8Array {
  const base64 = certificate.replaceAll(/-----.*-----|\s/g, "");
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

test("a ca_file with which no server can be believed is warned of, with its place", () => {
  const warningsAt = (time: string, ...files: string[]): string[] => {
    const policy = policyWithFiles(`${TLS}ca_file = "ca.pem"`, [], [files.join("\n")]);
    return lintPolicy(policy, Date.parse(time), SUFFIXES)
      .filter(({ path }) => path.join(".") === "upstream.0.ca_file")
      .map(({ message }) => message);
  };
  assert.deepEqual(warningsAt("2030-01-01", AUTHORITY), []);
  assert.deepEqual(warningsAt("2030-01-01", SERVER, AUTHORITY), []);
  assert.match(warningsAt("2030-01-01", SERVER)[0]!, /no certificate in it is an authority's/);
  assert.match(warningsAt("2130-01-01", AUTHORITY, SERVER)[0]!, /has expired on .* 2126 GMT/);
});

test("a transport that is none brings no word about the keys of TLS", () => {
  const problems = problemsIn(TLS.replace('"tls"', '"dot"'));
  assert.equal(problems.split("\n").length, 1, problems);
  assert.match(problems, /upstream\[1\]\.transport: write one of "udp", "tcp", "tls"/);
});
