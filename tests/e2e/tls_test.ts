/** The real program with a real Unbound over TLS: who is asked, and who never hears a question. */

import assert from "node:assert/strict";
import { join } from "node:path";
import {
  type Certificate,
  type Certificates,
  makeCertificates,
  TLS_NAME,
} from "../support/certificates.ts";
import {
  fromSource,
  fromSourceFor,
  runToEnd,
  ServingProgram,
  writePolicy,
} from "../support/program.ts";
import { Unbound } from "../support/unbound.ts";

/** What a test has at hand. */
interface Stage {
  readonly unbound: Unbound;
  readonly program: ServingProgram;
  /** The file of authorities that the policy names. */
  readonly caFile: string;
  ask(name: string): Promise<string>;
}

/** Runs the program in front of an Unbound that shows a certificate, which `ca` has to have issued. */
async function withStage(
  certificate: Certificate,
  { ca, more = "" }: { readonly ca: string; readonly more?: string },
  body: (stage: Stage) => Promise<void>,
): Promise<void> {
  const unbound = await Unbound.start(certificate);
  using policy = writePolicy(`allow = ["api.example.com", "www.example.com", "four.example.com"]
[listen]
addresses = ["127.0.0.1:0"]
[query]
timeout = "300ms"
tries = 3
[[upstream]]
address = "${unbound.address}"
transport = "tls"
tls_name = "${TLS_NAME}"
ca_file = "ca.pem"
${more}`);
  const caFile = join(policy.folder, "ca.pem");
  Deno.copyFileSync(ca, caFile);
  const launch = await fromSourceFor(policy.file);
  const program = await ServingProgram.start(launch, policy.file);
  const port = String(program.address.port);
  try {
    await body({
      unbound,
      program,
      caFile,
      ask: (name) => dig(port, name),
    });
  } finally {
    await program.stop("SIGKILL").catch(() => {});
    await unbound.stop();
  }
}

/** The addresses, or the RCODE where there are none. */
async function dig(port: string, name: string): Promise<string> {
  const args = ["@127.0.0.1", "-p", port, "+tries=1", "+timeout=9", name, "A"];
  const { stdout } = await new Deno.Command("dig", { args, stdin: "null" }).output();
  const text = new TextDecoder().decode(stdout);
  const addresses = [...text.matchAll(/\sA\s+(\d[\d.]+)$/gm)].map(([, address]) => address);
  return addresses.join(" ") || (/status: (\w+)/.exec(text)?.[1] ?? "silence");
}

Deno.test("listed names are answered over TLS, with one connection, under the permissions that are printed", async () => {
  using certificates = await makeCertificates();
  const keys = { ca: certificates.ca, more: `pin = "${certificates.pin}"` };
  await withStage(certificates.good, keys, async ({ ask, unbound, program }) => {
    assert.equal(await ask("api.example.com"), "192.0.2.10");
    assert.equal(await ask("www.example.com"), "192.0.2.10");
    assert.equal(await ask("four.example.com"), "192.0.2.44");
    assert.equal(await ask("evil.example.com"), "silence");
    assert.deepEqual(unbound.questions.sort(), [
      "api.example.com. A",
      "four.example.com. A",
      "www.example.com. A",
    ]);
    assert.match(program.out, /Connected to remote DNS server 127\.0\.0\.1:/);
  });
});

const STRANGERS: readonly [what: string, choose: (all: Certificates) => Certificate][] = [
  ["has expired", ({ expired }) => expired],
  ["is not valid yet", ({ early }) => early],
  ["is for another name", ({ otherName }) => otherName],
  ["another CA has issued", ({ byOtherCa }) => byOtherCa],
  ["nobody but the server has signed", ({ selfSigned }) => selfSigned],
];

for (const [what, choose] of STRANGERS) {
  Deno.test(`a server with a certificate that ${what} never hears a question`, async () => {
    using certificates = await makeCertificates();
    await withStage(choose(certificates), certificates, async ({ ask, unbound }) => {
      assert.equal(await ask("api.example.com"), "SERVFAIL");
      assert.deepEqual(unbound.questions, []);
    });
  });
}

Deno.test("a server with another key than the pinned one never hears a question", async () => {
  using certificates = await makeCertificates();
  const keys = { ca: certificates.ca, more: `pin = "sha256/${"A".repeat(43)}="` };
  await withStage(certificates.good, keys, async ({ ask, unbound }) => {
    assert.equal(await ask("api.example.com"), "SERVFAIL");
    assert.deepEqual(unbound.questions, []);
  });
});

Deno.test("another ca_file is in force after a reload, and the old one no more", async () => {
  using certificates = await makeCertificates();
  const keys = { ca: certificates.otherCa };
  await withStage(certificates.good, keys, async ({ ask, program, caFile }) => {
    assert.equal(await ask("api.example.com"), "SERVFAIL");
    Deno.copyFileSync(certificates.ca, caFile);
    Deno.kill(program.pid, "SIGHUP");
    await program.waitFor(/^Reloaded/m);
    assert.equal(await ask("four.example.com"), "192.0.2.44");
  });
});

Deno.test("check says that a ca_file is missing, with its place", async () => {
  using policy = writePolicy(`allow = ["a.example"]
[[upstream]]
address = "192.0.2.53:853"
transport = "tls"
tls_name = "dns.example"
ca_file = "none.pem"
`);
  const launch = fromSource(["--no-prompt", "--allow-read"]);
  const { code, err } = await runToEnd(launch, "check", "--policy", policy.file);
  assert.equal(code, 1);
  assert.match(
    err,
    /policy\.toml:6:11: upstream\[1\]\.ca_file: cannot read .*none\.pem: there is no such file/,
  );
});
