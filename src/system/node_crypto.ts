/** Node's cryptography: hashes and certificates, which have no effect on anything. */

import { getBuiltinModule } from "node:process";

/** Loaded when it is first needed: it takes 15 ms, and most policies have no upstream over TLS. */
export function nodeCrypto(): typeof import("node:crypto") {
  return getBuiltinModule("node:crypto");
}
