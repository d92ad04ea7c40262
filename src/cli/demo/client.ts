/** The demo's client: any program on the host, an honest one or a back door. */

import { sleep, type SocketAddress, type System } from "../../system/mod.ts";
import {
  encodeName,
  MAX_MESSAGE_BYTES,
  nameText,
  readResponse,
  type SentQuestion,
} from "../../wire/mod.ts";

/** How long the client goes on waiting after its query was dropped, in ms, to show that nothing comes. */
const SILENCE = 400;

/** How long it waits at all, in ms: to end, whatever happens. */
const PATIENCE = 5000;

/** A query, byte by byte as the client wants it. */
export interface Crafted {
  readonly name: string;
  readonly type: number;
  readonly id: number;
  readonly flags: number;
  /** Letters of the name that are written as capitals, by their place. */
  readonly isCapital?: (index: number) => boolean;
  /** The data of an EDNS option of a private number. */
  readonly option?: Uint8Array;
}

/** Writes a query as it was crafted. */
export function craftQuery(crafted: Crafted): SentQuestion {
  const name = encodeName(crafted.name);
  name.forEach((byte, i) => {
    if (byte >= 0x61 && byte <= 0x7a && crafted.isCapital?.(i)) name[i] = byte & 0xdf;
  });
  const option = crafted.option ?? new Uint8Array();
  const optData = option.length === 0 ? [] : [0xfd, 0xe9, ...uint16(option.length), ...option];
  const bytes = Uint8Array.from([
    ...uint16(crafted.id),
    ...uint16(crafted.flags),
    ...[0, 1, 0, 0, 0, 0, 0, 1],
    ...name,
    ...uint16(crafted.type),
    ...[0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0],
    ...uint16(optData.length),
    ...optData,
  ]);
  return {
    name: nameText(encodeName(crafted.name)),
    type: crafted.type,
    id: crafted.id,
    bytes,
    questionEnd: 12 + name.length + 4,
  };
}

function uint16(value: number): [number, number] {
  return [value >>> 8, value & 0xff];
}

/** What came back, in words, and after how many ms. */
export interface ClientResult {
  readonly words: string;
  readonly ms: number;
}

/** Asks the firewall over a real socket. */
export async function ask(
  sent: SentQuestion,
  { hostname, port }: SocketAddress,
  { network, clock }: Pick<System, "network" | "clock">,
  isDropped: () => boolean,
): Promise<ClientResult> {
  const socket = network.bindUdp({ hostname: "127.0.0.1", port: 0 });
  const start = clock.monotonic();
  let packet: Uint8Array | undefined;
  const received = socket.receive(new Uint8Array(MAX_MESSAGE_BYTES))
    .then(([bytes]) => void (packet = bytes.slice()))
    .catch(() => {});
  await socket.send(sent.bytes, { transport: "udp", hostname, port });
  while (packet === undefined && !isDropped() && clock.monotonic() - start < PATIENCE) {
    await sleep(clock, 1);
  }
  if (packet === undefined) await sleep(clock, SILENCE);
  socket.close();
  await received;
  const ms = Math.round(clock.monotonic() - start);
  return { words: packet === undefined ? "nothing at all" : describe(packet, sent), ms };
}

function describe(packet: Uint8Array, sent: SentQuestion): string {
  const read = readResponse(packet, sent);
  if (read.kind !== "answer") return read.kind;
  const { data, rcode } = read.answer;
  if (data.length > 0) return data.map((address) => [...address].join(".")).join(", ");
  return rcode === 0 ? "NODATA, with an SOA: there is no such record" : `RCODE ${rcode}`;
}
