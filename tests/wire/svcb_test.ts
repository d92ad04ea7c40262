import assert from "node:assert/strict";
import { filterHints } from "../../src/wire/mod.ts";
import { hintsIn } from "../../src/wire/svcb.ts";
import { service } from "../support/addresses.ts";
import { u16, wireName } from "../support/packets.ts";

const MANDATORY = 0, ALPN = 1, PORT = 3, IPV4HINT = 4, ECH = 5, IPV6HINT = 6, OTHER = 65280;
const GOOD = [192, 0, 2, 1], GOOD_6 = new Array(16).fill(9);
const BAD = [66, 6, 6, 6], BAD_6 = new Array(16).fill(66);

/** Addresses that begin with 66 do not pass. */
function filter(data: Uint8Array): Uint8Array | undefined {
  return filterHints(data, (address) => {
    assert.ok(address.length === 4 || address.length === 16);
    return address[0] !== 66;
  });
}

type Values = readonly (readonly [key: number, value: readonly number[]])[];

/** What becomes of parameters; undefined: the record goes. */
const CASES: readonly [what: string, before: Values, after: Values | undefined][] = [
  ["the first address", [[IPV4HINT, [...BAD, ...GOOD]]], [[IPV4HINT, GOOD]]],
  ["the last address", [[IPV4HINT, [...GOOD, ...BAD]]], [[IPV4HINT, GOOD]]],
  ["an address of IPv6", [[IPV6HINT, [...BAD_6, ...GOOD_6, ...BAD_6]]], [[IPV6HINT, GOOD_6]]],
  [
    "an emptied parameter, and no other",
    [[ALPN, [2, 104, 50]], [PORT, [1, 187]], [IPV4HINT, BAD], [ECH, []], [IPV6HINT, GOOD_6]],
    [[ALPN, [2, 104, 50]], [PORT, [1, 187]], [ECH, []], [IPV6HINT, GOOD_6]],
  ],
  ["all parameters, where all are emptied", [[IPV4HINT, BAD], [IPV6HINT, BAD_6]], []],
  ["the record, where mandatory lists an emptied one", [
    [MANDATORY, u16(IPV4HINT)],
    [IPV4HINT, BAD],
  ], undefined],
  ["no more than an address, where mandatory lists what keeps another", [
    [MANDATORY, u16(IPV4HINT)],
    [IPV4HINT, [...BAD, ...GOOD]],
  ], [[MANDATORY, u16(IPV4HINT)], [IPV4HINT, GOOD]]],
  ["a hint that mandatory does not list", [
    [MANDATORY, u16(PORT)],
    [PORT, [1, 187]],
    [IPV4HINT, BAD],
  ], [[MANDATORY, u16(PORT)], [PORT, [1, 187]]]],
];

for (const [what, before, after] of CASES) {
  Deno.test(`bad hints take out ${what}`, () => {
    assert.deepEqual(
      filter(service(1, "a.example", before)),
      after && service(1, "a.example", after),
    );
  });
}

Deno.test("a record whose hints pass, or that has none, is the same object", () => {
  const same: readonly Uint8Array[] = [
    service(1, ".", []),
    service(65535, "a.example", []),
    service(1, "a.example", [[IPV4HINT, [...GOOD, ...GOOD]], [IPV6HINT, GOOD_6]]),
    service(1, "a.example", [[MANDATORY, [...u16(ALPN), ...u16(OTHER)]], [ALPN, [1, 120]], [
      OTHER,
      BAD,
    ]]),
    service(0, "a.example", []),
    service(0, ".", []),
  ];
  for (const data of same) assert.equal(filter(data), data, data.join());
});

Deno.test("an alias loses its parameters, well-formed or not", () => {
  const alias = service(0, "a.example", []);
  for (const rest of [[0, 4, 0, 4, ...BAD], [0, 4, 0, 4, ...GOOD], [0], [0, 4, 0, 99]]) {
    assert.deepEqual(filter(Uint8Array.from([...alias, ...rest])), alias);
  }
});

/** A name of 253 bytes. */
const LONGEST = [...new Array(126).fill([1, 97]).flat(), 0];
const HEAD = [...u16(1), ...wireName("a.example")];
const MALFORMED: readonly [what: string, data: readonly number[]][] = [
  ["nothing", []],
  ["half a priority", [0]],
  ["no name", [0, 1]],
  ["a name without an end", [0, 1, 1, 97]],
  ["a label past the end", [0, 1, 9, 97, 0]],
  ["a name that is compressed", [0, 1, 0xc0, 12]],
  ["a name that ends in a pointer", [0, 1, 1, 97, 0xc0, 12]],
  ["an alias whose name is compressed", [0, 0, 0xc0, 12]],
  ["a label of 64 bytes", [0, 1, 64, ...new Array(64).fill(97), 0]],
  ["a name of 256 bytes", [0, 1, ...LONGEST.slice(0, -1), 2, 97, 97, 0]],
  ["a key alone", [...HEAD, 0, 1]],
  ["half a length", [...HEAD, 0, 1, 0]],
  ["a value past the end", [...HEAD, 0, 1, 0, 3, 1, 2]],
  ["a byte after the last value", [...HEAD, 0, 3, 0, 2, 1, 187, 0]],
  ["one key twice", [...service(1, ".", [[PORT, [1, 187]], [PORT, [1, 187]]])]],
  ["keys that fall", [...service(1, ".", [[PORT, [1, 187]], [ALPN, [1, 120]]])]],
  ["an empty ipv4hint", [...service(1, ".", [[IPV4HINT, []]])]],
  ["an empty ipv6hint", [...service(1, ".", [[IPV6HINT, []]])]],
  ["an ipv4hint of 3 bytes", [...service(1, ".", [[IPV4HINT, [1, 2, 3]]])]],
  ["an ipv4hint of 5 bytes", [...service(1, ".", [[IPV4HINT, [...GOOD, 1]]])]],
  ["an ipv6hint of 4 bytes", [...service(1, ".", [[IPV6HINT, GOOD]])]],
  ["an ipv6hint of 17 bytes", [...service(1, ".", [[IPV6HINT, [...GOOD_6, 1]]])]],
  ["an empty alpn", [...service(1, ".", [[ALPN, []]])]],
  ["an alpn that has no letter", [...service(1, ".", [[ALPN, [0]]])]],
  ["an alpn that is longer than its value", [...service(1, ".", [[ALPN, [2, 104, 50, 3, 104]]])]],
  ["a no-default-alpn that holds something", [...service(1, ".", [[2, [0]]])]],
  ["a port of 1 byte", [...service(1, ".", [[PORT, [80]]])]],
  ["a port of 4 bytes", [...service(1, ".", [[PORT, [0, 0, 0, 80]]])]],
  ["an empty mandatory", [...service(1, ".", [[MANDATORY, []]])]],
  ["a mandatory of 3 bytes", [...service(1, ".", [[MANDATORY, [0, 3, 0]], [PORT, [1, 187]]])]],
  ["a mandatory with half a key, of which the whole is there", [
    ...service(1, ".", [[MANDATORY, [0, 3, 1]], [PORT, [1, 187]], [256, [1]]]),
  ]],
  ["a mandatory that lists itself", [...service(1, ".", [[MANDATORY, [0, 0]]])]],
  ["a mandatory that lists what is not there", [...service(1, ".", [[MANDATORY, u16(PORT)]])]],
  ["a mandatory that lists one key twice", [
    ...service(1, ".", [[MANDATORY, [0, 3, 0, 3]], [PORT, [1, 187]]]),
  ]],
];

for (const [what, data] of MALFORMED) {
  Deno.test(`a service with ${what} goes`, () => {
    assert.equal(filter(Uint8Array.from(data)), undefined);
  });
}

Deno.test("every beginning of a good record that is not one itself goes", () => {
  const whole = service(1, "a.example", [[ALPN, [2, 104, 50]], [IPV4HINT, [...GOOD, ...GOOD]]]);
  const ends = [service(1, "a.example", []), service(1, "a.example", [[ALPN, [2, 104, 50]]]), whole]
    .map(({ length }) => length);
  for (let end = 0; end <= whole.length; end++) {
    assert.equal(filter(whole.slice(0, end)) !== undefined, ends.includes(end), `${end} bytes`);
  }
});

Deno.test("the addresses of a record's hints are found, and nothing in what is no good hint", () => {
  const both = service(1, "a.example", [
    [ALPN, [2, 104, 50]],
    [IPV4HINT, [...GOOD, ...BAD]],
    [IPV6HINT, GOOD_6],
    [OTHER, GOOD],
  ]);
  assert.deepEqual(hintsIn(both).map((one) => [...one]), [GOOD, BAD, GOOD_6]);
  const alias = service(0, "a.example", [[IPV4HINT, GOOD]]);
  const ragged = service(1, ".", [[IPV4HINT, [1, 2, 3]], [IPV6HINT, GOOD_6]]);
  assert.deepEqual(hintsIn(alias), []);
  assert.deepEqual(hintsIn(ragged).map((one) => [...one]), [GOOD_6]);
  for (const cut of [0, 1, 2, both.length - 1]) assert.deepEqual(hintsIn(both.slice(0, cut)), []);
});
