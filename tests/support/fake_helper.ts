/** The real helper on a machine in memory, with an nft in memory. */

import { admit } from "../../src/admit/mod.ts";
import type { StreamConnection } from "../../src/system/mod.ts";
import { type FakeClock, settle } from "./fake_clock.ts";
import { FakeNft } from "./fake_nft.ts";
import { FakeMachine } from "./fake_process.ts";
import { FakeUnix } from "./fake_unix.ts";

/** Where the helper listens. */
export const SOCKET = "/run/fw-dns-admit/admit.sock";

/** A helper that can be started, killed and started again: the sets are the kernel's, and stay. */
export class FakeHelper {
  readonly machine = new FakeMachine();
  readonly unix = new FakeUnix();
  readonly nft: FakeNft;

  constructor(readonly clock: FakeClock = new FakeMachine().clock) {
    this.nft = new FakeNft(clock);
    Object.assign(this.machine, { clock, unix: this.unix, commands: this.nft });
    this.setFolder({ mode: 0o750 });
  }

  /** What the folder of the socket is. */
  setFolder(facts: { mode: number; isFolder?: boolean }): void {
    this.machine.files.factsOf.set("/run/fw-dns-admit", {
      uid: 0,
      gid: 7,
      isFolder: true,
      ...facts,
    });
  }

  /** Starts it; the promise has its exit code. */
  async start(...args: string[]): Promise<{ code: Promise<number> }> {
    const code = admit(args, this.machine);
    await settle();
    return { code };
  }

  kill(): void {
    this.unix.kill(SOCKET);
  }

  get out(): string {
    return this.machine.process.stdout.text;
  }

  get err(): string {
    return this.machine.process.stderr.text;
  }
}

/** Someone who speaks to the helper directly. */
export class RawClient {
  text = "";
  isHungUp = false;

  constructor(readonly connection: StreamConnection) {
    void this.#read();
  }

  static async connect(unix: FakeUnix): Promise<RawClient> {
    return new RawClient(await unix.connect(SOCKET));
  }

  /** Sends text and waits for what follows from it without time. */
  async say(text: string): Promise<string> {
    this.text = "";
    await this.connection.write(new TextEncoder().encode(text)).catch(() => {});
    for (let i = 0; i < 5; i++) await settle();
    return this.text;
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(65_536);
    while (true) {
      const count = await this.connection.read(buffer);
      if (count === null) break;
      this.text += new TextDecoder().decode(buffer.subarray(0, count));
    }
    this.isHungUp = true;
  }
}
