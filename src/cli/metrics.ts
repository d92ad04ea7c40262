/** Metrics and the status page of a firewall that is serving, at the address that the policy names. */

import type { Observer } from "../observe/event.ts";
import type { Statistics } from "../observe/stats.ts";
import type { Policy } from "../policy/mod.ts";
import { StartError } from "../serve/mod.ts";
import { type Description, HttpServer, Site } from "../status/mod.ts";
import {
  formatAddress,
  socketAddress,
  type StreamListener,
  type System,
  traceOf,
} from "../system/mod.ts";

/** What there is to tell. */
export interface MetricsParts {
  readonly statistics: Statistics;
  /** What is running; it is asked for once somebody looks. */
  readonly describe: () => Promise<Description>;
  readonly observer: Observer;
}

/** What can be read of a firewall. */
export interface Metrics {
  /** Puts another policy into force: where it names another address, that one takes the place of the old one. */
  reload(policy: Policy): void;
  stop(): void;
}

/** Starts to serve what a policy's `[metrics]` names. Throws a {@linkcode StartError} where the address cannot be had. */
export function startMetrics(policy: Policy, system: System, parts: MetricsParts): Metrics {
  return new RunningMetrics(policy, system, parts);
}

class RunningMetrics implements Metrics {
  #policy: Policy;
  #server: HttpServer | undefined;
  readonly #site: Site;

  constructor(policy: Policy, readonly system: System, readonly parts: MetricsParts) {
    this.#policy = policy;
    const { statistics, describe } = parts;
    this.#site = new Site({
      statistics,
      describe,
      policy: () => this.#policy,
      clock: system.clock,
    });
    this.#open();
  }

  reload(policy: Policy): void {
    const [before, after] = [this.#policy, policy].map(addressOf);
    this.#policy = policy;
    if (before === after && this.#server !== undefined) return;
    // What the policy no longer names is closed, whatever comes of the new one.
    this.stop();
    try {
      this.#open();
    } catch (error) {
      const { message } = error as StartError;
      const cause = traceOf((error as StartError).cause).split("\n")[0];
      this.#warn(`Nothing can be read of fw-dns: ${message} (${cause}); start it again`);
    }
  }

  stop(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  #open(): void {
    const { address } = this.#policy.metrics;
    if (address === undefined) return;
    let listener: StreamListener;
    try {
      listener = this.system.network.listenTcp(address);
    } catch (cause) {
      throw new StartError(formatAddress(address), { cause });
    }
    const { clock } = this.system;
    this.#server = new HttpServer(
      listener,
      clock,
      (request, client) => this.#site.respond(request, client),
      (error) =>
        this.parts.observer.report({
          event: "error",
          message: `Internal error: ${traceOf(error)}`,
        }),
    );
    const port = socketAddress(listener.addr)?.port ?? address.port;
    const url = `http://${formatAddress({ ...address, port })}/`;
    this.parts.observer.report({ event: "metrics", url });
  }

  #warn(message: string): void {
    this.parts.observer.report({ event: "warning", message });
  }
}

function addressOf({ metrics: { address } }: Policy): string | undefined {
  return address && formatAddress(address);
}
