/** The data of SVCB and HTTPS records (RFC 9460 2.2), as far as it holds addresses. */

import { readUint16, sameBytes, writeBytes, writeUint16 } from "./bytes.ts";
import { readName } from "./name.ts";

/** The parameters that are looked into (RFC 9460 14.3.2). */
const KEY = { MANDATORY: 0, ALPN: 1, NO_DEFAULT_ALPN: 2, PORT: 3, IPV4HINT: 4, IPV6HINT: 6 };

/** How long the addresses of a hint are, in bytes. */
const ADDRESS_BYTES: ReadonlyMap<number, number> = new Map([[KEY.IPV4HINT, 4], [KEY.IPV6HINT, 16]]);

/** What stands before a parameter's value, in bytes: its key and the value's length. */
const PARAMETER_FIXED_BYTES = 4;

interface Parameter {
  readonly key: number;
  readonly value: Uint8Array;
}

/**
 * The data of a record with only those addresses in its hints that pass: the same object where all do, undefined
 * where the record has to go. It goes where it is malformed, or needs a parameter that it has not (any more). An
 * alias (priority 0) has no use for parameters, so it loses them (RFC 9460 2.4.2).
 */
export function filterHints(
  data: Uint8Array,
  passes: (address: Uint8Array) => boolean,
): Uint8Array | undefined {
  const name = data.length < 2 ? undefined : readName(data, 2);
  if (name === undefined) return undefined;
  if (readUint16(data, 0) === 0) {
    return name.end === data.length ? data : data.slice(0, name.end);
  }
  const parameters = readParameters(data, name.end);
  if (parameters === undefined) return undefined;
  const kept: Parameter[] = [];
  for (const { key, value } of parameters) {
    const good = filterValue(key, value, passes);
    if (good === undefined) return undefined;
    if (good.length > 0 || value.length === 0) kept.push({ key, value: good });
  }
  if (!hasMandatory(kept)) return undefined;
  const filtered = write(data.subarray(0, name.end), kept);
  return sameBytes(filtered, data) ? data : filtered;
}

/** The addresses in the hints of a record; none where it is malformed, or an alias. */
export function hintsIn(data: Uint8Array): Uint8Array[] {
  const name = data.length < 2 ? undefined : readName(data, 2);
  if (name === undefined || readUint16(data, 0) === 0) return [];
  const addresses: Uint8Array[] = [];
  for (const { key, value } of readParameters(data, name.end) ?? []) {
    const isGood = filterValue(key, value, () => true) !== undefined;
    const size = isGood ? ADDRESS_BYTES.get(key) : undefined;
    if (size === undefined) continue;
    for (let at = 0; at < value.length; at += size) addresses.push(value.subarray(at, at + size));
  }
  return addresses;
}

/** Undefined where one runs past the end, or keys do not grow. */
function readParameters(data: Uint8Array, start: number): Parameter[] | undefined {
  const parameters: Parameter[] = [];
  let at = start;
  let last = -1;
  while (at < data.length) {
    const valueStart = at + PARAMETER_FIXED_BYTES;
    if (valueStart > data.length) return undefined;
    const key = readUint16(data, at);
    const end = valueStart + readUint16(data, at + 2);
    if (key <= last || end > data.length) return undefined;
    parameters.push({ key, value: data.subarray(valueStart, end) });
    last = key;
    at = end;
  }
  return parameters;
}

/** A value with only the addresses that pass; as it is where it is no hint; undefined where it is malformed. */
function filterValue(
  key: number,
  value: Uint8Array,
  passes: (address: Uint8Array) => boolean,
): Uint8Array | undefined {
  const size = ADDRESS_BYTES.get(key);
  if (size === undefined) return isWellFormed(key, value) ? value : undefined;
  if (value.length === 0 || value.length % size !== 0) return undefined;
  const good = new Uint8Array(value.length);
  let used = 0;
  for (let at = 0; at < value.length; at += size) {
    const address = value.subarray(at, at + size);
    if (passes(address)) used = writeBytes(good, used, address);
  }
  return good.subarray(0, used);
}

/** Whether the value of a parameter that is no hint is what its key wants (RFC 9460 7.1, 7.2); any, where that is not known. */
function isWellFormed(key: number, value: Uint8Array): boolean {
  switch (key) {
    case KEY.ALPN: {
      let at = 0;
      while (at < value.length && value[at]! > 0) at += 1 + value[at]!;
      return value.length > 0 && at === value.length;
    }
    case KEY.NO_DEFAULT_ALPN:
      return value.length === 0;
    case KEY.PORT:
      return value.length === 2;
    default:
      return true;
  }
}

/** Whether each key that `mandatory` lists is there, and the list is well-formed (RFC 9460 8). */
function hasMandatory(parameters: readonly Parameter[]): boolean {
  const list = parameters.find(({ key }) => key === KEY.MANDATORY)?.value;
  if (list === undefined) return true;
  if (list.length === 0 || list.length % 2 !== 0) return false;
  const keys = new Set(parameters.map(({ key }) => key));
  for (let at = 0, last = KEY.MANDATORY; at < list.length; at += 2) {
    const key = readUint16(list, at);
    if (key <= last || !keys.has(key)) return false;
    last = key;
  }
  return true;
}

function write(head: Uint8Array, parameters: readonly Parameter[]): Uint8Array {
  const size = parameters.reduce(
    (sum, { value }) => sum + PARAMETER_FIXED_BYTES + value.length,
    head.length,
  );
  const data = new Uint8Array(size);
  let at = writeBytes(data, 0, head);
  for (const { key, value } of parameters) {
    at = writeUint16(data, writeUint16(data, at, key), value.length);
    at = writeBytes(data, at, value);
  }
  return data;
}
