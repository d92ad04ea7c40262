/** Unbound with a policy zone. */

import { join } from "node:path";
import { guideFile } from "./rpz_guide.ts";
import { must } from "../../must.ts";
import type { PeerPlace, PeerServer } from "../server.ts";
import { launch, RESERVED, writeZones, type ZoneFiles } from "./rpz_files.ts";

/** Where Debian's python3-unbound has what the script imports. */
const PYTHON = { PYTHONPATH: "/usr/lib/python3/dist-packages" };

function configuration({ folder, address, upstream }: PeerPlace, files: ZoneFiles): string {
  return `server:
  username: ""
  chroot: ""
  directory: "${folder}"
  pidfile: ""
  do-daemonize: no
  use-syslog: no
  interface: ${address.hostname}@${address.port}
  access-control: 0.0.0.0/0 allow
  do-not-query-localhost: no
  module-config: "python respip iterator"
  cache-min-ttl: 30
  cache-max-ttl: 3600
  prefetch: no
  unblock-lan-zones: yes
  insecure-lan-zones: yes
  local-zone: "." transparent
  local-data: ". 10 IN SOA localhost. hostmaster.localhost. 1 3600 600 2419200 10"
${RESERVED.map((network) => `  private-address: ${network}\n`).join("")}python:
  python-script: "${folder}/class.py"
forward-zone:
  name: "."
  forward-addr: ${upstream.hostname}@${upstream.port}
rpz:
  name: "fw-dns.rpz"
  zonefile: "${files.zone}"
rpz:
  name: "closed.rpz"
  zonefile: "${files.closed}"
`;
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
    return await launch(place, ["unbound", "-d", "-c", file], PYTHON);
  },
};
