/**
 * A second reader of responses, as naive as can be: it knows nothing of the code under test, follows every pointer that
 * leads back, and copies whatever it looks at.
 */

/** A record, with its owner in full and small letters, labels as lists of bytes joined by `/`. */
export interface ReferenceRecord {
  readonly owner: string;
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
  readonly data: Uint8Array;
  /** Where the data starts in the message. */
  readonly at: number;
}

/** A message, read whole. */
export interface ReferenceMessage {
  readonly bytes: Uint8Array;
  readonly id: number;
  readonly flags: number;
  readonly question: { readonly name: string; readonly type: number; readonly class: number };
  /** Where the question ends. */
  readonly questionEnd: number;
  readonly sections: readonly [
    readonly ReferenceRecord[],
    readonly ReferenceRecord[],
    readonly ReferenceRecord[],
  ];
}

/** A name that starts at a place: its labels, and where what follows it starts. Throws where it is none. */
export function nameAt(message: Uint8Array, start: number): { name: string; end: number } {
  const labels: string[] = [];
  let size = 1;
  let at = start;
  let end: number | undefined;
  for (let lowest = start;;) {
    const length = byteAt(message, at);
    if (length >= 0xc0) {
      const target = (length - 0xc0) * 256 + byteAt(message, at + 1);
      if (target >= lowest) throw new Error("a pointer that does not lead back");
      end ??= at + 2;
      lowest = at = target;
    } else if (length > 63) throw new Error("a label of no known kind");
    else if (length === 0) return { name: `${labels.join("/")}/`, end: end ?? at + 1 };
    else {
      const label = Array.from({ length }, (_, i) => byteAt(message, at + 1 + i));
      labels.push(label.map((byte) => byte > 64 && byte < 91 ? byte + 32 : byte).join(","));
      size += 1 + length;
      if (size > 255) throw new Error("a name of more than 255 bytes");
      at += 1 + length;
    }
  }
}

/** Reads a message with one question to its last byte. Throws where it is none. */
export function readMessage(message: Uint8Array): ReferenceMessage {
  const counts = [4, 6, 8, 10].map((at) => number(message, at, 2));
  if (counts[0] !== 1) throw new Error("not one question");
  const { name, end } = nameAt(message, 12);
  const question = { name, type: number(message, end, 2), class: number(message, end + 2, 2) };
  const sections: [ReferenceRecord[], ReferenceRecord[], ReferenceRecord[]] = [[], [], []];
  let at = end + 4;
  sections.forEach((section, i) => {
    for (let left = counts[i + 1]!; left > 0; left--) {
      const record = recordAt(message, at);
      section.push(record);
      at = record.at + record.data.length;
    }
  });
  if (at !== message.length) throw new Error("bytes after the end");
  return {
    bytes: message,
    id: number(message, 0, 2),
    flags: number(message, 2, 2),
    question,
    questionEnd: end + 4,
    sections,
  };
}

function recordAt(message: Uint8Array, start: number): ReferenceRecord {
  const { name, end } = nameAt(message, start);
  const length = number(message, end + 8, 2);
  if (end + 10 + length > message.length) throw new Error("data past the end");
  return {
    owner: name,
    type: number(message, end, 2),
    class: number(message, end + 2, 2),
    ttl: number(message, end + 4, 4),
    data: message.slice(end + 10, end + 10 + length),
    at: end + 10,
  };
}

function byteAt(message: Uint8Array, at: number): number {
  const byte = message[at];
  if (byte === undefined) throw new Error("ends too soon");
  return byte;
}

function number(message: Uint8Array, at: number, bytes: number): number {
  let value = 0;
  for (let i = 0; i < bytes; i++) value = value * 256 + byteAt(message, at + i);
  return value;
}
