/** BIND with a policy zone. */

import { join } from "node:path";
import { must } from "../../must.ts";
import type { PeerPlace, PeerServer } from "../server.ts";
import { launch, listening } from "./launch.ts";
import { writeZones, type ZoneFiles } from "./rpz_files.ts";
import { guideFile } from "./rpz_guide.ts";

/** The guide's file, with the places of this run; it reads its zone from a file. */
function configuration({ folder, address, upstream }: PeerPlace, files: ZoneFiles): string {
  const text = guideFile("bind:/etc/bind/named.conf")
    .replace(/^include .*\n/, "")
    .replace("/var/cache/bind", folder)
    .replace(/listen-on \{.*\};.*/, `listen-on port ${address.port} { ${address.hostname}; };`)
    .replace("10.53.0.9;", `${upstream.hostname} port ${upstream.port};`)
    .replace("max-cache-ttl", `pid-file "pid"; session-keyfile "session.key";\n\tmax-cache-ttl`)
    .replace("type secondary", "type primary")
    .replace(/^\s*(?:primaries|min-re\w+-time) .*\n/gm, "")
    .replace('"fw-dns.rpz.zone"', `"${files.zone}"`)
    .replace("/etc/bind/closed.zone", files.closed);
  return `${text}controls {};\n`;
}

/** BIND. */
export const RPZ_BIND: PeerServer = {
  title: "BIND (RPZ)",
  target: "rpz",
  program: "named",
  version: ["named", "-v"],
  async start(place, exported) {
    const files = await writeZones(place, exported);
    const file = join(place.folder, "named.conf");
    await Deno.writeTextFile(file, configuration(place, files));
    await must("named-checkconf", file);
    return await launch(place, ["named", "-g", "-c", file], listening);
  },
};
