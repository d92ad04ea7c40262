/** What counting adds to a query: the whole handler, with the observer that `fw-dns run` has, and with one that does nothing. */

import { KeptStatistics, Log, type Observer, Watch } from "../../src/observe/mod.ts";
import { createResolver } from "../../src/resolve/mod.ts";
import { Handler } from "../../src/serve/mod.ts";
import { createSystem } from "../../src/system/deno.ts";
import { ReplyBuffer } from "../../src/wire/mod.ts";
import { FakeNetwork } from "../support/fake_network.ts";
import { query } from "../support/packets.ts";
import { policyFrom } from "../support/policies.ts";
import { respondA } from "../support/upstream_answers.ts";

const { clock, random } = createSystem();
const OUT = new ReplyBuffer();
const LISTED = query({ name: "api.example.com" });
const POLICY = policyFrom(
  `allow = ["api.example.com"]\n[[upstream]]\naddress = "192.0.2.53:53"\n`,
);

async function handlerFor(observer: Observer): Promise<Handler> {
  const network = new FakeNetwork();
  network.onUdp("192.0.2.53:53", ({ bytes }, reply) => reply(respondA(bytes, "192.0.2.1")));
  const { resolve } = createResolver(POLICY, { clock, network, random }, observer);
  const handler = new Handler({ policy: POLICY, resolve, clock, observer });
  await handler.handle(LISTED, "127.0.0.1", "udp", OUT);
  return handler;
}

function watch(): Observer {
  const output = { isTerminal: false, write: () => Promise.resolve() };
  const log = new Log({ format: "text", queries: "denied" }, clock, output);
  return new Watch(log, new KeptStatistics({ clock, random, report: () => {} }));
}

function logAlone(): Observer {
  const output = { isTerminal: false, write: () => Promise.resolve() };
  return new Log({ format: "text", queries: "denied" }, clock, output);
}

const HEX = "0123456789abcdef";
/** A long name that is another one each time, written over the one before. */
function fresh(name: string): () => Uint8Array {
  const packet = query({ name });
  let number = 0;
  return () => {
    number++;
    for (let i = 0; i < 8; i++) packet[13 + i] = HEX.charCodeAt(number >>> (4 * i) & 15);
    return packet;
  };
}

const KINDS: Readonly<Record<string, () => Uint8Array>> = {
  "a listed name at hand": () => LISTED,
  "the same blocked name": ((packet) => () => packet)(query({ name: "a.b.c.evil.example" })),
  "always another name below one domain": fresh("00000000aaaaaaaaaaaaaaaaaaaaaa.evil.example"),
  "always another domain": fresh("00000000.example"),
};

for (const [what, next] of Object.entries(KINDS)) {
  for (
    const [who, observer] of [
      ["nothing", { wantsQuery: () => false, report: () => {} }],
      ["the log", logAlone()],
      ["log and statistics", watch()],
    ] as const
  ) {
    const handler = await handlerFor(observer);
    Deno.bench(`${what}: ${who}`, { group: what }, () => {
      handler.handle(next(), "127.0.0.1", "udp", OUT);
    });
  }
}
