/** TUN devices (Linux): network interfaces whose packets a program takes and gives. Needs root. */

const FLAGS = { readWrite: 2, nonBlocking: 0o4000 } as const;

/** From <linux/if_tun.h>: an interface for IP packets, with nothing in front of them. */
const [TUNSETIFF, IFF_TUN, IFF_NO_PI] = [0x400454ca, 0x0001, 0x1000];

/** `struct ifreq`: its size, and where the flags are, after the name. */
const [IFREQ_BYTES, IFREQ_FLAGS] = [40, 16];

/** `struct pollfd`, and what it says of a device that has a packet. */
const [POLLFD_BYTES, POLLIN] = [8, 1];

/** No IP packet is larger. */
const MAX_PACKET_BYTES = 65_535;

const libc = Deno.dlopen("libc.so.6", {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32", nonblocking: true },
});

/** One interface. It stays this program's wherever it is moved. */
export class Tun {
  readonly #descriptor: number;
  readonly #buffer = new Uint8Array(MAX_PACKET_BYTES);

  /** Makes it, in the network namespace of this process. Throws where that fails. */
  constructor(readonly name: string) {
    const path = new TextEncoder().encode("/dev/net/tun\0");
    this.#descriptor = libc.symbols.open(path, FLAGS.readWrite | FLAGS.nonBlocking);
    const request = new Uint8Array(IFREQ_BYTES);
    new TextEncoder().encodeInto(name, request);
    new DataView(request.buffer).setUint16(IFREQ_FLAGS, IFF_TUN | IFF_NO_PI, true);
    if (libc.symbols.ioctl(this.#descriptor, BigInt(TUNSETIFF), request) !== 0) {
      throw new Error(`Cannot make the interface ${name}: that takes root, and /dev/net/tun`);
    }
  }

  get descriptor(): number {
    return this.#descriptor;
  }

  /** The next packet that has left by it; undefined where there is none. */
  read(): Uint8Array<ArrayBuffer> | undefined {
    const count = Number(
      libc.symbols.read(this.#descriptor, this.#buffer, BigInt(this.#buffer.length)),
    );
    return count > 0 ? this.#buffer.slice(0, count) : undefined;
  }

  /** Lets a packet come in by it; what it does not take is lost, as on any link. */
  write(packet: Uint8Array<ArrayBuffer>): void {
    libc.symbols.write(this.#descriptor, packet, BigInt(packet.length));
  }
}

/** Resolves when one of them has a packet. */
export async function untilReadable(tuns: readonly Tun[]): Promise<void> {
  const request = new Uint8Array(POLLFD_BYTES * tuns.length);
  const view = new DataView(request.buffer);
  tuns.forEach(({ descriptor }, i) => {
    view.setInt32(POLLFD_BYTES * i, descriptor, true);
    view.setInt16(POLLFD_BYTES * i + 4, POLLIN, true);
  });
  await libc.symbols.poll(request, BigInt(tuns.length), -1);
}
