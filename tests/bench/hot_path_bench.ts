/** What one query costs: the gate, the look-up, the table, the reply, and all of it but the system's calls. */

import { parsePolicy } from "../../src/policy/mod.ts";
import { asked, decide } from "../../src/policy/mod.ts";
import { createResolver } from "../../src/resolve/mod.ts";
import { Handler } from "../../src/serve/mod.ts";
import { createSystem } from "../../src/system/deno.ts";
import { keepQuery, QueryReader, ReplyBuffer, writeReply } from "../../src/wire/mod.ts";
import { FakeNetwork } from "../support/fake_network.ts";
import { opt, query } from "../support/packets.ts";
import { policyFromList } from "../support/policies.ts";
import { respondA } from "../support/upstream_answers.ts";

const COOKIE = opt({ options: [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8] });
const [LISTED, UNLISTED] = ["api.example.com", "a.b.c.evil.example"];
const PACKET = query({ name: LISTED, rest: COOKIE });
const OUT = new ReplyBuffer();
const CLIENT = "127.0.0.1";

const reader = new QueryReader();

Deno.bench("gate: a listed name with a cookie", { group: "gate" }, () => void reader.read(PACKET));
const short = PACKET.subarray(0, 20);
Deno.bench("gate: a malformed packet", { group: "gate" }, () => void reader.read(short));

for (const count of [10, 1000, 1_000_000]) {
  const names = [LISTED, ...Array.from({ length: count }, (_, i) => `n${i}.example.net`)];
  const policy = policyFromList(names.join("\n"));
  for (const name of [LISTED, UNLISTED]) {
    const question = asked({ name, type: 1 });
    Deno.bench(`match: ${name} among ${count} names`, { group: `match ${name}` }, () => {
      decide(policy, question, 0);
    });
  }
}

const read = new QueryReader().read(PACKET);
if (read.kind === "malformed") throw new Error(read.problem);
const kept = keepQuery(read);
const answer = {
  rcode: 0,
  chain: [],
  data: [Uint8Array.of(192, 0, 2, 1)],
  ttl: 60,
  authenticated: false,
};
Deno.bench("reply: one address", { group: "reply" }, () => {
  writeReply(OUT, kept, answer, 1232);
});

/** A firewall whose upstream is in memory, and which has its answer at hand. */
async function start(): Promise<Handler> {
  const [network, { clock, random }] = [new FakeNetwork(), createSystem()];
  network.onUdp("192.0.2.53:53", ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1")));
  const policy = parsePolicy(
    new TextEncoder().encode(
      `unlisted = "refused"\nallow = ["${LISTED}"]\n[[upstream]]\naddress = "192.0.2.53:53"\n`,
    ),
    "policy.toml",
  );
  const observer = { wantsQuery: () => false, report: () => {} };
  const { resolve } = createResolver(policy, { clock, network, random }, observer);
  const handler = new Handler({ policy, resolve, clock, observer });
  await handler.handle(PACKET, CLIENT, "udp", OUT);
  return handler;
}

const handler = await start();
const refused = query({ name: UNLISTED, rest: COOKIE });
for (const [what, packet] of [["a listed name at hand", PACKET], ["refused", refused]] as const) {
  Deno.bench(`handler: ${what}`, { group: "handler" }, () => {
    handler.handle(packet, CLIENT, "udp", OUT);
  });
}
