import assert from "node:assert/strict";
import { decodeReply } from "../support/decode.ts";
import { until, withFirewall } from "../support/firewall.ts";
import { opt, query, record } from "../support/packets.ts";
import { respond, respondA } from "../support/upstream_answers.ts";

const [A, PTR, AAAA, HTTPS] = [1, 12, 28, 65];

Deno.test("a listed name is answered, then served again from what is kept", async () => {
  await withFirewall(async (firewall) => {
    const first = decodeReply(await firewall.answer("api.example.com"));
    assert.deepEqual([first.rcode, first.answers], ["NOERROR", ["192.0.2.1"]]);
    assert.equal(firewall.recorder.last, "forward listed");
    const again = decodeReply(await firewall.answer("API.example.COM"));
    assert.deepEqual(again.answers, first.answers);
    assert.equal(firewall.recorder.last, "serve listed");
    assert.deepEqual(firewall.upstream.names, ["api.example.com"]);
    const six = decodeReply(await firewall.answer("api.example.com", AAAA));
    assert.deepEqual(six.answers, ["2001:db8::1"]);
  });
});

Deno.test("a listed name's other types get NODATA with an SOA, and nothing goes upstream", async () => {
  await withFirewall(async (firewall) => {
    for (const type of [HTTPS, 15, 16, 255, 252, 65280]) {
      const reply = decodeReply(await firewall.answer("api.example.com", type));
      assert.deepEqual([
        reply.rcode,
        reply.answers,
        reply.authority,
        reply.ttl,
        reply.extendedError,
      ], [
        "NOERROR",
        [],
        ["SOA"],
        10,
        15,
      ]);
    }
    assert.deepEqual(firewall.upstream.seen, []);
  });
});

const UNLISTED = [
  ["drop", "evil.example", undefined],
  ["refused", "evil.example", "REFUSED"],
  ["refused", "example.com", "REFUSED"],
  ["nxdomain", "evil.example", "NXDOMAIN"],
  ["nxdomain", "sub.api.example.com", "NXDOMAIN"],
  ["nxdomain", "example.com", "NOERROR"],
  ["nxdomain", "com", "NOERROR"],
  ["nxdomain", "wild.example", "NOERROR"],
  ["nxdomain", "arpa", "NOERROR"],
  ["nxdomain", "0.127.in-addr.arpa", "NOERROR"],
  ["nxdomain", "10.in-addr.arpa", "NXDOMAIN"],
] as const;

for (const [unlisted, name, rcode] of UNLISTED) {
  Deno.test(`unlisted = "${unlisted}": ${name} gets ${rcode ?? "nothing"}`, async () => {
    await withFirewall(async (firewall) => {
      const packet = await firewall.ask(query({ name, rest: opt() }));
      const reply = packet && decodeReply(packet);
      assert.equal(reply?.rcode, rcode);
      assert.deepEqual(firewall.upstream.seen, []);
      if (reply === undefined) return;
      assert.equal(reply.extendedError, 15);
      assert.deepEqual(reply.authority, rcode === "REFUSED" ? [] : ["SOA"]);
      const plain = decodeReply((await firewall.ask(query({ name })))!);
      assert.deepEqual([plain.rcode, plain.hasOpt], [rcode, false]);
    }, `unlisted = "${unlisted}"\n`);
  });
}

Deno.test("malformed queries are dropped, whatever unlisted names get", async () => {
  await withFirewall(async (firewall) => {
    assert.equal(await firewall.ask(query({ class: 3 })), undefined);
    assert.equal(
      await firewall.ask(query({
        name: [
          1,
          0,
          4,
          ...[..."wild"].map((c) => c.charCodeAt(0)),
          7,
          ...[..."example"].map((c) => c.charCodeAt(0)),
          0,
        ],
      })),
      undefined,
    );
  }, 'unlisted = "refused"\n');
});

Deno.test("special names are answered here", async () => {
  await withFirewall(async (firewall) => {
    const ask = async (name: string, type: number): Promise<string> => {
      const reply = decodeReply(await firewall.answer(name, type));
      return [reply.rcode, ...reply.answers, ...reply.authority].join(" ");
    };
    assert.equal(await ask("localhost", A), "NOERROR 127.0.0.1");
    assert.equal(await ask("LOCALHOST", AAAA), "NOERROR ::1");
    assert.equal(await ask("any.thing.localhost", A), "NOERROR 127.0.0.1");
    assert.equal(await ask("localhost", 15), "NOERROR SOA");
    assert.equal(await ask("1.0.0.127.in-addr.arpa", PTR), "NOERROR localhost");
    assert.equal(await ask(`1.${"0.".repeat(31)}ip6.arpa`, PTR), "NOERROR localhost");
    assert.equal(await ask("use-application-dns.net", A), "NXDOMAIN SOA");
    assert.equal(await ask("_dns.resolver.arpa", 64), "NOERROR SOA");
    assert.deepEqual(firewall.upstream.seen, []);
  });
});

Deno.test("a client that is not in clients hears nothing", async () => {
  await withFirewall(async (firewall) => {
    for (const packet of [query(), query({ name: "localhost" }), new Uint8Array(5)]) {
      const { verdict, reason, name } = await firewall.outcomeOf(packet);
      assert.deepEqual([verdict, reason, name], ["drop", "client", undefined]);
    }
    assert.deepEqual(firewall.upstream.seen, []);
  }, '[listen]\naddresses = ["127.0.0.1:0"]\nclients = ["127.0.0.9"]\n');
});

Deno.test("a reply over UDP is cut at 512 bytes, or at what EDNS lets, 1232 at most", async () => {
  await withFirewall(async (firewall) => {
    const many = (count: number) => (asked: Uint8Array): Uint8Array[] => [
      respond(asked, {
        answer: Array.from({ length: count }, (_, i) => record([0xc0, 12], 1, 60, [192, 0, 2, i])),
      }),
    ];
    const fits = async (name: string, count: number, rest: number[]): Promise<boolean> => {
      firewall.upstream.overUdp = many(count);
      const reply = decodeReply((await firewall.ask(query({ name, rest })))!);
      assert.equal(reply.answers.length, reply.isTruncated ? 0 : count);
      return !reply.isTruncated;
    };
    const header = 12 + 16 + 4; // header, name "xx.wild.example" and 1 byte of root, type and class
    const room = (limit: number, fixed: number): number =>
      Math.floor((limit - header - 1 - fixed) / 16);
    assert.equal(await fits("aa.wild.example", room(512, 0), []), true);
    assert.equal(await fits("ab.wild.example", room(512, 0) + 1, []), false);
    assert.equal(await fits("ac.wild.example", room(800, 11), opt({ size: 800 })), true);
    assert.equal(await fits("ad.wild.example", room(800, 11) + 1, opt({ size: 800 })), false);
    assert.equal(await fits("ae.wild.example", room(512, 11) + 1, opt({ size: 100 })), false);
    assert.equal(await fits("af.wild.example", room(1232, 11), opt({ size: 4096 })), true);
    assert.equal(await fits("ag.wild.example", room(1232, 11) + 1, opt({ size: 4096 })), false);
  });
});

Deno.test("a truncated answer is fetched over TCP, and the client gets it over TCP", async () => {
  await withFirewall(async (firewall) => {
    const answer = Array.from({ length: 200 }, (_, i) => record([0xc0, 12], 1, 60, [192, 0, 2, i]));
    firewall.upstream.overUdp = (asked) => [respond(asked, { flags: 0x8380 })];
    firewall.upstream.overTcp = (asked) => [respond(asked, { answer })];
    assert.equal(decodeReply(await firewall.answer("api.example.com")).isTruncated, true);
    assert.equal(firewall.upstream.seen.length, 2);
  });
});

Deno.test("AD is told only to those who ask, from an upstream on loopback", async () => {
  await withFirewall(async (firewall) => {
    firewall.upstream.overUdp = (asked) => [respond(asked, { flags: 0x81a0 })];
    assert.equal(decodeReply(await firewall.answer("api.example.com")).isAuthenticated, true);
    assert.equal(decodeReply((await firewall.ask(query()))!).isAuthenticated, false);
  });
});

Deno.test("records are turned by one from reply to reply", async () => {
  await withFirewall(async (firewall) => {
    const answer = [1, 2, 3].map((i) => record([0xc0, 12], 1, 60, [192, 0, 2, i]));
    firewall.upstream.overUdp = (asked) => [respond(asked, { answer })];
    const firsts: string[] = [];
    for (let i = 0; i < 4; i++) {
      firsts.push(decodeReply(await firewall.answer("api.example.com")).answers[0]!);
    }
    assert.deepEqual(firsts, ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.1"]);
  });
});

Deno.test("an upstream that fails, lies or is silent never makes a wrong answer, and the next query goes on", async () => {
  const lies: readonly [string, (asked: Uint8Array) => readonly Uint8Array[]][] = [
    ["silence", () => []],
    ["garbage", () => [Uint8Array.from({ length: 300 }, (_, i) => i & 255)]],
    [
      "another ID",
      (
        asked,
      ) => [Uint8Array.from(respondA(asked, "6.6.6.6"), (byte, i) => i === 0 ? byte ^ 1 : byte)],
    ],
    ["SERVFAIL", (asked) => [respond(asked, { rcode: 2 })]],
  ];
  await withFirewall(async (firewall) => {
    for (const [index, [what, lie]] of lies.entries()) {
      firewall.upstream.overUdp = lie;
      const failed = decodeReply(await firewall.answer(`lie${index}.wild.example`));
      assert.deepEqual([failed.rcode, failed.answers], ["SERVFAIL", []], what);
      assert.equal(failed.extendedError, 22);
      firewall.upstream.overUdp = (asked) => [respondA(asked)];
      const good = decodeReply(await firewall.answer(`good${index}.wild.example`));
      assert.deepEqual(good.answers, ["192.0.2.1"]);
    }
  }, '[query]\ntimeout = "50ms"\ntries = 3\n');
});

Deno.test("IPv6: clients and upstreams", async () => {
  await withFirewall(
    async (firewall) => {
      assert.deepEqual(decodeReply(await firewall.answer("api.example.com")).answers, [
        "192.0.2.1",
      ]);
      assert.equal(firewall.recorder.queries.at(-1)?.client, "::1");
    },
    "",
    "::1",
  );
});

Deno.test("stopping answers what is under way, then gives every socket back", async () => {
  await withFirewall(async (firewall) => {
    let isSilent = true;
    firewall.upstream.overUdp = (asked) => isSilent ? [] : [respondA(asked)];
    const late = firewall.ask(query({ name: "late.wild.example" }));
    await until(() => firewall.upstream.seen.length > 0, "the question never went upstream");
    const stopped = firewall.daemon.stop();
    isSilent = false;
    assert.deepEqual(decodeReply((await late)!).answers, ["192.0.2.1"]);
    await stopped;
    const { hostname, port } = firewall.address;
    Deno.listen({ hostname, port }).close();
    Deno.listenDatagram({ transport: "udp", hostname, port }).close();
  }, '[query]\ntimeout = "100ms"\n');
});
