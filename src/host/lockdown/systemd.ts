/** `lockdown --to systemd`. */

import type { Policy } from "../../policy/mod.ts";
import type { OwnAccount } from "../account.ts";

/** What can be chosen. */
export interface UnitOptions {
  /** Whether the firewall lets out only to addresses that fw-dns has just resolved. */
  readonly isResolvedOnly: boolean;
}

/** The text, with the line's end after each line. */
export function formatUnit(_policy: Policy, _account: OwnAccount, _options: UnitOptions): string {
  throw new Error("Cannot write this yet");
}
