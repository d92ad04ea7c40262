/** TLS to the upstream of the measurements. */

import { ROOT } from "../../tests/support/program.ts";

/** The address that it speaks TLS on. */
export const TLS_HOST = "127.0.0.2";

/** The name in its certificate. */
export const TLS_NAME = "dns.example";

/** The folder of its certificate, `good`, and of the authority that has issued it, `ca`. */
export const CERTIFICATES = `${ROOT}/tests/support/certificates`;
