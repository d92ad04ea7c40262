/** What one query costs: the gate, the look-up among many rules, the reply. */

import { asked, decide } from "../../src/policy/mod.ts";
import { readQuery, writeReply } from "../../src/wire/mod.ts";
import { opt, query } from "../support/packets.ts";
import { policyAllowing } from "../support/policies.ts";

const PACKET = query({
  name: "api.example.com",
  rest: opt({ options: [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8] }),
});
const ANSWER = {
  rcode: 0,
  chain: [],
  data: [Uint8Array.of(192, 0, 2, 1)],
  ttl: 60,
  authenticated: false,
};
const OUT = new Uint8Array(65535);
const QUERY = readQuery(PACKET);

Deno.bench("gate: a listed name with a cookie", { group: "gate" }, () => void readQuery(PACKET));
Deno.bench(
  "gate: a malformed packet",
  { group: "gate" },
  () => void readQuery(PACKET.subarray(0, 20)),
);

for (const count of [10, 1000, 100_000]) {
  const policy = policyAllowing(
    "api.example.com",
    ...Array.from({ length: count }, (_, i) => `n${i}.example.net`),
  );
  for (const name of ["api.example.com", "a.b.c.evil.example"]) {
    Deno.bench(`decide: ${name} among ${count} rules`, { group: `decide ${name}` }, () => {
      decide(policy, asked({ name, type: 1 }), 0);
    });
  }
}

Deno.bench("reply: one address", { group: "reply" }, () => {
  if (QUERY.kind === "query") writeReply(OUT, QUERY, ANSWER, 1232);
});
