/** Knot Resolver with a policy zone. */

import { join } from "node:path";
import type { PeerServer } from "../server.ts";
import { launch, listening } from "./launch.ts";
import { writeZones } from "./rpz_files.ts";
import { guideFile } from "./rpz_guide.ts";

/** Knot Resolver. It has no checker for its file: what is wrong in it, it says at its start, and ends. */
export const RPZ_KNOT_RESOLVER: PeerServer = {
  title: "Knot Resolver (RPZ)",
  target: "rpz",
  program: "kresd",
  version: ["kresd", "--version"],
  async start(place, exported) {
    const { folder, address, upstream } = place;
    const { zone } = await writeZones(place, exported);
    const text = guideFile("knot:/etc/knot-resolver/kresd.conf")
      .replace("'127.0.0.1', 53", `'${address.hostname}', ${address.port}`)
      .replace("10.53.0.9", `${upstream.hostname}@${upstream.port}`)
      .replace("/var/lib/knot/fw-dns.rpz.zone", zone);
    const file = join(folder, "kresd.conf");
    await Deno.writeTextFile(file, text);
    return await launch(place, ["kresd", "-n", "-c", file, folder], listening);
  },
};
