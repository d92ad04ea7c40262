/** What clients hear of a resolver on a fake network: through the real handler, as bytes. */

import type { Resolve } from "../../src/resolve/mod.ts";
import { Handler } from "../../src/serve/mod.ts";
import { ReplyBuffer } from "../../src/wire/mod.ts";
import { type DecodedReply, decodeReply } from "./decode.ts";
import type { Bench } from "./fake_resolver.ts";
import { opt, query } from "./packets.ts";

/** A query, and what came back. */
export interface Heard {
  /** Undefined while it is under way, and where it was dropped. */
  reply: DecodedReply | undefined;
  /** When it was settled, in ms since the test's start; NaN while it is under way. */
  at: number;
}

/** Clients of a bench. */
export class Served {
  readonly #handler: Handler;

  /** `layer` is what lies around resolving, if anything does. */
  constructor(readonly bench: Bench, layer = (resolve: Resolve): Resolve => resolve) {
    const { policy, clock, recorder, resolver } = bench;
    const resolve = layer(resolver.resolve);
    this.#handler = new Handler({ policy, resolve, clock, observer: recorder });
  }

  /** Puts another policy into force, as the daemon does. */
  reload(...policy: Parameters<Bench["reload"]>): void {
    this.bench.reload(...policy);
    this.#handler.reload(this.bench.policy);
  }

  /** Asks with EDNS, and notes what comes back. */
  ask(name: string, type = 1, address = "127.0.0.1"): Heard {
    const heard: Heard = { reply: undefined, at: NaN };
    const end = (reply: Uint8Array | undefined): void => {
      heard.reply = reply && decodeReply(reply);
      heard.at = this.bench.clock.monotonic();
    };
    const packet = query({ name, type, rest: opt() });
    const handled = this.#handler.handle(packet, address, "udp", new ReplyBuffer());
    if (handled instanceof Promise) void handled.then(end);
    else end(handled);
    return heard;
  }
}

/** A reply in words: its code, its data, and the extended error where it has one. */
export function tell({ reply, at }: Heard): string {
  if (Number.isNaN(at)) return "under way";
  if (reply === undefined) return "nothing";
  const { rcode, answers, extendedError } = reply;
  return [rcode, ...answers, ...(extendedError === undefined ? [] : [`EDE ${extendedError}`])]
    .join(" ");
}
