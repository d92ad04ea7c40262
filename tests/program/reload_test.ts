import assert from "node:assert/strict";
import { decodeReply } from "../support/decode.ts";
import { query } from "../support/packets.ts";
import { fromSourceFor, ServingProgram, writePolicy } from "../support/program.ts";
import { RealUpstream } from "../support/real_upstream.ts";

const [QUERIES, RELOADS, CLIENTS] = [10_000, 100, 16];

/** What policies that are never valid list. */
const NEVER = "never.example.com";

/** The good policy of one round: it has as many rules as its number says, and `even` or `odd` among them. */
function goodPolicy(round: number, upstream: string): string {
  const names = ["always.example.com", round % 4 === 0 ? "even.example.com" : "odd.example.com"];
  for (let i = names.length; i < 10 + round; i++) names.push(`n${i}.example.com`);
  return `unlisted = "refused"
allow = ${JSON.stringify(names)}
[listen]
addresses = ["127.0.0.1:0"]
[log]
queries = "none"
[[upstream]]
address = "${upstream}"
`;
}

/** The ways in which a policy is broken, and what has to be told of it. */
const BROKEN: readonly [break_: (toml: string) => string, told: RegExp][] = [
  [(toml) => toml.replace("[log]", "[lgo]"), /5:2: lgo: unknown key/],
  [(toml) => toml.slice(0, toml.indexOf("]")), /2:\d+: not TOML/],
  [
    (toml) => toml.replace('"none"', "7"),
    /6:11: log\.queries: write one of "denied", "all", "none"/,
  ],
  [
    (toml) => `${toml}[[test]]\nname = "${NEVER}"\nexpect = "deny"\n`,
    /9:1: test\[1\]: never\.example\.com A comes out as allow/,
  ],
  [(toml) => toml.replace("127.0.0.1:0", "0.0.0.0:53"), /4:14: listen\.addresses\[1\]/],
];

/** Puts a name into the list that no valid policy has, and breaks the rest. */
function brokenPolicy(round: number, upstream: string): [toml: string, told: RegExp] {
  const [break_, told] = BROKEN[(round >> 1) % BROKEN.length]!;
  const toml = goodPolicy(10, upstream).replace('allow = ["always', `allow = ["${NEVER}", "always`);
  return [break_(toml), told];
}

/** Asks one thing after the other, each time waiting for its reply, and tells how each question ended. */
async function ask(
  server: Deno.NetAddr,
  questions: Iterator<string>,
  onReply: (name: string, rcode: string) => void,
): Promise<void> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  let id = 0;
  for (let next = questions.next(); !next.done; next = questions.next()) {
    await socket.send(query({ id: ++id & 0xffff, name: next.value }), server);
    const [reply] = await socket.receive(new Uint8Array(4096));
    assert.equal(reply[0]! * 256 + reply[1]!, id & 0xffff, "a reply to another question");
    onReply(next.value, decodeReply(reply).rcode);
  }
  socket.close();
}

Deno.test("10,000 queries during 100 reloads, half of them broken: none is lost, none judged by a broken policy", async () => {
  const upstream = new RealUpstream("127.0.0.1");
  using policy = writePolicy(goodPolicy(0, upstream.address));
  const program = await ServingProgram.start(await fromSourceFor(policy.file), policy.file);
  const replies = new Map<string, number>();
  let reloads = 0;
  const names = function* (): Generator<string> {
    for (let i = 0; i < QUERIES || reloads < RELOADS; i++) {
      yield ["always.example.com", NEVER, "even.example.com", "odd.example.com"][i % 4]!;
    }
  };
  const questions = names();
  const clients = Array.from(
    { length: CLIENTS },
    () =>
      ask(program.address, questions, (name, rcode) => {
        const key = `${name} ${rcode}`;
        replies.set(key, (replies.get(key) ?? 0) + 1);
      }),
  );
  const replace = async (toml: string, line: RegExp): Promise<void> => {
    Deno.writeTextFileSync(`${policy.file}.new`, toml);
    Deno.renameSync(`${policy.file}.new`, policy.file);
    const from = program.out.length;
    Deno.kill(program.pid, "SIGHUP");
    await program.waitFor(line, from);
    reloads++;
  };
  for (let round = 0; round < RELOADS; round += 2) {
    const [toml, told] = brokenPolicy(round, upstream.address);
    await replace(toml, new RegExp(`^Not reloaded, .*policy\\.toml:${told.source}`, "m"));
    await replace(
      goodPolicy(round, upstream.address),
      new RegExp(`^Reloaded .*policy\\.toml: ${10 + round} rules$`, "m"),
    );
    const listed = round % 4 === 0 ? "even" : "odd";
    const outcomes: string[] = [];
    const both = ["even.example.com", "odd.example.com"];
    await ask(program.address, both.values(), (name, rcode) => outcomes.push(`${name} ${rcode}`));
    const rcodeOf = (name: string): string => name === listed ? "NOERROR" : "REFUSED";
    assert.deepEqual(outcomes, ["even", "odd"].map((n) => `${n}.example.com ${rcodeOf(n)}`));
  }
  await Promise.all(clients);
  assert.equal(await program.stop(), 0);
  await upstream.close();
  assert.equal(program.err, "");
  const total = [...replies.values()].reduce((sum, count) => sum + count, 0);
  assert.ok(total >= QUERIES, `${total} replies`);
  assert.deepEqual([...replies.keys()].sort(), [
    "always.example.com NOERROR",
    "even.example.com NOERROR",
    "even.example.com REFUSED",
    `${NEVER} REFUSED`,
    "odd.example.com NOERROR",
    "odd.example.com REFUSED",
  ]);
});

Deno.test("a pipe, a device, a huge file or nothing in the policy's place is refused, and the next policy is taken", async () => {
  const upstream = new RealUpstream("127.0.0.1");
  const toml = goodPolicy(0, upstream.address);
  using policy = writePolicy(toml);
  const program = await ServingProgram.start(await fromSourceFor(policy.file), policy.file);
  const places: [command: string, told: RegExp][] = [
    ['mkfifo "$0"', /it is a pipe or a device/],
    ['ln -s /dev/zero "$0"', /it is a pipe or a device|do not cover it/],
    ['truncate -s 100G "$0"', /it is larger than 64 MiB/],
    ['ln -s "$0" "$0"', /Cannot read the policy/],
    ['mkdir "$0"', /it is a folder/],
    ["true", /there is no such file/],
  ];
  const reload = async (line: RegExp): Promise<void> => {
    const from = program.out.length;
    Deno.kill(program.pid, "SIGHUP");
    await program.waitFor(line, from);
  };
  for (const [command, told] of places) {
    Deno.removeSync(policy.file);
    await new Deno.Command("bash", { args: ["-c", command, policy.file] }).output();
    await reload(new RegExp(`^Not reloaded, .*(?:${told.source})`, "m"));
    await new Deno.Command("rm", { args: ["-rf", policy.file] }).output();
    Deno.writeTextFileSync(policy.file, toml);
    await reload(/^Reloaded /m);
  }
  assert.equal(await program.stop(), 0);
  await upstream.close();
});
