/** PowerDNS Recursor with a policy zone. */

import { join } from "node:path";
import type { PeerPlace, PeerServer } from "../server.ts";
import { launch, listening } from "./launch.ts";
import { writeZones, type ZoneFiles } from "./rpz_files.ts";
import { guideFile } from "./rpz_guide.ts";

/** The guide's file, with the places of this run. */
function configuration({ folder, address, upstream }: PeerPlace): string {
  const text = guideFile("recursor:/etc/powerdns/recursor.conf")
    .replace("local-address=127.0.0.1", `local-address=${address.hostname}:${address.port}`)
    .replace("10.53.0.9", `${upstream.hostname}:${upstream.port}`)
    .replaceAll("/etc/powerdns/", `${folder}/`);
  return `${text}socket-dir=${folder}\ndaemon=no\n`;
}

function policies({ zone, closed }: ZoneFiles): string {
  return `rpzFile("${zone}", { policyName = "fw-dns", zoneName = "fw-dns.rpz" })
rpzFile("${closed}", { policyName = "closed", zoneName = "closed.rpz" })
`;
}

/** PowerDNS Recursor. It has no checker for its files: what is wrong in them it says at its start, and ends. */
export const RPZ_RECURSOR: PeerServer = {
  title: "PowerDNS Recursor (RPZ)",
  target: "rpz",
  program: "pdns_recursor",
  version: ["pdns_recursor", "--version"],
  async start(place, exported) {
    const { folder } = place;
    const files = await writeZones(place, exported);
    await Deno.writeTextFile(join(folder, "recursor.conf"), configuration(place));
    await Deno.writeTextFile(join(folder, "recursor.lua"), policies(files));
    await Deno.writeTextFile(
      join(folder, "root.lua"),
      guideFile("recursor:/etc/powerdns/root.lua"),
    );
    return await launch(place, ["pdns_recursor", `--config-dir=${folder}`], listening);
  },
};
