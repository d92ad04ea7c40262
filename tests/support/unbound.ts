/** A real Unbound, with a zone of its own and a log of every question that reached it. */

import { join } from "node:path";

/** What Unbound answers for. */
const ZONE = `$ORIGIN example.com.
$TTL 300
@ SOA ns.example.com. root.example.com. 1 3600 600 86400 60
@ NS ns.example.com.
ns A 192.0.2.53
api A 192.0.2.10
api AAAA 2001:db8::10
api TXT "never to be seen"
www CNAME api
deep CNAME www
four A 192.0.2.44
evil A 6.6.6.6
${Array.from({ length: 100 }, (_, i) => `big A 198.51.100.${i}`).join("\n")}
`;

/** The beginning of a configuration: an Unbound that stays in the foreground and needs nothing but a folder. */
export function unboundServer(folder: string): string {
  return `server:
  username: ""
  chroot: ""
  directory: "${folder}"
  pidfile: ""
  do-daemonize: no
  use-syslog: no
  logfile: ""
  module-config: "iterator"
`;
}

/** What an Unbound shows over TLS: the files of a certificate and of its key. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

/** Writes the configuration and the zone into a folder; returns the configuration's file. */
export function writeUnboundFiles(
  folder: string,
  port: number,
  certificate?: ServerCertificate,
): string {
  Deno.writeTextFileSync(join(folder, "example.com.zone"), ZONE);
  const file = join(folder, "unbound.conf");
  Deno.writeTextFileSync(
    file,
    `${unboundServer(folder)}  interface: 127.0.0.1@${port}
${certificate === undefined ? "" : tlsLines(port, certificate)}  access-control: 127.0.0.0/8 allow
  log-queries: yes
  verbosity: 1
  num-threads: 1
  local-zone: "." refuse
  local-zone: "example.com." transparent
auth-zone:
  name: "example.com."
  zonefile: "${folder}/example.com.zone"
  for-downstream: yes
  for-upstream: no
`,
  );
  return file;
}

/** Lines of a server's configuration: what listens on the port then speaks TLS alone. */
export function tlsLines(port: number, { cert, key }: ServerCertificate): string {
  return `  tls-port: ${port}
  tls-service-key: "${key}"
  tls-service-pem: "${cert}"
`;
}

/** An Unbound that runs. */
export class Unbound {
  readonly folder = Deno.makeTempDirSync({ prefix: "fw-dns-unbound-" });
  readonly port: number;
  readonly #process: Deno.ChildProcess;
  readonly #reader: Promise<void>;
  #log = "";

  private constructor(certificate?: ServerCertificate) {
    const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = (free.addr as Deno.NetAddr).port;
    free.close();
    this.#process = new Deno.Command("unbound", {
      args: ["-d", "-c", writeUnboundFiles(this.folder, this.port, certificate)],
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#reader = this.#read();
  }

  /** Starts one and waits until it is ready. With a certificate it speaks TLS, and nothing else. */
  static async start(certificate?: ServerCertificate): Promise<Unbound> {
    const unbound = new Unbound(certificate);
    while (!unbound.#log.includes("start of service")) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      if (unbound.#log.includes("fatal error")) throw new Error(unbound.#log);
    }
    return unbound;
  }

  /** As a policy writes it. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The questions that reached it, as `api.example.com. A`; the probe left out. */
  get questions(): string[] {
    return [...this.#log.matchAll(/info: 127\.\S+ (\S+) (\S+) IN/g)]
      .map(([, name, type]) => `${name!.toLowerCase()} ${type}`)
      .filter((question) => question !== ". NS");
  }

  /** Suspends it, so that it is silent; `SIGCONT` wakes it up. */
  signal(signal: Deno.Signal): void {
    this.#process.kill(signal);
  }

  async stop(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
    await this.#reader;
    Deno.removeSync(this.folder, { recursive: true });
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#process.stderr) {
      this.#log += decoder.decode(chunk, { stream: true });
    }
  }
}
