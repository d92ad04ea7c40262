/** What a measurement comes to. */

import type { Captured } from "./capture.ts";
import type { Steered } from "./steer.ts";

/** How often one query is repeated. */
export const REPEATS = [20, 20_000] as const;

/** What one channel showed. */
export interface Shown {
  readonly channel: string;
  readonly isBulk: boolean;
  /** Bits that clients chose and that could be read upstream. */
  readonly bits: number;
  /** Bits that were planted in each query. */
  readonly planted: number;
  /** How many of the queries caused anything upstream. */
  readonly came: number;
}

/** What one product showed. */
export interface Result {
  readonly title: string;
  readonly channels: readonly Shown[];
  /** What the product varies by itself, while all clients ask alike. */
  readonly noise: readonly string[];
  /** The most messages that came upstream for one query. */
  readonly most: number;
  readonly repeats: readonly { readonly sent: number; readonly came: number }[];
  /** Questions that came while the clients asked. */
  readonly caused: number;
  readonly udp: Steered;
  readonly tcp: Steered | undefined;
  /** Datagrams that the upstream has seen. */
  readonly logged: number;
  readonly captured: Captured;
}

/** As text, for another process. */
export function formatResult(result: Result): string {
  return JSON.stringify(result);
}

/** Bits in how often a query can be made to come upstream. */
export function repeatBits({ repeats }: Result): number {
  return Math.log2(Math.max(1, ...repeats.map(({ came }) => came)));
}

/** Bits in the port that a neighbour left, for each question that was asked. */
export function steeringBits({ questions, asked, hits }: Steered, ports: number): number {
  return Math.log2(ports) * hits / Math.max(questions, asked);
}

/** Bits in one query: all small channels, and the largest of those that share the room in the message. */
export function totalBits(result: Result, ports: number): number {
  const sum = result.channels.filter(({ isBulk }) => !isBulk)
    .reduce((total, { bits }) => total + bits, 0);
  const bulk = result.channels.filter(({ isBulk }) => isBulk).map(({ bits }) => bits);
  return sum + Math.max(...bulk) + repeatBits(result) + steeringBits(result.udp, ports);
}
