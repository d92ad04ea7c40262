/** The certificates that an upstream over TLS may show: how a policy names them. */

import assert from "node:assert/strict";
import { PolicyError } from "../../src/policy/mod.ts";
import { policyWithFiles } from "../support/policies.ts";

const { test } = Deno;

/** A sequence of four bytes, which passes for a certificate as long as nobody looks inside. */
const PEM = "-----BEGIN CERTIFICATE-----\nMIIABAQBAgM\n-----END CERTIFICATE-----";

const TLS = `allow = ["a.example"]
[[upstream]]
address = "9.9.9.9:853"
transport = "tls"
tls_name = "DNS.Quad9.net."
`;

function problemsOf(content: string | Uint8Array | { problem: string }): string {
  try {
    policyWithFiles(`${TLS}ca_file = "ca.pem"`, [], [content]);
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
  const file = `# ours\n${PEM}\r\nKey: none\n${PEM}\n`;
  const policy = policyWithFiles(`${TLS}ca_file = "ca.pem"`, [], [file]);
  assert.deepEqual(policy.upstreams[0]?.tls?.roots, [PEM, PEM]);
  assert.deepEqual(policy.files, ["ca.pem"]);
});

test("another certificate, name or pin makes another upstream of it", () => {
  const pin = `pin = "sha256/${"A".repeat(43)}="`;
  const keys = [
    policyWithFiles(TLS, [], []),
    policyWithFiles(`${TLS}ca_file = "ca.pem"`, [], [PEM]),
    policyWithFiles(`${TLS}ca_file = "ca.pem"`, [], [PEM + PEM]),
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
    problemsOf(PEM + PEM.replace("MIIA", "MIIB")),
    `${place} certificate 2 in ca.pem is damaged: write the file anew`,
  );
  assert.equal(problemsOf(PEM.replace("MIIA", "M?IA")).includes("no certificate is in"), true);
  assert.equal(problemsOf({ problem: "cannot read ca.pem" }), `${place} cannot read ca.pem`);
});
