import assert from "node:assert/strict";
import type { Network } from "../../src/system/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { FakeNetwork } from "../support/fake_network.ts";
import { FakeMachine, namedError } from "../support/fake_process.ts";
import { respond } from "../support/upstream_answers.ts";

const POLICY = 'allow = ["a.example"]\n[[upstream]]\naddress = "192.0.2.53"\n';
const ARGS = ["run", "--policy", "policy.toml"] as const;

function machine(network: Network = new FakeNetwork()): FakeMachine {
  return new FakeMachine({ "policy.toml": POLICY }, network);
}

Deno.test("run tells what it does in the original program's words, and stops on a signal", async () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const network = new FakeNetwork();
    network.onUdp("192.0.2.53:53", ({ bytes }, reply) => reply(respond(bytes)));
    const host = machine(network);
    const running = host.run(...ARGS);
    await host.clock.advance(100);
    host.signal("SIGHUP");
    await settle();
    host.signal(signal);
    for (let i = 0; i < 10; i++) await host.clock.advance(100);
    const { code, out, err } = await running;
    assert.deepEqual([code, err], [0, ""]);
    assert.deepEqual(out.split("\n"), [
      "Starting fw-dns 0.1.0 with 1 rule from policy.toml",
      "Leak bound: clients can get out at most 2,773 bits an hour (fw-dns audit tells more)",
      "Listening on 127.0.0.1:53",
      "Connected to remote DNS server 192.0.2.53:53",
      "Reloaded policy.toml: 1 rule",
      "Leak bound: clients can get out at most 2,773 bits an hour (fw-dns audit tells more)",
      `Stopping on ${signal}`,
      "",
    ]);
  }
});

Deno.test("an upstream that is silent is a warning with what to do, not an end", async () => {
  const host = machine();
  const running = host.run(...ARGS);
  await host.clock.advance(5000);
  assert.match(
    host.process.stdout.text,
    /Warning: No upstream has answered yet \(192\.0\.2\.53:53: silent\)\. fw-dns goes on asking/,
  );
  host.signal("SIGTERM");
  await host.clock.advance(100);
  assert.equal((await running).code, 0);
});

Deno.test("an error that nobody has caught is told, and does not end it", async () => {
  const host = machine();
  const running = host.run(...ARGS);
  await host.clock.advance(100);
  host.strayError(new Error("a bug"));
  host.signal("SIGTERM");
  await host.clock.advance(100);
  assert.equal((await running).code, 0);
  assert.match(host.process.stdout.text, /^Error: Internal error: Error: a bug/m);
});

const FAILURES: readonly [string, RegExp][] = [
  [
    "AddrInUse",
    /^Cannot listen on 127\.0\.0\.1:53: another program has this address\. .*sport = :53/,
  ],
  [
    "PermissionDenied",
    /^Cannot listen on 127\.0\.0\.1:53: a port below 1024 needs a privilege.*setcap/s,
  ],
  ["AddrNotAvailable", /^Cannot listen on 127\.0\.0\.1:53: this host has no such address/],
  [
    "NotCapable",
    /^Cannot listen on 127\.0\.0\.1:53: the permissions [^(]* "fw-dns permissions" prints, or .* deno task compile --policy FILE\n$/,
  ],
  ["Error", /^Cannot listen on 127\.0\.0\.1:53: no luck/],
];

for (const [name, expected] of FAILURES) {
  Deno.test(`an address that cannot be had: ${name}`, async () => {
    const network = new FakeNetwork();
    network.bindUdp = () => {
      throw namedError(name, "no luck");
    };
    const { code, err } = await machine(network).run(...ARGS);
    await settle();
    assert.equal(code, 1);
    assert.match(err, expected);
  });
}

Deno.test("sockets to the upstreams that cannot be had are told as such", async () => {
  const network = new FakeNetwork();
  const bind = network.bindUdp.bind(network);
  network.bindUdp = (address) => {
    if (address.port === 0) throw namedError("NotCapable", "Requires net access to 0.0.0.0:0");
    return bind(address);
  };
  const { code, err } = await machine(network).run(...ARGS);
  assert.equal(code, 1);
  assert.match(err, /^Cannot open sockets: the permissions .*0\.0\.0\.0:0/);
});

Deno.test("run --resolved-only without its helper says what is missing, and answers no address", async () => {
  const host = machine();
  const running = host.run(...ARGS, "--resolved-only");
  await host.clock.advance(100);
  assert.match(
    host.process.stdout.text,
    /^Warning: .*clients get no answer: the helper fw-dns-admit is not there: start it$/m,
  );
  host.signal("SIGTERM");
  await host.clock.advance(100);
  assert.equal((await running).code, 0);
});
