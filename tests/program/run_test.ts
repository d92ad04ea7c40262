import assert from "node:assert/strict";
import { decodeReply } from "../support/decode.ts";
import { query } from "../support/packets.ts";
import {
  askOnce,
  fromSource,
  fromSourceFor,
  type Launch,
  ROOT,
  runToEnd,
  ServingProgram,
  writePolicy,
} from "../support/program.ts";
import { closeQuietly } from "../../src/system/mod.ts";
import { readMessage, RealUpstream } from "../support/real_upstream.ts";
import { respond, respondA } from "../support/upstream_answers.ts";

/** Runs a test with the program in front of an upstream, under the narrowest permissions for its policy. */
async function withProgram(
  body: (program: ServingProgram, upstream: RealUpstream, launch: Launch) => Promise<void>,
  more = "",
  listen = "",
  hostname = "127.0.0.1",
): Promise<void> {
  const upstream = new RealUpstream(hostname);
  using policy = writePolicy(
    `allow = ["api.example.com"]\n[listen]\naddresses = ["127.0.0.1:0"]\n${listen}[[upstream]]\naddress = "${upstream.address}"\n${more}`,
  );
  const launch = await fromSourceFor(policy.file);
  const program = await ServingProgram.start(launch, policy.file);
  try {
    await body(program, upstream, launch);
  } finally {
    await program.stop("SIGKILL").catch(() => {});
    await upstream.close();
  }
}

Deno.test("under the narrowest permissions it starts, serves over UDP and TCP, and stops", async () => {
  await withProgram(async (program, upstream) => {
    const reply = decodeReply(await askOnce(program.address, query()));
    assert.deepEqual(reply.answers, ["192.0.2.1"]);
    const { hostname, port } = program.address;
    const connection = await Deno.connect({ hostname, port });
    const packet = query({ id: 77 });
    await connection.write(Uint8Array.from([0, packet.length, ...packet]));
    assert.equal(decodeReply((await readMessage(connection))!).id, 77);
    connection.close();
    await program.waitFor(/^Connected to remote DNS server /m);
    assert.deepEqual(upstream.names, ["api.example.com"]);
    assert.equal(await program.stop("SIGTERM"), 0);
    assert.match(
      program.out,
      /^Starting fw-dns 0\.1\.0 with 1 rule from .*policy\.toml\nLeak bound: .*\n(Warning: This runs as root.*\n)?Listening on 127\.0\.0\.1:\d+\n/,
    );
    assert.match(program.out, /\nStopping on SIGTERM\n$/);
    assert.equal(program.err, "");
  });
});

for (const hostname of ["127.0.0.1", "::1"]) {
  Deno.test(`under the narrowest permissions it asks over TCP too (${hostname})`, async () => {
    const body = async (program: ServingProgram, upstream: RealUpstream): Promise<void> => {
      upstream.overUdp = (asked) => [respond(asked, { flags: 0x8380 })];
      upstream.overTcp = (asked) => [respondA(asked, "192.0.2.9")];
      const reply = decodeReply(await askOnce(program.address, query()));
      assert.deepEqual(reply.answers, ["192.0.2.9"]);
      // A port that another program has costs a try: 64 are few on a machine where others ask as well.
      assert.ok(upstream.names.length >= 2 && upstream.names.length <= 10);
      assert.deepEqual([...new Set(upstream.names)], ["api.example.com"]);
      assert.equal(program.err, "");
    };
    await withProgram(body, "", "", hostname);
  });
}

Deno.test("SIGINT stops it too, and SIGHUP has it reload", async () => {
  await withProgram(async (program) => {
    Deno.kill(program.pid, "SIGHUP");
    await program.waitFor(/^Reloaded .*policy\.toml: 1 rule$/m);
    assert.equal(await program.stop("SIGINT"), 0);
  });
});

Deno.test("a second one on the same address says what to do", async () => {
  await withProgram(async (program, upstream, launch) => {
    const { hostname, port } = program.address;
    using policy = writePolicy(
      `[listen]\naddresses = ["${hostname}:${port}"]\n[[upstream]]\naddress = "${upstream.address}"\n`,
    );
    const permissions = launch.args.map((arg) =>
      arg.startsWith("--allow-read") ? `--allow-read=${policy.folder}` : arg
    );
    const { code, out, err } = await runToEnd(
      { ...launch, args: permissions },
      "run",
      "--policy",
      policy.file,
    );
    assert.equal(code, 1);
    assert.match(out, /^Starting fw-dns/);
    assert.match(
      err,
      new RegExp(`^Cannot listen on 127\\.0\\.0\\.1:${port}: another program has this address\\.`),
    );
  });
});

Deno.test("JSON logs are one object a line", async () => {
  await withProgram(async (program) => {
    await askOnce(program.address, query());
    await program.waitFor(/"verdict":"forward"/);
    assert.equal(await program.stop(), 0);
    const events = program.out.trimEnd().split("\n").slice(2).map((line) => JSON.parse(line));
    const forward = events.find(({ event }) => event === "query");
    assert.equal(forward.name, "api.example.com");
    assert.match(forward.time, /^\d{4}-\d\d-\d\dT/);
    assert.ok(forward.ms >= 0);
  }, '[log]\nformat = "json"\nqueries = "all"\n');
});

/** A client that asks and asks, and reads nothing. */
const DEAF_CLIENT = `
const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(Deno.args[0]) });
const name = [9, ...new TextEncoder().encode("localhost"), 0];
const query = [0, 27, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...name, 0, 1, 0, 1];
const flood = Uint8Array.from(new Array(1000).fill(query).flat());
while (true) {
  const stuck = setTimeout(() => console.log("stuck"), 300);
  await connection.write(flood);
  clearTimeout(stuck);
}
`;

Deno.test("a client that does not read loses its place, and others are served meanwhile", async () => {
  await withProgram(
    async (program) => {
      const { hostname, port } = program.address;
      const deaf = new Deno.Command(Deno.execPath(), {
        args: ["eval", DEAF_CLIENT, String(port)],
        stdout: "piped",
        stderr: "null",
      }).spawn();
      const ask = async (connection: Deno.Conn): Promise<boolean> => {
        const packet = query({ id: 5, name: "localhost" });
        await connection.write(Uint8Array.from([0, packet.length, ...packet])).catch(() => {});
        return (await readMessage(connection).catch(() => null)) !== null;
      };
      try {
        for await (const said of deaf.stdout) {
          if (new TextDecoder().decode(said).includes("stuck")) break;
        }
        // There are two places. As long as the deaf client has one, a third connection costs somebody the other.
        const end = Date.now() + 60_000;
        let areBothServed = false;
        while (!areBothServed) {
          assert.ok(Date.now() < end, "it still has its place");
          const [one, two] = [
            await Deno.connect({ hostname, port }),
            await Deno.connect({ hostname, port }),
          ];
          areBothServed = await ask(two) && await ask(one) && await ask(two);
          closeQuietly(one);
          closeQuietly(two);
        }
      } finally {
        // It ends by itself where it notices that its connection has.
        closeQuietly({ close: () => deaf.kill("SIGKILL") });
        await deaf.status;
      }
    },
    "",
    'tcp_connections = 2\ntcp_idle = "1s"\n',
  );
});

Deno.test("the net for stray errors holds in the real process", async () => {
  const script = `
    import { createSystem } from "${ROOT}/src/system/deno.ts";
    createSystem().process.onStrayError((error) => console.log("caught", error.message));
    setTimeout(() => { throw new Error("in a timer"); }, 1);
    void Promise.reject(new Error("in a promise"));
    setTimeout(() => { console.log("alive"); Deno.exit(0); }, 100);
  `;
  using folder = writePolicy(script);
  Deno.renameSync(folder.file, `${folder.folder}/stray.ts`);
  const launch: Launch = {
    ...fromSource([]),
    args: [
      "run",
      "--no-prompt",
      "--unstable-net",
      `--config=${ROOT}/deno.json`,
      `${folder.folder}/stray.ts`,
    ],
  };
  const { code, out } = await runToEnd(launch);
  const lines = out.trim().split("\n").sort();
  assert.deepEqual([code, lines], [0, ["alive", "caught in a promise", "caught in a timer"]]);
});

Deno.test("the policy that comes with the project is good", async () => {
  const launch = fromSource(["--no-prompt", `--allow-read=${ROOT}/policy.toml`]);
  const { code, out, err } = await runToEnd(launch, "check", "--policy", `${ROOT}/policy.toml`);
  assert.deepEqual([code, out, err], [
    0,
    `good  ${ROOT}/policy.toml: 5 rules, 2 tests passed, 0 warnings\n`,
    "",
  ]);
});

Deno.test("the demo ends by itself, under its own permissions", async () => {
  const launch = fromSource(["--no-prompt", "--allow-net=127.0.0.1,0.0.0.0:0"]);
  const { code, out, err } = await runToEnd(launch, "demo");
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /In all, the upstream saw 3 questions/);
});
