/** A neighbour who holds nearly all ports of the host: does the next question leave from the one that is left? */

import { query } from "../../tests/support/packets.ts";
import { nameOf } from "./plant.ts";
import { Clients, PRODUCT, SYSTEM_PORTS } from "./clients.ts";
import { holdPort, holdPorts, startNeighbours } from "./hold.ts";
import type { Arrival, Upstream } from "./upstream.ts";
import { sleep } from "../sleep.ts";

/** What a neighbour reached. */
export interface Steered {
  /** Questions that clients asked. */
  readonly asked: number;
  /** Questions that came upstream. */
  readonly questions: number;
  /** Those of them that came from the port that was left. */
  readonly hits: number;
}

const ROUNDS = 3;
const QUESTIONS = 10;

/** How many names the two measurements need. */
export const STEERING_NAMES = { udp: ROUNDS * QUESTIONS, tcp: 200 } as const;

/** Where fw-dns draws the ports of TCP connections from, after truncated answers. */
export const TCP_PORTS = { first: 61_000, count: 64 } as const;

/**
 * Over UDP: all ports from 1024 on are held, but for one of those that the system gives out. In hermetic mode
 * whatever comes upstream meanwhile counts.
 */
export async function steerUdp(
  upstream: Upstream,
  firstName: number,
  isHermetic = false,
): Promise<Steered> {
  const clients = new Clients();
  // Bound before the neighbour takes what is left.
  const sockets = Array.from({ length: STEERING_NAMES.udp }, () => clients.open());
  const neighbours = await startNeighbours();
  const { first, count } = SYSTEM_PORTS;
  const held = holdPorts(first, first + count);
  const steerable = [...held.keys()];
  const seen = { questions: 0, hits: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const free = steerable[Math.floor((round + 0.5) * steerable.length / ROUNDS)]!;
    held.get(free)!.close();
    held.delete(free);
    const from = upstream.arrivals.length;
    await ask(sockets, round * QUESTIONS, firstName);
    const came = upstream.arrivals.slice(from)
      .filter(({ index = -1, how }) => how === "udp" && (isHermetic || index >= firstName));
    seen.questions += countNames(came);
    seen.hits += countNames(came.filter(({ port }) => port === free));
    const again = holdPort(free);
    if (again !== undefined) held.set(free, again);
  }
  for (const neighbour of neighbours) neighbour.kill("SIGKILL");
  for (const socket of held.values()) socket.close();
  clients.close();
  return { asked: STEERING_NAMES.udp, ...seen };
}

async function ask(
  sockets: readonly Deno.DatagramConn[],
  first: number,
  firstName: number,
): Promise<void> {
  for (let at = first; at < first + QUESTIONS; at++) {
    await sockets[at]!.send(query({ name: nameOf(firstName + at) }), PRODUCT);
    await sleep(100);
  }
}

function countNames(arrivals: readonly Arrival[]): number {
  return new Set(arrivals.map(({ index }) => index)).size;
}

/** Over TCP, after truncated answers: of the ports that fw-dns draws from all are held but one. */
export async function steerTcp(upstream: Upstream, firstName: number): Promise<Steered> {
  const { first, count } = TCP_PORTS;
  const free = first + 30;
  const held: Deno.Listener[] = [];
  for (let port = first; port < first + count; port++) {
    if (port !== free) held.push(Deno.listen({ hostname: "0.0.0.0", port }));
  }
  upstream.truncateFrom = firstName;
  const from = upstream.arrivals.length;
  const clients = new Clients();
  for (let i = 0; i < STEERING_NAMES.tcp; i++) {
    const name = nameOf(firstName + i);
    await clients.send({ bytes: query({ name }), planted: new Uint8Array() });
    await sleep(5);
  }
  await sleep(5000);
  clients.close();
  for (const listener of held) listener.close();
  const came = upstream.arrivals.slice(from).filter(({ index = -1 }) => index >= firstName);
  const overTcp = came.filter(({ how, port }) => how === "tcp" && port === free);
  return {
    asked: STEERING_NAMES.tcp,
    questions: countNames(came),
    hits: countNames(overTcp),
  };
}
