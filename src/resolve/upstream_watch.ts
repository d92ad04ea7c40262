/** Tells people which upstreams answer, which have fallen silent, and, soon after the start, that none can be reached. */

import type { Observer } from "../observe/event.ts";
import { LONGEST_WAIT, type Upstream } from "../policy/mod.ts";
import { formatAddress } from "../system/mod.ts";
import type { Exchange } from "./exchange.ts";
import { PROBE } from "./health.ts";
import { FIRST, type Ticks } from "./ticks.ts";

/** Reasons that are told of one upstream until it answers: some hold words of whoever is in its place. */
const MOST_TOLD = 10;

/** What is told about upstreams. It changes nothing of what goes to them, but for one question each at the start. */
export class UpstreamWatch {
  /** By key. */
  readonly #connected = new Set<string>();
  readonly #problems = new Map<string, string>();
  /** Why each of them is silent, as far as people know; by key. */
  readonly #told = new Map<string, Set<string>>();
  #hasAnyAnswered = false;

  constructor(
    readonly upstreams: readonly Upstream[],
    readonly ticks: Ticks,
    readonly observer: Observer,
  ) {}

  /** An upstream has said something. */
  noteReply(upstream: Upstream): void {
    if (this.#connected.has(upstream.key)) return;
    this.#connected.add(upstream.key);
    this.#told.delete(upstream.key);
    this.#hasAnyAnswered = true;
    const address = formatAddress(upstream.address);
    this.observer.report({ event: "upstream", address, name: upstream.name });
  }

  /** Whether an upstream has said something, and has not fallen silent since. */
  isAnswering(upstream: Upstream): boolean {
    return this.#connected.has(upstream.key);
  }

  /** An upstream says nothing, for this reason where there is one to be seen. Told once, and at each new reason. */
  noteSilence(upstream: Upstream, problem?: string): void {
    const hasFallen = this.#connected.delete(upstream.key);
    const told = this.#told.get(upstream.key) ?? new Set();
    const isNew = problem !== undefined && !told.has(problem) && told.size < MOST_TOLD;
    if (!hasFallen && !isNew) return;
    if (isNew) this.#told.set(upstream.key, told.add(problem));
    const message = `Upstream ${formatAddress(upstream.address)} ${
      hasFallen ? "has fallen silent" : "does not answer"
    }${problem === undefined ? "" : `: ${problem}`}`;
    this.observer.report({ event: "warning", message });
  }

  /** Asks each upstream one question, so that a person learns at once whether they can be reached. */
  probe(exchange: Exchange): void {
    this.ticks.soon(FIRST, () => {
      const cancels = this.upstreams.map((upstream) =>
        exchange(PROBE, upstream, FIRST, (outcome) => {
          if (outcome.kind === "unreachable") this.#problems.set(upstream.key, outcome.problem);
        })
      );
      this.ticks.afterSilence(LONGEST_WAIT, FIRST, () => {
        for (const cancel of cancels) cancel();
        if (!this.#hasAnyAnswered) this.#tellNoneAnswered();
      });
    });
  }

  #tellNoneAnswered(): void {
    const told = this.upstreams.map((upstream) =>
      `${formatAddress(upstream.address)}: ${this.#problems.get(upstream.key) ?? "silent"}`
    );
    const message = `No upstream has answered yet (${told.join("; ")}). fw-dns goes on asking; ` +
      "check the addresses, and that this host can reach them";
    this.observer.report({ event: "warning", message });
  }
}
