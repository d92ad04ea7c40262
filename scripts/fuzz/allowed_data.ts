/** What of an upstream's messages a client may get, read with no code of the program. */

import {
  nameAt,
  readMessage,
  type ReferenceMessage,
} from "../../tests/support/reference_message.ts";

const CNAME = 5;

/** Pieces of data, for the types whose data holds names; of services what comes after the name may be left out. */
const NAMES_IN: ReadonlyMap<number, readonly (number | "name" | "string")[]> = new Map<
  number,
  readonly (number | "name" | "string")[]
>([
  [2, ["name"]],
  [5, ["name"]],
  [6, ["name", "name", 20]],
  [12, ["name"]],
  [15, [2, "name"]],
  [33, [6, "name"]],
  [35, [4, "string", "string", "string", "name"]],
  [39, ["name"]],
  [64, [2, "name"]],
  [65, [2, "name"]],
]);

/** What kind of message it is, to who has asked `asked`. */
export type Standing =
  /** Another ID, question or kind of message: as if it had not come. */
  | "foreign"
  /** Ours by its header and question, but it ends too soon, or is malformed elsewhere. */
  | "broken"
  | "ours";

/** Whether a message is the answer to a question as it was sent; letters count as they are where `caseCounts`. */
export function standingOf(message: Uint8Array, asked: Uint8Array, caseCounts: boolean): Standing {
  const end = questionEndOf(asked);
  if (message.length < end) return "foreign";
  const small = (byte: number): number => byte > 64 && byte < 91 ? byte + 32 : byte;
  for (let at = 0; at < end; at++) {
    const [a, b] = [message[at]!, asked[at]!];
    if (at === 2 ? (a & 0xf8) !== 0x80 : at === 3 || at > 5 && at < 12) continue;
    const isLetter = !caseCounts && at > 11 && at < end - 4;
    if (isLetter ? small(a) !== small(b) : at !== 2 && a !== b) return "foreign";
  }
  if ((message[2]! & 0xf8) !== 0x80) return "foreign";
  try {
    readMessage(message);
    return "ours";
  } catch {
    return "broken";
  }
}

/** Where the question of a message that we sent ends. */
export function questionEndOf(asked: Uint8Array): number {
  return nameAt(asked, 12).end + 4;
}

/** The data of the asked type that lies at the end of a chain from the asked name, as text. */
export function reachableData(message: ReferenceMessage): string[] {
  const { question, sections: [answer] } = message;
  const names = new Set([question.name]);
  for (let grown = 0; grown < names.size;) {
    grown = names.size;
    for (const { owner, type, class: records, data, at } of answer) {
      if (type !== CNAME || records !== 1 || !names.has(owner)) continue;
      names.add(targetAt(message, at, data));
    }
  }
  return answer
    .filter(({ owner, type, class: records }) =>
      type === question.type && records === 1 && names.has(owner)
    )
    .flatMap((record) => {
      try {
        return [dataText(message, record.type, record.at, record.data)];
      } catch {
        return [];
      }
    });
}

/** Data with the names in it in full, as text, so that two ways to write it are the same. Throws where it is malformed. */
export function dataText(
  message: ReferenceMessage,
  type: number,
  at: number,
  data: Uint8Array,
): string {
  const parts: string[] = [];
  let place = at;
  for (const piece of NAMES_IN.get(type) ?? [data.length]) {
    if (piece === "name") {
      const { name, end } = nameAt(message.bytes, place);
      parts.push(name);
      place = end;
    } else {
      const end = place + (piece === "string" ? 1 + message.bytes[place]! : piece);
      parts.push([...message.bytes.subarray(place, end)].join(" "));
      place = end;
    }
  }
  return parts.join("|");
}

function targetAt(message: ReferenceMessage, at: number, data: Uint8Array): string {
  try {
    const { name, end } = nameAt(message.bytes, at);
    return end === at + data.length ? name : "";
  } catch {
    return "";
  }
}
