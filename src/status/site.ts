/** Which path shows what. What it takes to show it is gathered once a second at most, whoever asks and how often. */

import type { Snapshot, Statistics } from "../observe/stats.ts";
import type { Policy } from "../policy/mod.ts";
import { type Clock, nodeCrypto } from "../system/mod.ts";
import { type PageResponse, plain } from "./http.ts";
import type { Description } from "./model.ts";
import { formatPage } from "./page.ts";
import type { PageRequest } from "./request.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";
import { sightOf, viewFor } from "./view.ts";

/** What there is to show. */
export interface SiteParts {
  readonly statistics: Statistics;
  /** What is running. May take its time, and gives others their turn. */
  readonly describe: () => Promise<Description>;
  /** The policy in force: it says whose names a viewer may see. */
  readonly policy: () => Pick<Policy, "listen">;
  readonly clock: Clock;
}

/** How long what was gathered is good, in ms. */
const GOOD_FOR = 1000;

/** The pages of so many viewers are kept for that long. */
const MOST_KEPT = 32;

interface Moment {
  readonly description: Description;
  readonly snapshot: Snapshot;
  /** What has been made of it, by path and by who may see it. */
  readonly made: Map<string, string>;
}

/** What is read about fw-dns over HTTP. */
export class Site {
  #gathered = -Infinity;
  #moment: Promise<Moment> | undefined;

  constructor(readonly parts: SiteParts) {}

  /** Answers a request of a client at an address. */
  async respond(request: PageRequest, address: string): Promise<PageResponse> {
    switch (request.path) {
      case "/healthz":
        return plain(200, "ok\n");
      case "/readyz":
        return await this.#readiness();
      case "/metrics":
        return await this.#metrics(request);
      case "/status.json":
      case "/":
        return await this.#status(request, address);
      default:
        return plain(404);
    }
  }

  async #readiness(): Promise<PageResponse> {
    const { description: { untried } } = await this.#gather();
    return untried === 0
      ? plain(200, "ready\n")
      : plain(503, `not ready: ${untried} hermetic pairs are still to be tried\n`);
  }

  async #metrics({ accept }: PageRequest): Promise<PageResponse> {
    const { formatMetrics, negotiate } = await import("./metrics.ts");
    const moment = await this.#gather();
    const type = negotiate(accept);
    const { description, snapshot } = moment;
    const body = moment.made.get(type) ?? await formatMetrics(description, snapshot, type);
    moment.made.set(type, body);
    return { status: 200, headers: { "Content-Type": type, Vary: "Accept" }, body };
  }

  async #status({ path, isForwarded }: PageRequest, address: string): Promise<PageResponse> {
    const moment = await this.#gather();
    const sight = sightOf(this.parts.policy(), { address, isForwarded });
    const isPage = path === "/";
    const key = `${path} ${sight} ${sight === "own" ? address : ""}`;
    let body = moment.made.get(key);
    if (body === undefined) {
      const status = viewFor(moment.description, moment.snapshot, sight, address);
      body = isPage ? formatPage(status) : `${JSON.stringify(status)}\n`;
      if (moment.made.size < MOST_KEPT) moment.made.set(key, body);
    }
    const headers = isPage ? pageHeaders() : { "Content-Type": "application/json" };
    return { status: 200, headers, body };
  }

  #gather(): Promise<Moment> {
    const now = this.parts.clock.monotonic();
    if (this.#moment !== undefined && now < this.#gathered + GOOD_FOR) return this.#moment;
    this.#gathered = now;
    const moment = this.#gatherNow();
    // A mistake is not kept for others.
    moment.catch(() => this.#gathered = -Infinity);
    return this.#moment = moment;
  }

  async #gatherNow(): Promise<Moment> {
    const description = await this.parts.describe();
    return { description, snapshot: this.parts.statistics.snapshot(), made: new Map() };
  }
}

let headersOfPage: Readonly<Record<string, string>> | undefined;

/** The page may use what is in it, and ask for itself again; nothing else, of nobody. */
function pageHeaders(): Readonly<Record<string, string>> {
  return headersOfPage ??= {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": [
      "default-src 'none'",
      `style-src ${hashOf(STYLE)}`,
      `script-src ${hashOf(SCRIPT)}`,
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
  };
}

function hashOf(text: string): string {
  return `'sha256-${nodeCrypto().createHash("sha256").update(text).digest("base64")}'`;
}
