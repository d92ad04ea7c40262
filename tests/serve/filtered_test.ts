import assert from "node:assert/strict";
import { decodeReply } from "../support/decode.ts";
import { Firewall } from "../support/firewall.ts";
import { query, record } from "../support/packets.ts";
import { respond, respondA } from "../support/upstream_answers.ts";

async function withRule(
  lines: string,
  body: (firewall: Firewall) => Promise<void>,
): Promise<void> {
  const firewall = new Firewall(
    "",
    "127.0.0.1",
    `[[rule]]\nname = "api.example.com"\n${lines}\n`,
  );
  try {
    await body(firewall);
  } finally {
    await firewall.close();
  }
}

Deno.test("an upstream that says 127.0.0.1: the client gets NODATA with an SOA, and Filtered", async () => {
  await withRule("", async (firewall) => {
    firewall.upstream.overUdp = (asked) => [respondA(asked, "127.0.0.1", 3600)];
    for (const _ of ["new", "kept"]) {
      const reply = decodeReply(await firewall.answer("api.example.com"));
      assert.deepEqual([reply.rcode, reply.answers, reply.authority], ["NOERROR", [], ["SOA"]]);
      assert.deepEqual([reply.extendedError, reply.isAuthenticated], [17, false]);
      assert.equal(firewall.recorder.last, "nodata filtered");
    }
    const plain = decodeReply((await firewall.ask(query()))!);
    assert.deepEqual([plain.rcode, plain.answers, plain.hasOpt], ["NOERROR", [], false]);
    assert.equal(firewall.upstream.seen.length, 1);
  });
});

Deno.test("with private = true the client gets 127.0.0.1", async () => {
  await withRule("private = true", async (firewall) => {
    firewall.upstream.overUdp = (asked) => [respondA(asked, "127.0.0.1")];
    const reply = decodeReply(await firewall.answer("api.example.com"));
    assert.deepEqual([reply.rcode, reply.answers], ["NOERROR", ["127.0.0.1"]]);
    assert.equal(reply.extendedError, undefined);
    assert.equal(firewall.recorder.last, "forward listed");
  });
});

Deno.test("with within the client gets what lies in it, without AD", async () => {
  await withRule('within = ["192.0.2.0/24"]', async (firewall) => {
    const answer = [[192, 0, 2, 7], [192, 0, 3, 7], [10, 0, 0, 1]].map((address) =>
      record([0xc0, 12], 1, 60, address)
    );
    firewall.upstream.overUdp = (asked) => [respond(asked, { flags: 0x81a0, answer })];
    const reply = decodeReply(await firewall.answer("api.example.com"));
    assert.deepEqual([reply.answers, reply.isAuthenticated], [["192.0.2.7"], false]);
    assert.equal(firewall.recorder.last, "forward listed");
  });
});
