/** Queries of odd shapes: only what is plain may be answered. */

import {
  opt,
  type OptFields,
  option,
  query,
  type QueryFields,
  record,
  u16,
} from "../../tests/support/packets.ts";
import { type Labels, wireOf } from "./question.ts";

/** A packet, and what is odd about it. */
export interface Shape {
  readonly edge: string;
  readonly packet: Uint8Array;
}

const A = 1;
const OPCODES = [...Array(15).keys()].map((i) => i + 1);
const CLASSES = [0, 2, 3, 4, 254, 255, 65280];
const FLAGS: readonly (readonly [string, number])[] = [
  ["RD clear", 0],
  ["AD", 0x0120],
  ["CD", 0x0110],
  ["TC", 0x0300],
  ["AA", 0x0500],
  ["RA", 0x0180],
  ["Z", 0x0140],
  ["an RCODE in a query", 0x010f],
  ["all flags of a query", 0x07ff],
];

/** All shapes, around a question for a name's address. */
export function* shapesOf(labels: Labels): Generator<Shape> {
  const name = wireOf(labels);
  const make = (fields: QueryFields) => query({ id: 0, name, ...fields });
  yield { edge: "QR set", packet: make({ flags: 0x8180 }) };
  for (const [edge, flags] of FLAGS) yield { edge, packet: make({ flags }) };
  for (const code of OPCODES) yield { edge: "another opcode", packet: make({ flags: code << 11 }) };
  for (const one of CLASSES) yield { edge: "another class", packet: make({ class: one }) };
  yield* countsOf(make, name);
  yield* ednsOf(make);
  yield* brokenOf(make, name);
}

type Make = (fields: QueryFields) => Uint8Array;

function* countsOf(make: Make, name: number[]): Generator<Shape> {
  const question = [...name, ...u16(A), ...u16(1)];
  const other = record("evil.test", A, 60, [192, 0, 2, 9]);
  yield {
    edge: "no question",
    packet: query({ id: 0, counts: [0, 0, 0, 0], name: [] }).slice(0, 12),
  };
  yield { edge: "a question that is not counted", packet: make({ counts: [0, 0, 0, 0] }) };
  yield { edge: "two questions", packet: make({ counts: [2, 0, 0, 0], rest: question }) };
  yield {
    edge: "two questions",
    packet: make({ counts: [2, 0, 0, 0], rest: [0xc0, 12, 0, 28, 0, 1] }),
  };
  yield { edge: "more questions counted than there are", packet: make({ counts: [2, 0, 0, 0] }) };
  yield {
    edge: "more questions counted than there are",
    packet: make({ counts: [0xffff, 0, 0, 0] }),
  };
  yield { edge: "a record in answer", packet: make({ counts: [1, 1, 0, 0], rest: other }) };
  yield { edge: "a record in authority", packet: make({ counts: [1, 0, 1, 0], rest: other }) };
  yield { edge: "a record in additional", packet: make({ counts: [1, 0, 0, 1], rest: other }) };
  yield { edge: "more records counted than there are", packet: make({ counts: [1, 1, 0, 0] }) };
  yield { edge: "more records counted than there are", packet: make({ counts: [1, 0, 0, 1] }) };
  yield { edge: "an OPT in answer", packet: make({ counts: [1, 1, 0, 0], rest: opt() }) };
  yield {
    edge: "a record beside an OPT",
    packet: make({ counts: [1, 0, 0, 2], rest: [...opt(), ...other] }),
  };
  yield { edge: "two OPTs", packet: make({ counts: [1, 0, 0, 2], rest: [...opt(), ...opt()] }) };
  yield {
    edge: "TSIG",
    packet: make({ counts: [1, 0, 0, 1], rest: record([0], 250, 0, Array(26).fill(0), 255) }),
  };
  yield { edge: "bytes after the end", packet: make({ counts: [1, 0, 0, 0], rest: [0] }) };
  yield {
    edge: "bytes after the end",
    packet: make({ counts: [1, 0, 0, 0], rest: Array(100).fill(0x41) }),
  };
  yield { edge: "bytes after the end", packet: make({ rest: [...opt(), 0] }) };
}

function* ednsOf(make: Make): Generator<Shape> {
  const edns = (edge: string, fields: OptFields): Shape => ({
    edge,
    packet: make({ rest: opt(fields) }),
  });
  const ecs = option(8, [0, 1, 24, 0, 192, 0, 2]);
  yield edns("EDNS", {});
  yield edns("EDNS", { size: 0 });
  yield edns("EDNS", { size: 65_535 });
  yield edns("EDNS with DO", { flags: 0x8000 });
  yield edns("EDNS with other flags", { flags: 0x7fff });
  yield edns("EDNS with an extended RCODE", { extendedRcode: 255 });
  yield edns("EDNS version 1", { version: 1 });
  yield edns("EDNS version 255", { version: 255 });
  yield edns("EDNS: a cookie", { options: option(10, Array(8).fill(7)) });
  yield edns("EDNS: a cookie of the wrong length", { options: option(10, Array(5).fill(7)) });
  yield edns("EDNS: a client subnet", { options: ecs });
  yield edns("EDNS: a client subnet that cannot be", { options: option(8, [0, 9, 200, 1, 1]) });
  yield edns("EDNS: padding", { options: option(12, Array(100).fill(0)) });
  yield edns("EDNS: keepalive", { options: option(11, []) });
  yield edns("EDNS: NSID", { options: option(3, []) });
  yield edns("EDNS: an unknown option", { options: option(65_001, Array(200).fill(0x41)) });
  yield edns("EDNS: an option past the end of its OPT", { options: [...u16(10), ...u16(50), 1] });
  yield edns("EDNS: half an option", { options: [0, 10, 0] });
  yield edns("EDNS: an OPT past the end of the message", { length: 40 });
  yield edns("EDNS: an OPT shorter than it is", { options: ecs, length: 4 });
  yield edns("EDNS: an OPT that is not at the root", { owner: [1, 0x61, 0] });
  yield edns("EDNS: an OPT whose owner is a pointer", { owner: [0xc0, 12] });
}

function* brokenOf(make: Make, name: number[]): Generator<Shape> {
  const whole = make({});
  yield { edge: "a header alone", packet: whole.slice(0, 12) };
  yield { edge: "half a header", packet: whole.slice(0, 7) };
  yield { edge: "cut within the name", packet: whole.slice(0, 15) };
  yield { edge: "cut within the type", packet: whole.slice(0, -3) };
  yield { edge: "cut within the class", packet: whole.slice(0, -1) };
  yield { edge: "a name that points to itself", packet: make({ name: [0xc0, 12] }) };
  yield { edge: "a name that points into the header", packet: make({ name: [0xc0, 4] }) };
  yield { edge: "a name that points past the end", packet: make({ name: [0xc0, 0xff] }) };
  yield {
    edge: "a name that ends with a pointer",
    packet: make({ name: [...name.slice(0, -1), 0xc0, 4] }),
  };
  yield { edge: "a label of the kind 0x40", packet: make({ name: [0x41, 0x61, ...name] }) };
  yield { edge: "a label of the kind 0x80", packet: make({ name: [0x81, 0x61, ...name] }) };
  yield {
    edge: "a label of 64 bytes",
    packet: make({ name: [64, ...Array(64).fill(0x61), ...name] }),
  };
  const long = Array.from({ length: 4 }, () => [63, ...Array(63).fill(0x61)]).flat();
  yield { edge: "a name of more than 255 bytes", packet: make({ name: [...long, ...name] }) };
}
