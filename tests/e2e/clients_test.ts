/** Real clients, the real program, a real Unbound behind it. */

import assert from "node:assert/strict";
import { fromSourceFor, ServingProgram, writePolicy } from "../support/program.ts";
import { Unbound } from "../support/unbound.ts";

const NAMES =
  '["api.example.com", "www.example.com", "deep.example.com", "big.example.com", "gone.example.com"]';

interface Stage {
  readonly port: string;
  readonly program: ServingProgram;
  readonly unbound: Unbound;
}

async function withStage(body: (stage: Stage) => Promise<void>, more = ""): Promise<void> {
  const unbound = await Unbound.start();
  using policy = writePolicy(
    `allow = ${NAMES}\n${more}\n[listen]\naddresses = ["127.0.0.1:0"]\n[[upstream]]\naddress = "${unbound.address}"\n`,
  );
  const launch = await fromSourceFor(policy.file);
  const program = await ServingProgram.start(launch, policy.file);
  try {
    await body({ port: String(program.address.port), program, unbound });
  } finally {
    await program.stop("SIGKILL").catch(() => {});
    await unbound.stop();
  }
}

/** What a command prints; it may fail. */
async function run(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(command, { args, stderr: "null", stdin: "null" })
    .output();
  return new TextDecoder().decode(stdout);
}

const CLIENTS = ["dig", "kdig"] as const;

for (const client of CLIENTS) {
  Deno.test(`${client}: listed names are answered over UDP and TCP`, async () => {
    await withStage(async ({ port, unbound }) => {
      for (const transport of ["+notcp", "+tcp"]) {
        const ask = (...words: string[]): Promise<string> =>
          run(client, "@127.0.0.1", "-p", port, transport, "+short", ...words);
        assert.equal(await ask("api.example.com", "A"), "192.0.2.10\n");
        assert.equal(await ask("API.Example.COM", "AAAA"), "2001:db8::10\n");
        assert.equal(
          await ask("deep.example.com", "A"),
          "www.example.com.\napi.example.com.\n192.0.2.10\n",
        );
      }
      assert.deepEqual(
        unbound.questions.sort(),
        [
          "api.example.com. a",
          "api.example.com. aaaa",
          "deep.example.com. a",
        ].map((question) => question.replace(/ (.*)$/, (_, type) => ` ${type.toUpperCase()}`)),
      );
    });
  });

  Deno.test(`${client}: other types are NODATA with an SOA, and nothing goes upstream`, async () => {
    await withStage(async ({ port, unbound }) => {
      for (const type of ["HTTPS", "MX", "TXT", "TYPE65280", "NS"]) {
        const text = await run(client, "@127.0.0.1", "-p", port, "api.example.com", type);
        assert.match(text, /status: NOERROR/);
        assert.match(text, /\bIN\s+SOA\s+fw-dns\.invalid\. nobody\.invalid\. /);
        assert.doesNotMatch(text, /never to be seen/);
      }
      assert.deepEqual(unbound.questions, []);
    });
  });

  Deno.test(`${client}: unlisted names get nothing, whatever the case, type, class and EDNS`, async () => {
    await withStage(async ({ port, unbound }) => {
      const hopeless = ["+time=1", client === "dig" ? "+tries=1" : "+retry=0"];
      const attempts = [
        ["sub.api.example.com"],
        ["API.EXAMPLE.com.evil.example"],
        ["notapi.example.com"],
        ["evil.example.com"],
        ["evil.example.com", "TXT"],
        ["api.example.com", "A", "-c", "CH"],
        ["evil.example.com", "+tcp"],
        ["evil.example.com", "+edns=0", "+bufsize=4096"],
        ["evil.example.com", "+noedns"],
      ];
      const texts = await Promise.all(
        attempts.map((words) => run(client, "@127.0.0.1", "-p", port, ...hopeless, ...words)),
      );
      for (const text of texts) assert.doesNotMatch(text, /status:/);
      assert.deepEqual(unbound.questions, []);
    });
  });
}

Deno.test("dig: a large answer is truncated over UDP and whole over TCP", async () => {
  await withStage(async ({ port }) => {
    const cut = await run("dig", "@127.0.0.1", "-p", port, "+ignore", "big.example.com");
    assert.match(cut, /flags: [a-z ]*\btc\b/);
    const whole = await run("dig", "@127.0.0.1", "-p", port, "+short", "big.example.com");
    assert.equal(whole.trim().split("\n").length, 100);
  });
});

Deno.test("dig: a name that does not exist is NXDOMAIN", async () => {
  await withStage(async ({ port }) => {
    const text = await run("dig", "@127.0.0.1", "-p", port, "gone.example.com");
    assert.match(text, /status: NXDOMAIN/);
    assert.match(text, /SOA\s+fw-dns\.invalid/);
  });
});

Deno.test("dig: refusals carry the extended error", async () => {
  await withStage(async ({ port }) => {
    const text = await run("dig", "@127.0.0.1", "-p", port, "evil.example.com");
    assert.match(text, /status: REFUSED/);
    assert.match(text, /EDE: 15 \(Blocked\)/);
  }, 'unlisted = "refused"');
});

Deno.test("an upstream that stops and comes back: SERVFAIL meanwhile, then answers", async () => {
  await withStage(async ({ port, program, unbound }) => {
    unbound.signal("SIGSTOP");
    const ask = (...words: string[]): Promise<string> =>
      run("dig", "@127.0.0.1", "-p", port, "+tries=1", "+time=8", ...words);
    assert.match(await ask("api.example.com"), /status: SERVFAIL/);
    unbound.signal("SIGCONT");
    // The next round is fw-dns's own: a second or two after the one that failed, whether or not anybody asks.
    let answer = "";
    for (let i = 0; i < 40 && answer === ""; i++) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      answer = await ask("+short", "api.example.com");
    }
    assert.equal(answer, "192.0.2.10\n");
    assert.match(program.out, /matches, but no answer for api\.example\.com A/);
  });
});

/** Asks by c-ares, as Node.js does. */
const NODE_SCRIPT = `
const { Resolver } = require("node:dns").promises;
const resolver = new Resolver({ timeout: 500, tries: 1 });
resolver.setServers(["127.0.0.1:" + process.argv[1]]);
const show = (promise) => promise.then((all) => all.join(" "), (error) => error.code);
(async () => {
  console.log(await show(resolver.resolve4("api.example.com")));
  console.log(await show(resolver.resolve6("api.example.com")));
  console.log(await show(resolver.resolveMx("api.example.com")));
  console.log(await show(resolver.resolve4("gone.example.com")));
  console.log(await show(resolver.resolve4("evil.example.com")));
})();
`;

Deno.test("Node.js: dns.Resolver", async () => {
  await withStage(async ({ port, unbound }) => {
    const text = await run("node", "-e", NODE_SCRIPT, port);
    assert.deepEqual(text.trim().split("\n"), [
      "192.0.2.10",
      "2001:db8::10",
      "ENODATA",
      "ENOTFOUND",
      "ETIMEOUT",
    ]);
    assert.equal(unbound.questions.some((question) => question.startsWith("evil")), false);
  });
});
