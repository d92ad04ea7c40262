/** An upstream whose answers show every shape that a reply can have. */

import { record, wireName } from "../../tests/support/packets.ts";
import { questionIn } from "../../tests/support/scripted_upstream.ts";
import type { Simulation } from "../../tests/support/simulation.ts";
import { respond } from "../../tests/support/upstream_answers.ts";

const SOA = [...wireName("ns.example"), ...wireName("nobody.example"), ...Array(20).fill(1)];

/** One record of the type that is asked for. */
function dataOf(type: string, n = 1): number[] {
  switch (type) {
    case "AAAA":
      return [0x20, 1, 13, 0xb8, ...Array(11).fill(0), n];
    case "TXT":
      return [255, ...Array(255).fill(n)];
    case "PTR":
      return wireName(`host${n}.example`);
    case "SVCB":
    case "HTTPS":
      return [0, n, 0, 0, 1, 0, 3, 2, 104, 50, 0, 4, 0, 8, 203, 0, 113, n, 10, 0, 0, 1];
    default:
      return [203, 0, 113, n];
  }
}

const NUMBERS: ReadonlyMap<string, number> = new Map([
  ["A", 1],
  ["AAAA", 28],
  ["TXT", 16],
  ["PTR", 12],
  ["SVCB", 64],
  ["HTTPS", 65],
]);

/** What it says to a question over UDP; nothing where it is silent. */
function answer(asked: Uint8Array): Uint8Array | undefined {
  const [name = "", type = ""] = questionIn(asked).split(" ");
  const one = (owner: string | number[], n = 1): number[] =>
    record(owner, NUMBERS.get(type) ?? 1, 60, dataOf(type, n));
  switch (name.split(".")[0]) {
    case "big":
      return respond(asked, { answer: Array.from({ length: 90 }, (_, n) => one([0xc0, 12], n)) });
    case "text":
      return respond(asked, { answer: Array.from({ length: 6 }, (_, n) => one([0xc0, 12], n)) });
    case "alias":
      return respond(asked, {
        answer: [record([0xc0, 12], 5, 60, wireName("Real.EXAMPLE")), one("real.example")],
      });
    case "gone":
      return respond(asked, { rcode: 3, authority: [record("example", 6, 60, SOA)] });
    case "empty":
      return respond(asked, { authority: [record("example", 6, 60, SOA)] });
    case "slow":
      return undefined;
    case "inside":
      return respond(asked, { answer: [record([0xc0, 12], 1, 60, [10, 0, 0, 1])] });
    default:
      return respond(asked, { answer: [one([0xc0, 12])] });
  }
}

/** Puts it on 192.0.2.53:53. */
export function answerInAllShapes({ network }: Simulation): void {
  network.onUdp("192.0.2.53:53", ({ bytes }, reply) => {
    const message = bytes[12] === 0 ? respond(bytes) : answer(bytes);
    if (message !== undefined) reply(message);
  });
  network.onTcp("192.0.2.53:53", (bytes) => {
    const message = answer(bytes);
    return Promise.resolve(message === undefined ? null : [message]);
  });
}
