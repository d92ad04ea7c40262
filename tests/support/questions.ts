/** Questions as an observer sees them. */

import { Buffer } from "node:buffer";
import type { QuestionSeen } from "../../src/observe/event.ts";
import { typeName, WireName } from "../../src/wire/mod.ts";
import type { SeededRandom } from "./seeded_random.ts";

/** The question for a name, as `wire/name.ts` writes it. */
export function question(name: string, type = 1): QuestionSeen {
  return { name, type, typeName: typeName(type), wire: WireName.of(name) };
}

/** What companies call their servers. */
export const HOSTS: readonly string[] = [
  "www",
  "api",
  "cdn",
  "static",
  "login",
  "mail",
  "img",
  "events",
  "telemetry",
  "ads",
];

/** Random bytes. */
export function payload(random: SeededRandom, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, () => random.below(256));
}

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

/** RFC 4648 6, without padding, in small letters. */
export function base32(bytes: Uint8Array): string {
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  return (bits.match(/.{1,5}/g) ?? []).map((five) => BASE32[parseInt(five.padEnd(5, "0"), 2)])
    .join("");
}

/** How tunnels write bytes in names: hex, base32 (iodine), base64 for the web (case is lost on the way). */
export const ENCODINGS: Readonly<Record<string, (bytes: Uint8Array) => string>> = {
  hex: (bytes) => Buffer.from(bytes).toString("hex"),
  base32,
  base64url: (bytes) => Buffer.from(bytes).toString("base64url").toLowerCase(),
};

/** Text in labels of a length at most. */
export function inLabels(text: string, length: number): string {
  return text.match(new RegExp(`.{1,${length}}`, "g"))!.join(".");
}
