import assert from "node:assert/strict";
import { formatResolv } from "../../../src/host/mod.ts";
import { policyFrom } from "../../support/policies.ts";

function textFor(toml: string): string {
  const text = formatResolv(policyFrom(toml));
  assert.ok(typeof text === "string", JSON.stringify(text));
  return text;
}

/** What a stub reads of it. */
function linesFor(toml: string): string[] {
  return textFor(toml).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

const listenOn = (...addresses: string[]): string =>
  `[listen]\naddresses = ${JSON.stringify(addresses)}\n`;

Deno.test("a stub is told one server, to ask it once, and not to wait long where no answer may come", () => {
  const seconds = { drop: 2, refused: 2, nxdomain: 5 };
  for (const [unlisted, timeout] of Object.entries(seconds)) {
    assert.deepEqual(linesFor(`unlisted = "${unlisted}"`), [
      "nameserver 127.0.0.1",
      `options ndots:1 timeout:${timeout} attempts:1`,
    ]);
  }
});

Deno.test("the server is on port 53, on loopback where it can be, and takes this host as a client", () => {
  const servers: readonly [listen: string, expected: string][] = [
    [listenOn("127.0.0.1:5300", "127.0.0.53:53"), "127.0.0.53"],
    [`${listenOn("10.0.7.1:53", "127.0.0.1:53")}clients = ["0.0.0.0/0"]`, "127.0.0.1"],
    [listenOn("[::1]:53"), "::1"],
    [`${listenOn("127.0.0.1:53", "10.0.7.1:53")}clients = ["10.0.7.0/24"]`, "10.0.7.1"],
  ];
  for (const [listen, expected] of servers) {
    assert.equal(linesFor(listen)[0], `nameserver ${expected}`);
  }
});

Deno.test("without port 53 there can be none, and the place to mend it is named", () => {
  const problem = formatResolv(policyFrom(listenOn("127.0.0.1:5300")));
  assert.ok(typeof problem !== "string");
  assert.deepEqual(problem.path, ["listen", "addresses"]);
  assert.match(problem.message, /no port but 53: write .* "127\.0\.0\.1:53"/);
});

Deno.test("a policy that does not serve this host is told to", () => {
  const listen = `${listenOn("10.0.7.1:53")}clients = ["10.0.8.0/24"]`;
  const problem = formatResolv(policyFrom(listen));
  assert.ok(typeof problem !== "string");
  assert.deepEqual(problem.path, ["listen", "clients"]);
  assert.match(problem.message, /list "10\.0\.7\.1" too/);
});

Deno.test("containers are sent to an address that is not loopback, which the policy has or is told to have", () => {
  const without = textFor("");
  assert.match(without, /^# {3}addresses = \["127\.0\.0\.1:53", "172\.17\.0\.1:53"\]$/m);
  const bridged = textFor(listenOn("127.0.0.1:53", "172.18.0.1:53"));
  assert.match(
    bridged,
    /^# {3}\{ "dns": \["172\.18\.0\.1"\], "dns-opts": \["timeout:2", "attempts:1"\] \}$/m,
  );
  assert.doesNotMatch(bridged, /172\.17/);
});
