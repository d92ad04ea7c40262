/** Unbound with a policy zone. */

import { join } from "node:path";
import { guideFile } from "./rpz_guide.ts";
import { must } from "../../must.ts";
import type { PeerPlace, PeerServer } from "../server.ts";
import { launch, listening } from "./launch.ts";
import { writeZones, type ZoneFiles } from "./rpz_files.ts";

/** Where Debian's python3-unbound has what the script imports. */
const PYTHON = { PYTHONPATH: "/usr/lib/python3/dist-packages" };

/** The guide's file, with the places of this run; it reads its zone from a file. */
function configuration({ folder, address, upstream }: PeerPlace, files: ZoneFiles): string {
  const text = guideFile("unbound:/etc/unbound/unbound.conf")
    .replace("interface: 127.0.0.1", `interface: ${address.hostname}@${address.port}`)
    .replace("10.53.0.9", `${upstream.hostname}@${upstream.port}`)
    .replace(/^ *primary: .*\n/m, "")
    .replace("/var/lib/unbound/fw-dns.rpz.zone", files.zone)
    .replace("/etc/unbound/closed.zone", files.closed)
    .replace("/etc/unbound/class.py", `${folder}/class.py`);
  return `server:
  username: ""
  chroot: ""
  directory: "${folder}"
  pidfile: ""
  do-daemonize: no
  use-syslog: no
  do-not-query-localhost: no
${text}`;
}

/** Unbound; with python3-unbound. */
export const RPZ_UNBOUND: PeerServer = {
  title: "Unbound (RPZ)",
  target: "rpz",
  program: "unbound",
  version: ["unbound", "-V"],
  async start(place, exported) {
    const files = await writeZones(place, exported);
    const file = join(place.folder, "unbound.conf");
    await Deno.writeTextFile(
      join(place.folder, "class.py"),
      guideFile("unbound:/etc/unbound/class.py"),
    );
    await Deno.writeTextFile(file, configuration(place, files));
    const env = Object.entries(PYTHON).map(([name, value]) => `${name}=${value}`);
    await must("env", ...env, "unbound-checkconf", file);
    return await launch(place, ["unbound", "-d", "-c", file], listening, PYTHON);
  },
};
