/** Addresses and services as RDATA, built from text and not by the code under test. */

import { u16, wireName } from "./packets.ts";

/** The bytes of an address; one of IPv6 without dots. */
export function addressBytes(text: string): Uint8Array {
  if (!text.includes(":")) return Uint8Array.from(text.split(".").map(Number));
  const groups = (part: string | undefined): number[] =>
    part === undefined || part === "" ? [] : part.split(":").map((group) => parseInt(group, 16));
  const [head, tail] = text.split("::").map(groups);
  const zeros = tail === undefined ? 0 : 8 - head!.length - tail.length;
  const all = [...head!, ...new Array<number>(zeros).fill(0), ...tail ?? []];
  return Uint8Array.from(all.flatMap(u16));
}

/** The data of an SVCB or HTTPS record; `.` is the root. */
export function service(
  priority: number,
  target: string,
  parameters: readonly (readonly [key: number, value: ArrayLike<number>])[],
): Uint8Array {
  return Uint8Array.from([
    ...u16(priority),
    ...wireName(target),
    ...parameters.flatMap(([key, value]) => [
      ...u16(key),
      ...u16(value.length),
      ...Array.from(value),
    ]),
  ]);
}
