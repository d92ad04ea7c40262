/** The channels of a query: for each one how to plant bits that a client chose. */

import { opt, query, wireLabel, wireName } from "../../tests/support/packets.ts";
import {
  bytes,
  EDNS,
  field,
  letters,
  lettersIn,
  nameOf,
  txt,
  type Variant,
  withCase,
  withLabels,
  withOption,
} from "./plant.ts";

const ecs = withOption(8, [0, 2, 128, 0]);
const cookie = withOption(10);
const padding = withOption(12);
const unknown = withOption(65_001);

const RECORD_BYTES = 1000;
const sections = (["answer", "authority", "additional"] as const).map((section, i) =>
  bytes(`records in ${section}`, RECORD_BYTES, (name, data) => {
    const counts = [1, 0, 0, 0] as [number, number, number, number];
    counts[i + 1] = 1;
    return query({ name, counts, rest: txt(name, data) });
  })
);

const header: readonly Variant[] = [
  field("letter case", lettersIn(nameOf(0)), (name, value) => ({
    bytes: query({ name: withCase(name, value) }),
  })),
  field("message ID", 16, (name, id) => ({ bytes: query({ name, id }) })),
  field("client's port", 16, (name, port) => ({ bytes: query({ name }), port })),
  field(
    "header flags (AA TC RD RA Z AD CD)",
    7,
    (name, value) => ({ bytes: query({ name, flags: value << 4 }) }),
    96,
  ),
  field(
    "header flags (AA TC RD RA Z AD CD)",
    6,
    (name, value) => ({
      bytes: query({ name, flags: 0x100 | (value >> 4) << 9 | (value & 15) << 4 }),
    }),
    64,
  ),
  field("opcode", 4, (name, value) => ({ bytes: query({ name, flags: 0x100 | value << 11 }) })),
  field("RCODE field", 4, (name, value) => ({ bytes: query({ name, flags: 0x100 | value }) })),
];

const edns: readonly Variant[] = [
  field("EDNS: there or not", 1, (name, value) => ({
    bytes: query({ name, rest: value === 0 ? [] : opt(EDNS) }),
  })),
  field("EDNS size", 16, (name, size) => ({ bytes: query({ name, rest: opt({ size }) }) })),
  field("EDNS version", 8, (name, version) => ({
    bytes: query({ name, rest: opt({ ...EDNS, version }) }),
  })),
  field("EDNS flags (DO, Z)", 16, (name, flags) => ({
    bytes: query({ name, rest: opt({ ...EDNS, flags }) }),
  })),
  field("EDNS extended RCODE", 8, (name, extendedRcode) => ({
    bytes: query({ name, rest: opt({ ...EDNS, extendedRcode }) }),
  })),
  bytes("EDNS option: client subnet", 16, (name, rest) => ecs({ name, rest })),
  bytes("EDNS option: cookie", 40, (name, rest) => cookie({ name, rest })),
  bytes("EDNS option: padding", 400, (name, rest) => padding({ name, rest })),
  bytes("EDNS option: padding", 1000, (name, rest) => padding({ name, rest })),
  ...[400, 1000, 4000].map((length) =>
    bytes("EDNS option: unknown (65001)", length, (name, rest) => unknown({ name, rest }))
  ),
];

const question: readonly Variant[] = [
  bytes("second question", 32, (name, data) =>
    query({
      name,
      counts: [2, 0, 0, 0],
      rest: [...wireLabel(data), ...wireName(name), 0, 1, 0, 1],
    })),
  ...sections,
  ...[400, 1000, 4000].map((length) =>
    bytes(
      "bytes after the end",
      length,
      (name, rest) => query({ name, counts: [1, 0, 0, 0], rest }),
    )
  ),
  bytes(
    "labels in front of the name",
    116,
    (name, data) => query({ name: withLabels(name, letters(data)) }),
    false,
  ),
  bytes(
    "labels in front of the name",
    231,
    (name, data) => query({ name: withLabels(name, data) }),
    false,
  ),
  field("another type", 16, (name, type) => ({ bytes: query({ name, type }) }), 64),
  field("another class", 16, (name, value) => ({ bytes: query({ name, class: value }) }), 64),
  field("UDP or TCP", 1, (name, value) => ({ bytes: query({ name }), isTcp: value === 1 })),
];

/** Every channel but those that need more than one query. */
export const VARIANTS: readonly Variant[] = [...header, ...edns, ...question];

/** Plain queries that differ in nothing but the name: they show what a product varies by itself. */
export const BASELINE: Variant = {
  channel: "baseline",
  isBulk: false,
  queries: 24,
  make: (name) => ({ bytes: query({ name }), planted: new Uint8Array() }),
};
