/**
 * A link between two network namespaces, in user space: for kernels without `tc netem`, and with the same faults in
 * each run.
 *
 * Takes the names of its two ends and a seed; makes the ends in its own namespace, from where they can be moved. Each
 * line of its input is a {@linkcode Weather}, and is answered by what the link has done so far ({@linkcode Carried}).
 */

import { SeededRandom } from "../../tests/support/seeded_random.ts";
import { print } from "../print.ts";
import { Tun, untilReadable } from "./tun.ts";
import { fateOf, type Weather } from "./weather.ts";

/** How many packets came to a link, both ways, and what became of them. */
export interface Carried {
  readonly packets: number;
  readonly lost: number;
  readonly doubled: number;
}

let weather: Weather = {};
const carried = { packets: 0, lost: 0, doubled: 0 };

function carry(from: Tun, to: Tun, random: SeededRandom): void {
  for (let packet = from.read(); packet !== undefined; packet = from.read()) {
    const one = packet;
    const times = fateOf(weather, random);
    carried.packets++;
    if (times.length === 0) carried.lost++;
    if (times.length > 1) carried.doubled++;
    for (const time of times) {
      if (time === 0) to.write(one);
      else setTimeout(() => to.write(one), time);
    }
  }
}

async function run(here: Tun, there: Tun, seed: number): Promise<void> {
  const [out, back] = [new SeededRandom(seed), new SeededRandom(~seed)];
  while (true) {
    await untilReadable([here, there]);
    carry(here, there, out);
    carry(there, here, back);
  }
}

async function listen(): Promise<void> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of Deno.stdin.readable) {
    const lines = (text + decoder.decode(chunk, { stream: true })).split("\n");
    text = lines.pop()!;
    for (const line of lines) {
      weather = JSON.parse(line);
      print(JSON.stringify(carried));
    }
  }
  Deno.exit();
}

if (import.meta.main) {
  const [here, there, seed] = Deno.args;
  const ends = [new Tun(here!), new Tun(there!)] as const;
  print("ready");
  void run(...ends, Number(seed));
  await listen();
}
