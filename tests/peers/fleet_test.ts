/** docs/fleet.md, tried: one primary, four kinds of resolvers, and a policy that changes. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { must } from "../../scripts/must.ts";
import { fromSource, runToEnd } from "../support/program.ts";
import { FleetRoom, type Host } from "./fleet_room.ts";

const RESOLVERS = ["bind", "unbound", "recursor", "knot"] as const satisfies readonly Host[];

/** Of policies that follow each other so quickly, each has to have a serial of its own. */
let changes = 0;

/** Puts a policy in force on the primary as the guide does. */
async function publish(room: FleetRoom, ...allow: string[]): Promise<void> {
  const policy = join(room.folder, "policy.toml");
  const text = `allow = ${JSON.stringify(allow)}\n[[upstream]]\naddress = "10.53.0.9:53"\n`;
  Deno.writeTextFileSync(policy, text);
  const changed = Math.floor(Date.now() / 1000) + ++changes;
  Deno.utimeSync(policy, changed, changed);
  const launch = fromSource(["--no-prompt", "--allow-read"]);
  const { code, out, err } = await runToEnd(
    ...[launch, "export", "--to", "rpz", "--approximate", "--policy", policy] as const,
  );
  assert.equal(code, 0, err);
  const zone = room.path("primary", "var/lib/bind/fw-dns.rpz.zone");
  Deno.writeTextFileSync(`${zone}.new`, out);
  await must("named-checkzone", "fw-dns.rpz", `${zone}.new`);
  Deno.renameSync(`${zone}.new`, zone);
}

/** What clients try to get an unlisted name out, all of it in vain. */
const ATTEMPTS: readonly (readonly string[])[] = [
  ["evil.example.com"],
  ["EVIL.one.example.com"],
  ["evil.com"],
  ["evil.example.net"],
  ["evil.example.com", "TXT"],
  ["evil.example.com", "ANY"],
  ["evil.example.com", "DS"],
  ["evil.example.com", "TYPE65280"],
  ["evil.example.com", "+dnssec", "+cdflag"],
  ["evil.example.com", "+norecurse"],
  ["evil.example.com", "+tcp"],
  ["evil.example.com", "-c", "ANY"],
  ["evil.example.com", "-c", "CH"],
  ["evil.example.com", "+opcode=NOTIFY"],
  ["evil.rpz-ip"],
  ["32.1.0.0.127.evil.rpz-client-ip"],
  ["evil.fw-dns.rpz"],
];

async function attemptAll(room: FleetRoom, hosts: readonly Host[]): Promise<void> {
  const all = hosts.flatMap((host) =>
    ATTEMPTS.map(async ([name, ...words]) => {
      const heard = await room.ask(host, name!, ...words);
      assert.doesNotMatch(heard, /NOERROR [1-9]/, `${host}: ${name} ${words.join(" ")}`);
    })
  );
  await Promise.all(all);
}

Deno.test("a changed rule is in force on a whole fleet, and nothing unlisted ever goes upstream", async () => {
  const room = await FleetRoom.open();
  try {
    await publish(room, "one.example.com");
    room.start("upstream");
    for (const host of RESOLVERS) room.start(host);

    // None has a zone yet, or is even ready: nothing passes.
    await attemptAll(room, ["bind"]);
    const early = RESOLVERS.filter((host) => host !== "knot");
    await room.until(early, "localhost", /^NOERROR 1$|^nothing$/);
    for (const host of early) assert.equal(await room.ask(host, "one.example.com"), "nothing");
    await attemptAll(room, early);

    room.start("primary");
    await room.until(RESOLVERS, "one.example.com", /^NOERROR 1$/);
    await attemptAll(room, RESOLVERS);

    await publish(room, "two.example.com", "**.two.example.com");
    room.reload("primary");
    await room.until(RESOLVERS, "two.example.com", /^NOERROR 1$/);
    await room.until(RESOLVERS, "a.b.two.example.com", /^NOERROR 1$/);
    await room.until(RESOLVERS, "one.example.com", /^nothing$/);

    for (const host of RESOLVERS) await room.cut(host, true);
    await publish(room, "three.example.com");
    room.reload("primary");
    for (const host of RESOLVERS) {
      assert.equal(await room.ask(host, "two.example.com"), "NOERROR 1", `${host} keeps it`);
      assert.equal(await room.ask(host, "three.example.com"), "nothing", `${host} keeps it`);
    }
    await attemptAll(room, RESOLVERS);
    await Promise.all(RESOLVERS.map((host) => room.stop(host)));
    for (const host of RESOLVERS) room.start(host);
    await room.until(RESOLVERS, "two.example.com", /^NOERROR 1$/);
    await attemptAll(room, RESOLVERS);

    for (const host of RESOLVERS) await room.cut(host, false);
    await room.until(RESOLVERS, "three.example.com", /^NOERROR 1$/);
    await room.until(RESOLVERS, "two.example.com", /^nothing$/);

    const seen = room.text("upstream");
    assert.match(seen, /three\.example\.com/i, "the capture sees what passes");
    assert.doesNotMatch(seen, /evil/i);
  } finally {
    await room.close();
  }
});
