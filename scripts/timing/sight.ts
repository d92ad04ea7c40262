/** What an upstream has seen. */

/** One question that reached the upstream. */
export interface Sight {
  /** In ms, by the upstream's clock. */
  readonly at: number;
  readonly how: "udp" | "tcp";
  /** The port that it came from. */
  readonly port: number;
  /** Name and type, as in `api.example A`. */
  readonly pair: string;
  /** The message, in hexadecimal. */
  readonly bytes: string;
}
