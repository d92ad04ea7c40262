/** dnsmasq with an exported configuration. */

import { must } from "../../must.ts";
import type { PeerServer } from "../server.ts";
import { answering, launch } from "./launch.ts";

const PROGRAM = "dnsmasq";

/** dnsmasq. */
export const DNSMASQ: PeerServer = {
  title: "dnsmasq",
  target: "dnsmasq",
  program: PROGRAM,
  version: [PROGRAM, "--version"],
  start: async (place, exported) => {
    const { folder } = place;
    const file = `${folder}/fw-dns.conf`;
    await Deno.writeTextFile(file, exported);
    await must(PROGRAM, "--test", `--conf-file=${file}`);
    // It stays in the foreground, and who it was started as.
    const words = [
      PROGRAM,
      "--keep-in-foreground",
      `--conf-file=${file}`,
      "--pid-file=",
      "--log-facility=-",
      ...(Deno.uid() === 0 ? ["--user=root"] : []),
    ];
    return await launch(place, words, answering);
  },
};
