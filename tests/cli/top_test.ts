import assert from "node:assert/strict";
import type { Snapshot } from "../../src/observe/stats.ts";
import { HttpServer, Site } from "../../src/status/mod.ts";
import { viewFor } from "../../src/status/view.ts";
import type { SocketAddress, StreamConnection } from "../../src/system/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { FakeNetwork, ReadableStreamEnd } from "../support/fake_network.ts";
import { FakeMachine, namedError } from "../support/fake_process.ts";
import { decided, describing, FakeStatistics, HOSTILE, seen } from "../support/fake_statistics.ts";
import { policyFrom } from "../support/policies.ts";

/** One end of a connection in memory: what is written here is read at the other one. */
class End extends ReadableStreamEnd {
  other!: End;

  write(bytes: Uint8Array): Promise<number> {
    this.other.send(bytes.slice());
    return Promise.resolve(bytes.length);
  }

  override close(): void {
    if (!this.isClosed) this.other.send(null);
    super.close();
  }
}

/** A network on which the real server answers at one address; another server does at another. */
class Served extends FakeNetwork {
  readonly dialled: SocketAddress[] = [];
  readonly statistics = new FakeStatistics();
  #take: (connection: StreamConnection) => void = () => {};
  /** What comes back in place of the server's words. */
  instead: string | undefined;

  constructor(readonly port = 9153) {
    super();
  }

  serve(machine: FakeMachine): void {
    const { clock } = machine;
    const site = new Site({
      statistics: this.statistics,
      describe: () => Promise.resolve(describing()),
      policy: () => policyFrom(""),
      clock,
    });
    const listener = {
      addr: undefined,
      accept: () => new Promise<StreamConnection>((resolve) => this.#take = resolve),
      close: () => {},
    };
    new HttpServer(listener, clock, (request, from) => site.respond(request, from), () => {});
  }

  override dialTcp(address: SocketAddress): Promise<StreamConnection> {
    this.dialled.push(address);
    if (address.port !== this.port) {
      return Promise.reject(namedError("ConnectionRefused", "Connection refused"));
    }
    const [ours, theirs] = [new End(address), new End({ hostname: "127.0.0.1", port: 4711 })];
    [ours.other, theirs.other] = [theirs, ours];
    if (this.instead === undefined) this.#take(theirs);
    else {
      ours.send(new TextEncoder().encode(this.instead));
      ours.send(null);
    }
    return Promise.resolve(ours);
  }
}

const POLICY = 'allow = ["a.example"]\n[[upstream]]\naddress = "192.0.2.53"\n';
const METRICS = '[metrics]\naddress = "127.0.0.1:9153"\n';

function prepare(isTerminal = false, policy = POLICY + METRICS): [FakeMachine, Served] {
  const network = new Served();
  const machine = new FakeMachine({ "policy.toml": policy }, network, isTerminal);
  network.serve(machine);
  return [machine, network];
}

async function once(snapshot?: Snapshot, ...args: string[]): ReturnType<FakeMachine["run"]> {
  const [machine, network] = prepare();
  if (snapshot !== undefined) network.statistics.now = snapshot;
  return await machine.run("top", ...(args.length > 0 ? args : ["--policy", "policy.toml"]));
}

Deno.test("top prints once where nobody's terminal is there, in lines of 80 characters", async () => {
  const { code, out, err } = await once();
  assert.deepEqual([code, err], [0, ""]);
  const lines = out.split("\n");
  assert.deepEqual(lines.slice(0, 8), [
    "fw-dns 0.1.0  serving  forward, up for 6 h 41 min, 14:05:09 UTC",
    "policy      /etc/fw-dns/policy.toml, 12 rules",
    "leak bound  2,773 bits an hour",
    "queries     26,136 allowed, 902 no data, 3,905 blocked, 51 failed",
    "attempted   about 48 kB in blocked names, 1 alarm",
    "kept        24 names and types, 19 fresh, 2 stale, oldest 30 min 30 s",
    "upstream    answering  quad9, 4,211 asked, 6 failed",
    "upstream    silent     149.112.112.112:53, 17 asked, 11 failed",
  ]);
  assert.ok(
    lines.includes(
      "tunnel.example                       127.0.0.1           1,925    1,911   ~48 kB",
    ),
  );
  assert.match(out, /^14:05:07 {2}drop {5}motd\.ubuntu\.com AAAA +127\.0\.0\.1 +unlisted$/m);
  assert.ok(lines.every((line) => line.length <= 80));
  assert.ok(!out.includes("\x1b"));
});

Deno.test("of a long name its domain and its type are to be seen", async () => {
  const name = `${"0123456789abcdef".repeat(3)}.tunnel.example`;
  const { out } = await once(seen({ decisions: [decided(0, { name, type: "TXT" })] }));
  assert.match(out, / drop {5}0123…89abcdef\.tunnel\.example TXT {2}/);
});

Deno.test("top reads where --metrics says, without a policy", async () => {
  assert.equal((await once(undefined, "--metrics", "127.0.0.1:9153")).code, 0);
  const other = await once(undefined, "--metrics", "127.0.0.1:9154");
  assert.equal(other.code, 1);
  assert.match(other.err, /^Cannot read 127\.0\.0\.1:9154: Connection refused\. Is fw-dns running/);
  for (const wrong of ["127.0.0.1", "localhost:9153", "127.0.0.1:x"]) {
    const { code, err } = await once(undefined, "--metrics", wrong);
    assert.equal(code, 2, wrong);
    assert.match(err, /: write an IP address and a port, like --metrics 127\.0\.0\.1:9153$/m);
  }
});

Deno.test("a policy without metrics is told what to write", async () => {
  const [machine] = prepare(false, POLICY);
  const { code, err } = await machine.run("top", "--policy", "policy.toml");
  assert.equal(code, 1);
  assert.match(err, /names no address for metrics: write\n\n {2}\[metrics\]\n {2}address = /);
});

Deno.test("a name is harmless, whatever stands in it", async () => {
  const { out } = await once(seen({
    decisions: HOSTILE.map((name, i) => decided(i, { name, client: name })),
    blocked: HOSTILE.map((domain) => ({ ...seen().blocked[0]!, domain, client: domain })),
  }));
  assert.doesNotMatch(out, /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
  assert.match(out, /\\u\{1b\}\[31mred/);
});

Deno.test("whoever answers in fw-dns's place is told as such", async () => {
  const answers: readonly [string, RegExp][] = [
    ["HTTP/1.1 200 OK\r\n\r\n{}", /what answers there is no fw-dns of this version/],
    ["HTTP/1.1 200 OK\r\n\r\nnull", /what answers there is no fw-dns of this version/],
    ["HTTP/1.1 404 Not Found\r\n\r\n", /it answers with status 404/],
    ["SSH-2.0-OpenSSH\r\n", /what answers there is no fw-dns\./],
    ["", /what answers there is no fw-dns\./],
    [`HTTP/1.1 200 OK\r\n\r\n${"x".repeat(5_000_000)}`, /it says too much/],
  ];
  for (const [instead, expected] of answers) {
    const [machine, network] = prepare();
    network.instead = instead;
    const { code, err } = await machine.run("top", "--policy", "policy.toml");
    assert.equal(code, 1);
    assert.match(err, expected);
  }
});

Deno.test("a figure that cannot be true is told as such, and ends nothing", async () => {
  const truth = JSON.stringify(viewFor(describing(), seen(), "all", "127.0.0.1"));
  const answers: readonly [string, number][] = [
    [truth, 0],
    [truth.replace(/"now":\d+/, '"now":1e300'), 1],
    [truth.replace(/"now":\d+/, '"now":1e999'), 1],
    [truth.replace(/"started":\d+/, '"started":-1e300'), 1],
    [truth.replace(/("decisions":\[\{"time":)\d+/, "$18.7e15"), 1],
  ];
  for (const [body, expected] of answers) {
    const [machine, network] = prepare();
    network.instead = `HTTP/1.1 200 OK\r\n\r\n${body}`;
    const { code, err } = await machine.run("top", "--policy", "policy.toml");
    assert.equal(code, expected, body.slice(0, 99));
    if (expected === 1) assert.match(err, /what answers there is no fw-dns of this version/);
  }
});

/** What is on the screen: the last one that was drawn, without colours. */
function screenOf({ process }: FakeMachine): string[] {
  const last = process.stdout.text.split("\x1b[H").at(-1)!;
  // deno-lint-ignore no-control-regex -- escape sequences are what this is about
  return last.split("\x1b[J")[0]!.replaceAll(/\x1b\[[\d;?]*[a-zA-Z]/g, "").split("\r\n");
}

async function live(machine: FakeMachine, ms: number): Promise<void> {
  await machine.clock.advance(ms);
  for (let i = 0; i < 5; i++) await settle();
}

Deno.test("on a terminal it fits the screen, is renewed every second, and q ends it", async () => {
  const [machine, network] = prepare(true);
  machine.size = { columns: 50, rows: 14 };
  const running = machine.run("top", "--policy", "policy.toml");
  await live(machine, 100);
  assert.ok(machine.process.stdout.text.startsWith("\x1b[?1049h\x1b[?25l"));
  const screen = screenOf(machine);
  assert.equal(screen.length, 14);
  assert.ok(screen.every((line) => line.length <= 50), screen.join("\n"));
  assert.equal(screen.at(-1), "q ends");
  network.statistics.now = seen({ alarms: 77 });
  machine.size = { columns: 100, rows: 40 };
  await live(machine, 2000);
  assert.ok(screenOf(machine).some((line) => line.endsWith("77 alarms")));
  machine.type!("x");
  await settle();
  machine.type!("q");
  assert.equal((await running).code, 0);
  assert.ok(machine.process.stdout.text.endsWith("\x1b[?25h\x1b[?1049l"));
  assert.equal(machine.type, undefined);
});

Deno.test("a signal ends it too, and leaves the terminal as it was", async () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const [machine] = prepare(true);
    machine.size = { columns: 80, rows: 24 };
    const running = machine.run("top", "--policy", "policy.toml");
    await live(machine, 100);
    machine.signal(signal);
    assert.equal((await running).code, 0);
    assert.ok(machine.process.stdout.text.endsWith("\x1b[?25h\x1b[?1049l"));
  }
});

Deno.test("a firewall that is gone for a while is tried again", async () => {
  const [machine, network] = prepare(true);
  machine.size = { columns: 80, rows: 24 };
  network.instead = "";
  const running = machine.run("top", "--policy", "policy.toml");
  await live(machine, 100);
  assert.match(screenOf(machine)[0]!, /^Cannot read 127\.0\.0\.1:9153: /);
  network.instead = undefined;
  await live(machine, 1500);
  assert.match(screenOf(machine)[0]!, /^fw-dns 0\.1\.0 {2}serving/);
  machine.type!("q");
  assert.equal((await running).code, 0);
});

Deno.test("there are colours on a terminal, and none with NO_COLOR", async () => {
  for (const noColor of [false, true]) {
    const [machine] = prepare(true);
    Object.assign(machine.process, { noColor });
    machine.size = { columns: 80, rows: 24 };
    const running = machine.run("top", "--policy", "policy.toml");
    await live(machine, 100);
    assert.equal(machine.process.stdout.text.includes("\x1b[32mserving"), !noColor);
    machine.type!("q");
    await running;
  }
});
