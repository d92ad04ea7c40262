import assert from "node:assert/strict";
import { settle } from "../support/fake_clock.ts";
import { FakeNetwork } from "../support/fake_network.ts";
import { FakeMachine, namedError } from "../support/fake_process.ts";

const UPSTREAM = '[[upstream]]\naddress = "192.0.2.53"\n';
const POLICY = `allow = ["a.example"]\n${UPSTREAM}`;
const FILE = "/etc/fw-dns/policy.toml";

/** A firewall that runs, and what it logs about reloading. */
class Running {
  readonly host: FakeMachine;
  readonly #ended: Promise<unknown>;

  constructor(policy = POLICY, network = new FakeNetwork()) {
    this.host = new FakeMachine({ [FILE]: policy }, network);
    this.#ended = this.host.run("run");
  }

  /** What is logged while something is done. */
  async logOf(action: () => void, ms = 1000): Promise<string[]> {
    const { stdout } = this.host.process;
    await this.host.clock.advance(100);
    const before = stdout.text.length;
    action();
    await settle();
    await this.host.clock.advance(ms);
    const lines = stdout.text.slice(before).split("\n").slice(0, -1);
    return lines.filter((line) => !/^Leak bound|^Warning: No upstream/.test(line));
  }

  /** What is logged when the file has other content and SIGHUP comes. */
  reload(policy: string | Error): Promise<string[]> {
    return this.logOf(() => {
      this.host.files.contents[FILE] = policy;
      this.host.signal("SIGHUP");
    });
  }

  async stop(): Promise<void> {
    this.host.signal("SIGTERM");
    for (let i = 0; i < 10; i++) await this.host.clock.advance(100);
    await this.#ended;
  }
}

const STAYS = "Not reloaded, the policy from before stays in force: ";

const REFUSED: readonly [what: string, policy: string | Error, ...told: string[]][] = [
  [
    "a file that is no TOML",
    "allow = [\n",
    `${FILE}:2:1: not TOML: invalid value`,
  ],
  [
    "every problem, each in a line",
    `allow = ["ü", 7]\n${UPSTREAM}`,
    `${FILE}:1:10: allow[1]: "ü": write it in its ASCII form, "xn--tda"`,
    `${FILE}:1:15: allow[2]: a string is needed: write one like "example.com"`,
  ],
  [
    "a failing test",
    `${POLICY}[[test]]\nname = "a.example"\nexpect = "deny"\n`,
    `${FILE}:4:1: test[1]: a.example A comes out as allow: mend the rules, or write expect = "allow"`,
  ],
  [
    "a file that is gone",
    namedError("NotFound", "No such file"),
    `Cannot read the policy ${FILE}: there is no such file: write one (fw-dns run --help shows one that is enough), or name yours with --policy FILE`,
  ],
  [
    "another account",
    `${POLICY}[run_as]\nuser = "other"\n`,
    `${FILE}:5:8: run_as.user: the account of a program that runs cannot change: start fw-dns again`,
  ],
];

for (const [what, policy, ...told] of REFUSED) {
  Deno.test(`a reload is refused, and says why: ${what}`, async () => {
    const running = new Running();
    assert.deepEqual(await running.reload(policy), told.map((line) => `${STAYS}${line}`));
    assert.deepEqual(await running.reload(POLICY), [`Reloaded ${FILE}: 1 rule`]);
    await running.stop();
  });
}

Deno.test("a reload that needs a privilege which is given up is refused, naming it", async () => {
  const network = new FakeNetwork();
  const running = new Running(POLICY, network);
  await running.logOf(() => {});
  network.listenTcp = () => {
    throw namedError("PermissionDenied", "EACCES");
  };
  assert.deepEqual(
    await running.reload(`${POLICY}[listen]\naddresses = ["127.0.0.1:53", "127.0.0.2:53"]\n`),
    [
      `${STAYS}Cannot listen on 127.0.0.2:53: a port below 1024 needs a privilege that fw-dns has given up; start it again`,
    ],
  );
  await running.stop();
});

Deno.test("addresses, and how the log looks, change with a reload", async () => {
  const running = new Running();
  const lines = await running.reload(
    `${POLICY}[listen]\naddresses = ["127.0.0.2:53"]\n[log]\nformat = "json"\n`,
  );
  assert.deepEqual(lines.map((line) => line.replace(/^{"time":"[^"]*",/, "{")), [
    "Warning: No longer listening on 127.0.0.1:53, which takes a privilege to have back",
    "Listening on 127.0.0.2:53",
    `{"event":"reload","policy":"${FILE}","rules":1}`,
    '{"event":"leak","o1":2772.3,"o2":2772.3,"o3":2772.3,"restart":23.2,"hermetic":false}',
  ]);
  await running.stop();
});

Deno.test("the file is watched where the policy says so, from a reload on or no more", async () => {
  const running = new Running();
  const { files } = running.host;
  const write = (policy: string) => running.logOf(() => files.write(FILE, policy));
  assert.deepEqual(await write(`watch = true\n${POLICY}`), []);
  assert.deepEqual(await running.reload(`watch = true\n${POLICY}`), [`Reloaded ${FILE}: 1 rule`]);
  assert.deepEqual(await write(`watch = true\n${POLICY}#`), [`Reloaded ${FILE}: 1 rule`]);
  assert.deepEqual(await write(`watch = tru\n${POLICY}`), [
    `${STAYS}${FILE}:1:9: not TOML: invalid value`,
  ]);
  assert.deepEqual(await write(POLICY), [`Reloaded ${FILE}: 1 rule`]);
  assert.equal(files.watched, 0);
  assert.deepEqual(await write(`watch = true\n${POLICY}`), []);
  await running.stop();
});
