import assert from "node:assert/strict";
import fc from "fast-check";
import { Blocked } from "../../src/observe/blocked/blocked.ts";
import { KEPT_DOMAINS } from "../../src/observe/blocked/domain_table.ts";
import { LOOKS } from "../../src/observe/blocked/sampling.ts";
import { ENCODINGS, HOSTS, inLabels, payload, question } from "../support/questions.ts";
import { SeededRandom } from "../support/seeded_random.ts";

const CLIENT = "10.0.0.7";

function setUp(): Blocked {
  return new Blocked(new SeededRandom(1), { wall: 1000, monotonic: 0 }, () => {});
}

/** Asks, a second for each thousand names: a flood is another test's. */
function askAll(blocked: Blocked, names: readonly string[], client = CLIENT): void {
  names.forEach((name, i) => {
    blocked.count(client, question(name));
    if (i % 500 === 499) blocked.endSecond();
  });
}

function bytesOf(blocked: Blocked, domain: string): number {
  return blocked.largest(KEPT_DOMAINS).find((one) => one.domain === domain)?.bytes ?? 0;
}

for (const [encoding, encode] of Object.entries(ENCODINGS)) {
  for (
    const [size, length, sequence] of [[100, 60, ""], [20, 63, "counted"], [110, 20, ""]] as const
  ) {
    Deno.test(`${size} bytes a name in ${encoding}, in labels of ${length}${sequence && `, ${sequence}`}: known within a factor of 2`, () => {
      const [blocked, random] = [setUp(), new SeededRandom(2)];
      const names = Array.from({ length: 300 }, (_, i) => {
        const data = inLabels(encode(payload(random, size)), length);
        return `${data}.${sequence && `n${i}.`}t.tunnel.example`;
      });
      askAll(blocked, names);
      const [estimate, truth] = [bytesOf(blocked, "tunnel.example"), 300 * size];
      assert.ok(estimate > truth / 2 && estimate < truth * 2, `${estimate}, not ${truth}`);
      askAll(blocked, names);
      assert.equal(bytesOf(blocked, "tunnel.example"), estimate, "nothing of that is new");
    });
  }
}

Deno.test("what people's programs ask for stays small, however often they ask", () => {
  const blocked = setUp();
  for (let round = 0; round < 1000; round++) {
    for (const name of ["tracking.example.com", "www.x.y", "x.y", "a.b.example.org"]) {
      for (const type of [1, 28, 65]) blocked.count(CLIENT, question(name, type));
    }
  }
  for (const { domain, bytes, queries } of blocked.largest(10)) {
    assert.ok(bytes < 10, `${domain}: ${bytes}`);
    assert.ok(queries >= 3000, `${domain}: ${queries}`);
  }
});

Deno.test("twenty servers of one company are a few dozen bytes", () => {
  const blocked = setUp();
  askAll(blocked, HOSTS.flatMap((host) => [`${host}.example.com`, `${host}.eu.example.com`]));
  const bytes = bytesOf(blocked, "example.com");
  assert.ok(bytes > 20 && bytes < 60, `${bytes}`);
});

Deno.test("labels that were there before still say which they are: a dictionary is no way around it", () => {
  const [blocked, random] = [setUp(), new SeededRandom(3)];
  const words = Array.from({ length: 256 }, (_, i) => `word${i}`);
  askAll(blocked, words.map((word) => `${word}.tunnel.example`));
  const before = bytesOf(blocked, "tunnel.example");
  // A byte in each label.
  const names = Array.from(
    { length: 500 },
    () => `${[...payload(random, 8)].map((byte) => words[byte]).join(".")}.tunnel.example`,
  );
  askAll(blocked, names);
  const bytes = bytesOf(blocked, "tunnel.example") - before;
  assert.ok(bytes > 2000 && bytes < 8000, `${bytes}, not 4000`);
});

Deno.test("a type that nobody asks for says something too, once", () => {
  const blocked = setUp();
  blocked.count(CLIENT, question("a.example.com"));
  const before = bytesOf(blocked, "example.com");
  for (let round = 0; round < 3; round++) {
    for (let type = 1000; type < 1500; type++) {
      blocked.count(CLIENT, question("a.example.com", type));
    }
  }
  const bytes = bytesOf(blocked, "example.com") - before;
  assert.ok(bytes > 900 && bytes <= 1000, `${bytes}, not 1000`);
});

Deno.test("names are grouped by what somebody has registered, and those without by themselves", () => {
  const blocked = setUp();
  const suffixes = ["co.uk", "uk", "github.io", "io", "intranet"];
  blocked.groupBy((name) => {
    const labels = name.split(".");
    const at = labels.findIndex((_, i) => suffixes.includes(labels.slice(i).join(".")));
    return at === 0 ? undefined : labels.slice(at - 1).join(".");
  });
  askAll(blocked, [
    "a.b.shop.co.uk",
    "c.shop.co.uk",
    "me.github.io",
    "github.io",
    "x.me.github.io",
  ]);
  askAll(blocked, ["intranet", "host.intranet"]);
  const found = blocked.largest(10).map(({ domain, queries }) => `${domain} ${queries}`).sort();
  const expected = [
    "github.io 1",
    "host.intranet 1",
    "intranet 1",
    "me.github.io 2",
    "shop.co.uk 2",
  ];
  assert.deepEqual(found, expected);
});

Deno.test("the largest client of a domain and its newest names are told, and not many", () => {
  const blocked = setUp();
  for (let i = 0; i < 100; i++) {
    askAll(blocked, [`n${i}.evil.example`], `10.0.1.${i}`);
    blocked.keepExample(`n${i}.evil.example`, "A");
    askAll(blocked, [`thisisalongone${i}.evil.example`]);
  }
  const [{ client, examples, names, queries }] = blocked.largest(1) as [
    ReturnType<Blocked["largest"]>[0],
  ];
  assert.deepEqual([client, names, queries], [CLIENT, 200, 200]);
  assert.equal(examples.length, 5);
  assert.deepEqual(examples[0], { name: "n99.evil.example", type: "A" });
});

/** What a label of eight digits carries. */
const NAME_BYTES = 8 * Math.log2(10) / 8;

/** The bound that the list states, against exact counts. */
Deno.test("an example has its type's own name, as the log tells it, be it counted by that or not", () => {
  const blocked = setUp();
  blocked.count(CLIENT, question("a.example.com", 44));
  assert.deepEqual(blocked.largest(1)[0]!.examples, [{ name: "a.example.com", type: "SSHFP" }]);
});

Deno.test("the list has every domain that is larger than its smallest, each right within its error", () => {
  // Many more domains than places, a few of them large; the names carry about 5 bytes each.
  const stream = fc.record({
    seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    domains: fc.integer({ min: KEPT_DOMAINS / 2, max: 3 * KEPT_DOMAINS }),
  });
  fc.assert(
    fc.property(stream, ({ seed, domains }) => {
      const [blocked, random] = [setUp(), new SeededRandom(seed)];
      const exact = new Map<string, number>();
      for (let i = 0; i < 8000; i++) {
        const large = random.below(3) === 0;
        const domain = `d${large ? random.below(20) : random.below(domains)}.example`;
        blocked.count(CLIENT, question(`${`00000000${i}`.slice(-8)}.${domain}`));
        exact.set(domain, (exact.get(domain) ?? 0) + NAME_BYTES);
        if (i % (LOOKS / 2) === 0) blocked.endSecond();
      }
      const list = blocked.largest(KEPT_DOMAINS);
      const smallest = Math.min(...list.map(({ bytes, error }) => bytes + error));
      const listed = new Map(list.map((one) => [one.domain, one]));
      for (const [domain, bytes] of exact) {
        const one = listed.get(domain);
        // Now and then a new name looks as if it had been there, and each query counts as a bit of its own.
        const slack = bytes * 0.03 + 2 * NAME_BYTES;
        if (one === undefined) {
          assert.equal(list.length, KEPT_DOMAINS);
          assert.ok(bytes <= smallest + slack, `${domain}: ${bytes}`);
        } else {
          assert.ok(one.bytes <= bytes + slack, `${domain}: ${bytes}, not ${one.bytes}`);
          assert.ok(
            bytes <= one.bytes + one.error + slack,
            `${domain}: ${bytes}, not ${one.bytes}`,
          );
        }
      }
    }),
    { numRuns: 10 },
  );
});

Deno.test("in a flood of domains the largest is still found, right within a fifth, and the sum too", () => {
  const [blocked, random] = [setUp(), new SeededRandom(4)];
  let [tunnel, noise] = [0, 0];
  for (let i = 0; i < 200_000; i++) {
    blocked.count("10.0.0.9", question(`${random.uint16()}x${i}.flood`));
    noise += `x${i}`.length * 5.17 / 8 + 3;
    if (i % 20 === 0) {
      blocked.count(CLIENT, question(`${ENCODINGS.hex!(payload(random, 25))}.tunnel.example`));
      tunnel += 25;
    }
    if (i % 50_000 === 49_999) blocked.endSecond();
  }
  const [first] = blocked.largest(1);
  assert.deepEqual([first?.domain, first?.client], ["tunnel.example", CLIENT]);
  assert.ok(Math.abs(first!.bytes - tunnel) < tunnel / 5, `${first!.bytes}, not ${tunnel}`);
  const rest = blocked.bytes - first!.bytes;
  assert.ok(rest > noise / 2 && rest < noise * 2, `${rest}, not ${noise}`);
});
