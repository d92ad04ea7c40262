/**
 * A second reader of a client's query, as naive as can be: it is slow, copies everything and knows nothing of
 * the gate's code. What it rejects, the gate must reject.
 */

/** Cuts bytes off the front; throws where there are not enough. */
class Cutter {
  constructor(private rest: number[]) {}

  take(count: number): number[] {
    if (count > this.rest.length) {
      throw new Error(`wanted ${count} bytes, ${this.rest.length} left`);
    }
    const taken = this.rest.slice(0, count);
    this.rest = this.rest.slice(count);
    return taken;
  }

  number(bytes: number): number {
    return this.take(bytes).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  get left(): number {
    return this.rest.length;
  }
}

/** What the reference reader makes of a packet. */
export interface ReferenceQuery {
  readonly labels: readonly (readonly number[])[];
  readonly type: number;
  readonly id: number;
}

function must(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

/** Reads a plain query; throws where it is none. */
export function readReference(packet: Uint8Array): ReferenceQuery {
  const message = new Cutter(Array.from(packet));
  const id = message.number(2);
  const bits = message.number(2).toString(2).padStart(16, "0");
  must(bits[0] === "0", "QR");
  must(bits.slice(1, 5) === "0000", "opcode");
  must(message.number(2) === 1, "QDCOUNT");
  must(message.number(2) === 0, "ANCOUNT");
  must(message.number(2) === 0, "NSCOUNT");
  const additional = message.number(2);
  must(additional === 0 || additional === 1, "ARCOUNT");
  const labels: number[][] = [];
  let total = 1;
  while (true) {
    const length = message.number(1);
    if (length === 0) break;
    must(length <= 63, "label");
    labels.push(message.take(length));
    total += 1 + length;
  }
  must(total <= 255, "name");
  const type = message.number(2);
  must(message.number(2) === 1, "class");
  if (additional === 1) readOpt(message);
  must(message.left === 0, "bytes after the end");
  return { labels, type, id };
}

function readOpt(message: Cutter): void {
  must(message.number(1) === 0, "owner of OPT");
  must(message.number(2) === 41, "type of OPT");
  message.number(2);
  message.number(1);
  must(message.number(1) === 0, "version of EDNS");
  message.number(2);
  const options = new Cutter(message.take(message.number(2)));
  while (options.left > 0) {
    options.number(2);
    options.take(options.number(2));
  }
}
