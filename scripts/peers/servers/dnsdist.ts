/** dnsdist with an exported configuration. */

import { must } from "../../must.ts";
import type { PeerServer } from "../server.ts";
import { answering, launch } from "./launch.ts";

const PROGRAM = "dnsdist";

/** dnsdist. */
export const DNSDIST: PeerServer = {
  title: "dnsdist",
  target: "dnsdist",
  program: PROGRAM,
  version: [PROGRAM, "--version"],
  start: async (place, exported) => {
    const { folder } = place;
    const file = `${folder}/dnsdist.conf`;
    await Deno.writeTextFile(file, exported);
    await must(PROGRAM, "--check-config", "-C", file);
    // It stays in the foreground; before it answers, it has asked its upstreams whether they are there.
    const words = [PROGRAM, "--supervised", "--disable-syslog", "-C", file];
    return await launch(place, words, answering);
  },
};
