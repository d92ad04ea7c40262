import assert from "node:assert/strict";
import { decodeReply } from "../support/decode.ts";
import { type Firewall, until, withFirewall } from "../support/firewall.ts";
import { opt, query } from "../support/packets.ts";
import { closeQuietly } from "../../src/system/mod.ts";
import { readMessage } from "../support/real_upstream.ts";
import { respondA } from "../support/upstream_answers.ts";

function framed(...messages: Uint8Array[]): Uint8Array {
  return Uint8Array.from(messages.flatMap((one) => [one.length >> 8, one.length & 255, ...one]));
}

/** Runs a test with one connection to a firewall. */
async function withConnection(
  body: (connection: Deno.TcpConn, firewall: Firewall) => Promise<void>,
  toml = "",
): Promise<void> {
  await withFirewall(async (firewall) => {
    const connection = await firewall.connect();
    try {
      await body(connection, firewall);
    } finally {
      closeQuietly(connection);
    }
  }, toml);
}

async function readId(connection: Deno.Conn): Promise<number> {
  return decodeReply((await readMessage(connection))!).id;
}

Deno.test("a query over TCP is answered, cut into bytes or joined with others", async () => {
  await withConnection(async (connection) => {
    const messages = [1, 2, 3].map((id) => query({ id, name: "localhost" }));
    for (const byte of framed(messages[0]!)) await connection.write(Uint8Array.of(byte));
    assert.equal(await readId(connection), 1);
    await connection.write(framed(...messages));
    const ids = [await readId(connection), await readId(connection), await readId(connection)];
    assert.deepEqual(ids, [1, 2, 3]);
  });
});

Deno.test("an answer that is at hand does not wait for one that is not", async () => {
  await withConnection(async (connection, firewall) => {
    let isSilent = true;
    firewall.upstream.overUdp = (asked) => isSilent ? [] : [respondA(asked)];
    const slow = query({ id: 1, name: "slow.wild.example" });
    await connection.write(framed(slow, query({ id: 2, name: "localhost" })));
    assert.equal(await readId(connection), 2);
    isSilent = false;
    assert.equal(await readId(connection), 1);
  }, '[query]\ntimeout = "200ms"\ntries = 20\n');
});

Deno.test("a dropped query leaves the connection as it is", async () => {
  await withConnection(async (connection, firewall) => {
    const dropped = [
      query({ name: "evil.example" }),
      query({ class: 3 }),
      new Uint8Array(3),
      new Uint8Array(60_000),
    ];
    await connection.write(framed(...dropped, query({ id: 7, name: "localhost" })));
    assert.equal(await readId(connection), 7);
    assert.deepEqual(firewall.upstream.seen, []);
  });
});

Deno.test("a length of 0 closes the connection", async () => {
  await withConnection(async (connection) => {
    await connection.write(Uint8Array.of(0, 0));
    assert.equal(await readMessage(connection).catch(() => null), null);
  });
});

Deno.test("a client that has sent its last byte still gets its replies", async () => {
  await withConnection(async (connection, firewall) => {
    let isSilent = true;
    firewall.upstream.overUdp = (asked) => isSilent ? [] : [respondA(asked)];
    await connection.write(framed(query({ id: 9, name: "half.wild.example" })));
    await connection.closeWrite();
    await until(() => firewall.upstream.seen.length > 0, "the question never went upstream");
    isSilent = false;
    assert.equal(await readId(connection), 9);
    assert.equal(await readMessage(connection), null);
  }, '[query]\ntimeout = "200ms"\ntries = 20\n');
});

Deno.test("a thousand pipelined queries get a thousand replies", async () => {
  await withConnection(async (connection) => {
    const all = Array.from(
      { length: 1000 },
      (_, id) => query({ id, name: `n${id % 100}.wild.example` }),
    );
    const writing = connection.write(framed(...all.slice(0, 500))).then(async () => {
      await connection.write(framed(...all.slice(500)));
    });
    const ids = new Set<number>();
    while (ids.size < 1000) ids.add(await readId(connection));
    await writing;
  });
});

Deno.test("replies over TCP are whole, and answer an OPT with an OPT", async () => {
  await withConnection(async (connection, firewall) => {
    await connection.write(framed(query({ rest: opt({ size: 512 }) })));
    const reply = decodeReply((await readMessage(connection))!);
    assert.deepEqual([reply.answers, reply.hasOpt, reply.isTruncated], [
      ["192.0.2.1"],
      true,
      false,
    ]);
    assert.equal(firewall.recorder.last, "forward listed");
  });
});

Deno.test("beyond tcp_connections the one that has been idle longest makes way", async () => {
  await withFirewall(async (firewall) => {
    const ask = async (connection: Deno.Conn): Promise<number> => {
      await connection.write(framed(query({ id: 5, name: "localhost" })));
      return await readId(connection);
    };
    const connections = [await firewall.connect(), await firewall.connect()];
    for (const connection of connections) assert.equal(await ask(connection), 5);
    assert.equal(await ask(connections[0]!), 5);
    const third = await firewall.connect();
    assert.equal(await ask(third), 5);
    assert.equal(await readMessage(connections[1]!).catch(() => null), null);
    assert.equal(await ask(connections[0]!), 5);
    for (const connection of [...connections, third]) closeQuietly(connection);
  }, '[listen]\naddresses = ["127.0.0.1:0"]\ntcp_connections = 2\n');
});

Deno.test("a connection without a whole query is closed after tcp_idle", async () => {
  await withConnection(async (connection) => {
    await connection.write(Uint8Array.of(0, 30, 1, 2, 3));
    assert.equal(await readMessage(connection).catch(() => null), null);
  }, '[listen]\naddresses = ["127.0.0.1:0"]\ntcp_idle = "1s"\n');
});

Deno.test("a client that is not in clients gets no connection, and nobody makes way for it", async () => {
  await withFirewall(async (firewall) => {
    for (let i = 0; i < 3; i++) {
      const connection = await firewall.connect();
      assert.equal(await readMessage(connection).catch(() => null), null);
      closeQuietly(connection);
    }
    await until(() => firewall.recorder.queries.length === 3, "it was told");
    assert.deepEqual([...new Set(firewall.recorder.queries.map(({ reason }) => reason))], [
      "client",
    ]);
  }, '[listen]\naddresses = ["127.0.0.1:0"]\nclients = ["127.0.0.9"]\n');
});

Deno.test("where none is idle the busiest connection makes way", async () => {
  await withFirewall(async (firewall) => {
    firewall.upstream.overUdp = () => [];
    const busy = await firewall.connect();
    await busy.write(
      framed(...Array.from({ length: 20 }, (_, id) => query({ id, name: `n${id}.wild.example` }))),
    );
    await until(() => firewall.upstream.seen.length === 20, "the questions never went upstream");
    const other = await firewall.connect();
    await other.write(framed(query({ id: 9, name: "localhost" })));
    assert.equal(await readId(other), 9);
    assert.equal(await readMessage(busy).catch(() => null), null);
    closeQuietly(busy);
    closeQuietly(other);
  }, '[listen]\naddresses = ["127.0.0.1:0"]\ntcp_connections = 1\n');
});
