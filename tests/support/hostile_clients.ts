/** Clients that try everything to be seen upstream. */

import { opt, option, query } from "./packets.ts";
import { SeededRandom } from "./seeded_random.ts";
import type { ClientStream, Simulation } from "./simulation.ts";

const OPTIONS = [8, 10, 12, 15, 3, 65001];
const TYPES = [1, 28, 1, 28, 1, 28, 16, 65, 255, 10, 65280];

/** Malware that is seeded: two seeds behave differently in everything that they choose. */
export class HostileClients {
  readonly random: SeededRandom;
  readonly #streams: ClientStream[] = [];

  /** `names` are those that it asks for; `types` those of which it takes its pick. */
  constructor(
    readonly simulation: Simulation,
    readonly names: readonly string[],
    seed: number,
    readonly types: readonly number[] = TYPES,
  ) {
    this.random = new SeededRandom(seed);
  }

  /** Does one hostile thing. */
  act(): void {
    const { random } = this;
    switch (random.below(8)) {
      case 0:
        for (let i = 0; i < 50; i++) this.ask(this.#pick(this.names));
        return;
      case 1:
        return this.simulation.send(this.#noise(random.below(80)), this.#client());
      case 2:
        return this.simulation.send(query({ name: this.#secret() }), this.#client());
      case 3:
        return this.#playTcp();
      case 4: {
        const packet = this.packet(this.#pick(this.names));
        packet[random.below(packet.length)] = random.below(256);
        return this.simulation.send(packet, this.#client());
      }
      default:
        return this.ask(this.#pick(this.names));
    }
  }

  /** Asks for a name in a packet of its own making, over UDP or TCP. */
  ask(name: string, type = this.#pick(this.types)): void {
    const packet = this.packet(name, type);
    if (this.random.below(5) > 0) return this.simulation.send(packet, this.#client());
    this.simulation.network.connectClient(this.#client()).send(framed(packet));
  }

  /** A good query with everything in it that a client may choose. */
  packet(name: string, type = this.#pick(this.types)): Uint8Array {
    const { random } = this;
    const letters = [...name].map((c) => random.below(2) === 0 ? c : c.toUpperCase()).join("");
    const options = Array.from(
      { length: random.below(4) },
      () => option(this.#pick(OPTIONS), [...this.#noise(random.below(40))]),
    );
    const rest = random.below(3) === 0 ? [] : opt({
      size: random.uint16(),
      flags: random.uint16(),
      options: options.flat(),
    });
    const flags = random.uint16() & 0x07f0;
    return query({ id: random.uint16(), name: letters, type, flags, rest });
  }

  #playTcp(): void {
    const { random } = this;
    const stream = this.simulation.network.connectClient(this.#client());
    this.#streams.push(stream);
    const bytes = framed(this.packet(this.#pick(this.names)));
    const cut = random.below(bytes.length);
    stream.send(bytes.slice(0, cut));
    if (random.below(2) === 0) stream.send(bytes.slice(cut));
    if (random.below(3) === 0) stream.send(this.#noise(20));
    if (random.below(3) === 0) this.#streams.shift()!.send(null);
  }

  #client(): { hostname: string; port: number } {
    return {
      hostname: `127.0.0.${1 + this.random.below(250)}`,
      port: 1 + this.random.below(60_000),
    };
  }

  /** A name that is on no list, full of stolen bits. */
  #secret(): string {
    const label = Array.from({ length: 30 }, () => this.random.below(36).toString(36)).join("");
    return `${label}.evil.test`;
  }

  #noise(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.random.below(256));
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.random.below(from.length)]!;
  }
}

function framed(message: Uint8Array): Uint8Array {
  return Uint8Array.from([message.length >> 8, message.length & 255, ...message]);
}
