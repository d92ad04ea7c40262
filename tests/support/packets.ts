/** Packets for tests, built from pieces and not by the code under test. */

/** A 16-bit number in network byte order. */
export function u16(value: number): number[] {
  return [(value >> 8) & 0xff, value & 0xff];
}

/** A 32-bit number in network byte order. */
export function u32(value: number): number[] {
  return [...u16(Math.floor(value / 0x10000)), ...u16(value % 0x10000)];
}

/** The wire form of a name whose labels are plain text. */
export function wireName(name: string): number[] {
  const labels = name.split(".").filter((label) => label !== "");
  return [...labels.flatMap((label) => wireLabel(label)), 0];
}

/** One label, whatever its bytes. */
export function wireLabel(label: string | readonly number[]): number[] {
  const bytes = typeof label === "string" ? [...label].map((c) => c.charCodeAt(0)) : [...label];
  return [bytes.length, ...bytes];
}

/** The fields of a query; each has the value of a plain query where it is not named. */
export interface QueryFields {
  id?: number;
  flags?: number;
  counts?: readonly [number, number, number, number];
  /** The name's bytes, or its text. */
  name?: string | readonly number[];
  type?: number;
  class?: number;
  /** Everything after the question. */
  rest?: readonly number[];
}

/** A query: by default `api.example.com A` with ID 0x1234 and RD. */
export function query(fields: QueryFields = {}): Uint8Array {
  const { id = 0x1234, flags = 0x0100, name = "api.example.com", rest = [] } = fields;
  const counts = fields.counts ?? [1, 0, 0, rest.length > 0 ? 1 : 0];
  return Uint8Array.from([
    ...u16(id),
    ...u16(flags),
    ...counts.flatMap(u16),
    ...(typeof name === "string" ? wireName(name) : name),
    ...u16(fields.type ?? 1),
    ...u16(fields.class ?? 1),
    ...rest,
  ]);
}

/** The fields of an OPT record. */
export interface OptFields {
  owner?: readonly number[];
  type?: number;
  size?: number;
  extendedRcode?: number;
  version?: number;
  flags?: number;
  options?: readonly number[];
  /** Where it is to differ from the options' true length. */
  length?: number;
}

/** An OPT record: by default what `dig` sends. */
export function opt(fields: OptFields = {}): number[] {
  const { options = [] } = fields;
  return [
    ...(fields.owner ?? [0]),
    ...u16(fields.type ?? 41),
    ...u16(fields.size ?? 1232),
    fields.extendedRcode ?? 0,
    fields.version ?? 0,
    ...u16(fields.flags ?? 0),
    ...u16(fields.length ?? options.length),
    ...options,
  ];
}

/** An EDNS option. */
export function option(code: number, data: readonly number[]): number[] {
  return [...u16(code), ...u16(data.length), ...data];
}

/** A resource record. */
export function record(
  owner: string | readonly number[],
  type: number,
  ttl: number,
  data: readonly number[],
  recordClass = 1,
): number[] {
  return [
    ...(typeof owner === "string" ? wireName(owner) : owner),
    ...u16(type),
    ...u16(recordClass),
    ...u32(ttl),
    ...u16(data.length),
    ...data,
  ];
}

/** Sections of a response, as whole records. */
export interface Sections {
  answer?: readonly (readonly number[])[];
  authority?: readonly (readonly number[])[];
  additional?: readonly (readonly number[])[];
  flags?: number;
  rcode?: number;
  id?: number;
  rest?: readonly number[];
}

/** A response to a question whose message is `asked`: same ID and same question. */
export function responseTo(asked: Uint8Array, questionEnd: number, sections: Sections): Uint8Array {
  const { answer = [], authority = [], additional = [], rest = [] } = sections;
  return Uint8Array.from([
    ...(sections.id === undefined ? asked.subarray(0, 2) : u16(sections.id)),
    ...u16((sections.flags ?? 0x8180) | (sections.rcode ?? 0)),
    ...u16(1),
    ...u16(answer.length),
    ...u16(authority.length),
    ...u16(additional.length),
    ...asked.subarray(12, questionEnd),
    ...answer.flat(),
    ...authority.flat(),
    ...additional.flat(),
    ...rest,
  ]);
}

/** Bytes as hexadecimal text. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
