/** The status page on a real socket of this host, with what a test says. */

import type { Snapshot } from "../../src/observe/stats.ts";
import type { Policy } from "../../src/policy/mod.ts";
import { type Description, HttpServer, Site } from "../../src/status/mod.ts";
import { createSystem } from "../../src/system/deno.ts";
import { describing, FakeStatistics } from "./fake_statistics.ts";
import { policyFrom } from "./policies.ts";

/** A server that shows what a test says. */
export class StatusServer {
  readonly statistics = new FakeStatistics();
  description: Description = describing();
  policy: Pick<Policy, "listen">;
  readonly errors: unknown[] = [];
  readonly #server: HttpServer;
  readonly port: number;

  constructor(toml = "", readonly hostname = "127.0.0.1") {
    this.policy = policyFrom(toml);
    const { clock, network } = createSystem();
    const listener = network.listenTcp({ hostname, port: 0 });
    this.port = (listener.addr as Deno.NetAddr).port;
    const site = new Site({
      statistics: this.statistics,
      describe: () => Promise.resolve(this.description),
      policy: () => this.policy,
      clock,
    });
    this.#server = new HttpServer(
      listener,
      clock,
      (request, address) => site.respond(request, address),
      (error) => this.errors.push(error),
    );
  }

  /** Where it is. */
  get url(): string {
    const { hostname, port } = this;
    return `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}/`;
  }

  /** What it shows from the next second on. */
  show(snapshot: Snapshot): void {
    this.statistics.now = snapshot;
  }

  close(): void {
    this.#server.close();
  }
}
