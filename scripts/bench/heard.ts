/** What the open-loop client prints. */

/** Times in ms, from when a query was meant to be sent to when its reply was read. */
export interface Heard {
  readonly sent: number;
  readonly replies: number;
  /** How many replies had each RCODE. */
  readonly rcodes: Readonly<Record<number, number>>;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** How late the client itself was, at most, in 99.9 % of its queries: nothing below that means anything. */
  readonly lateness: number;
}
