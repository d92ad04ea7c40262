import assert from "node:assert/strict";
import { type Notifier, openNotifier } from "../../src/host/mod.ts";
import type { UnixSockets } from "../../src/system/mod.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { namedError } from "../support/fake_host.ts";

/** A program that systemd may have started, and what systemd hears of it. */
class Room {
  readonly clock = new FakeClock();
  readonly heard: string[] = [];
  readonly warnings: string[] = [];
  /** Where sockets of our own were bound. */
  readonly bound: string[] = [];
  isClosed = false;
  /** What becomes of each packet. */
  deliver = (): Promise<void> => Promise.resolve();
  bindError: Error | undefined;

  readonly unix: UnixSockets = {
    bindDatagram: (path) => {
      if (this.bindError !== undefined) throw this.bindError;
      this.bound.push(path);
      return {
        receive: () => new Promise(() => {}),
        close: () => void (this.isClosed = true),
        send: async (packet, to) => {
          await this.deliver();
          this.heard.push(`${to}: ${new TextDecoder().decode(packet)}`);
          return packet.length;
        },
      };
    },
    connect: () => Promise.reject(namedError("NotFound", "No such socket")),
    listen: () => {
      throw namedError("NotFound", "No such folder");
    },
  };

  constructor(readonly variables: Readonly<Record<string, string>>) {}

  open(): Notifier {
    const process = { environment: (name: string) => this.variables[name], pid: 4711 };
    const { clock, unix } = this;
    return openNotifier({ clock, unix, process }, (message) => this.warnings.push(message));
  }
}

const SYSTEMD = { NOTIFY_SOCKET: "/run/systemd/notify" };
/** Six seconds. */
const WATCHED = { ...SYSTEMD, WATCHDOG_USEC: "6000000" };

Deno.test("where systemd did not start it, nothing is bound, sent or timed", async () => {
  for (const variables of [{}, { NOTIFY_SOCKET: "", WATCHDOG_USEC: "6000000" }]) {
    const room = new Room(variables);
    const notifier = room.open();
    notifier.ready("Serving");
    notifier.reloading();
    await room.clock.advance(60_000);
    await notifier.stopping();
    assert.deepEqual([room.bound, room.heard, room.warnings, room.clock.timers], [[], [], [], 0]);
  }
});

Deno.test("systemd hears of the start, a reload and the end, in this order", async () => {
  const room = new Room(SYSTEMD);
  let slow = 2;
  room.deliver = () => slow-- > 0 ? settle() : Promise.resolve();
  const notifier = room.open();
  notifier.ready("Serving 2 rules");
  notifier.reloading();
  notifier.ready("Serving 3 rules");
  await notifier.stopping();
  assert.deepEqual(room.bound, ["/run/fw-dns/notify.sock"]);
  assert.deepEqual(room.heard, [
    "/run/systemd/notify: READY=1\nSTATUS=Serving 2 rules",
    "/run/systemd/notify: RELOADING=1\nSTATUS=Reading the new policy",
    "/run/systemd/notify: READY=1\nSTATUS=Serving 3 rules",
    "/run/systemd/notify: STOPPING=1\nSTATUS=Answering what is under way",
  ]);
  assert.equal(room.isClosed, true);
});

Deno.test("a status cannot say more than a status", async () => {
  const room = new Room(SYSTEMD);
  room.open().ready("Serving\nMAINPID=1");
  await settle();
  assert.deepEqual(room.heard, ["/run/systemd/notify: READY=1\nSTATUS=Serving MAINPID=1"]);
});

Deno.test("the socket of our own lies in the first folder that systemd made for it", () => {
  const room = new Room({ ...SYSTEMD, RUNTIME_DIRECTORY: "/run/fw-dns-2:/run/other" });
  room.open();
  assert.deepEqual(room.bound, ["/run/fw-dns-2/notify.sock"]);
});

Deno.test("the watchdog is fed three times in its interval, from the first READY to the end", async () => {
  const room = new Room(WATCHED);
  const notifier = room.open();
  await room.clock.advance(10_000);
  assert.equal(room.heard.length, 0);
  notifier.ready("Serving");
  notifier.ready("Serving");
  await room.clock.advance(6000);
  assert.equal(room.heard.filter((text) => text.endsWith(": WATCHDOG=1")).length, 3);
  await notifier.stopping();
  assert.equal(room.clock.timers, 0);
});

Deno.test("a watchdog that is meant for another process, or for none, is not fed", async () => {
  for (
    const variables of [
      { ...WATCHED, WATCHDOG_PID: "1" },
      { ...SYSTEMD, WATCHDOG_USEC: "0" },
      { ...SYSTEMD, WATCHDOG_USEC: "soon" },
    ]
  ) {
    const room = new Room(variables);
    room.open().ready("Serving");
    await room.clock.advance(60_000);
    assert.deepEqual([room.heard.length, room.clock.timers], [1, 0]);
  }
  const ours = new Room({ ...WATCHED, WATCHDOG_PID: "4711" });
  ours.open().ready("Serving");
  assert.equal(ours.clock.timers, 1);
});

Deno.test("a watchdog with more patience than a timer has is fed as rarely as a timer can", async () => {
  const room = new Room({ ...SYSTEMD, WATCHDOG_USEC: "9999999999999999" });
  room.open().ready("Serving");
  await room.clock.advance(2 ** 31);
  assert.equal(room.heard.filter((text) => text.endsWith(": WATCHDOG=1")).length, 1);
});

Deno.test("a socket of systemd's that has no path is named in a warning, and not tried", async () => {
  const room = new Room({ NOTIFY_SOCKET: "@/org/example" });
  const notifier = room.open();
  notifier.ready("Serving");
  await notifier.stopping();
  assert.deepEqual([room.bound, room.heard], [[], []]);
  assert.equal(room.warnings.length, 1);
  assert.match(room.warnings[0]!, /NOTIFY_SOCKET=@\/org\/example is not a path.*Type=exec/);
});

Deno.test("a socket of our own that cannot be had is a warning, no end", async () => {
  const room = new Room(WATCHED);
  room.bindError = namedError("NotCapable", "Requires write access");
  const notifier = room.open();
  notifier.ready("Serving");
  await notifier.stopping();
  assert.deepEqual([room.warnings.length, room.clock.timers], [1, 0]);
  assert.match(room.warnings[0]!, /^Cannot tell systemd .*: Requires write access\. Use the unit/);
});

Deno.test("failures in a row are one warning, and the watchdog is fed again afterwards", async () => {
  const room = new Room(WATCHED);
  room.deliver = () => Promise.reject(namedError("NotFound", "No such socket"));
  room.open().ready("Serving");
  await room.clock.advance(6000);
  assert.equal(room.warnings.length, 1);
  room.deliver = () => Promise.resolve();
  await room.clock.advance(2000);
  assert.deepEqual(room.heard, ["/run/systemd/notify: WATCHDOG=1"]);
  room.deliver = () => Promise.reject(namedError("NotFound", "No such socket"));
  await room.clock.advance(2000);
  assert.equal(room.warnings.length, 2);
});

Deno.test("where systemd does not read, nothing piles up", async () => {
  const room = new Room(WATCHED);
  let sent = 0;
  let goOn = (): void => {};
  room.deliver = () => {
    sent++;
    return new Promise((resolve) => goOn = resolve);
  };
  room.open().ready("Serving");
  await room.clock.advance(60_000);
  assert.equal(sent, 1);
  room.deliver = () => Promise.resolve();
  goOn();
  await room.clock.advance(2000);
  assert.deepEqual(room.heard.map((text) => text.split("\n")[0]), [
    "/run/systemd/notify: READY=1",
    "/run/systemd/notify: WATCHDOG=1",
  ]);
});
