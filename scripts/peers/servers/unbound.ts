/** Unbound with an exported configuration. */

import { must } from "../../must.ts";
import type { PeerServer } from "../server.ts";
import { answering, launch } from "./launch.ts";

const PROGRAM = "unbound";

/** Unbound. */
export const UNBOUND: PeerServer = {
  title: "Unbound",
  target: "unbound",
  program: PROGRAM,
  version: [PROGRAM, "-V"],
  start: async (place, exported) => {
    const { folder } = place;
    const file = `${folder}/fw-dns.conf`;
    await Deno.writeTextFile(file, exported);
    await must("unbound-checkconf", file);
    // It stays in the foreground, as who it was started as, and in this folder; the exported text is as it is.
    const around = `${folder}/unbound.conf`;
    await Deno.writeTextFile(
      around,
      `server:
  username: ""
  chroot: ""
  directory: "${folder}"
  pidfile: ""
  use-syslog: no
  logfile: ""
include: "${file}"
`,
    );
    return await launch(place, [PROGRAM, "-d", "-c", around], answering);
  },
};
