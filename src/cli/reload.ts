/** A changed policy is put into force while fw-dns serves: on SIGHUP, and with `watch = true` when the file changes. */

import { missingPermissions, type Notifier, servingNeeds, watchFile } from "../host/mod.ts";
import { count, type Log, type Observer } from "../observe/mod.ts";
import { describeLearning, isLearning, type Policy, PolicyError } from "../policy/mod.ts";
import { type Daemon, StartError } from "../serve/mod.ts";
import { traceOf } from "../system/mod.ts";
import { errorName, EXIT, type Invocation, VerbError } from "./console.ts";
import { explainStart } from "./explain_start.ts";
import { type LoadedPolicy, loadPolicy } from "./load.ts";
import type { Metrics } from "./metrics.ts";
import { servingOptions } from "./run_as.ts";

/** Tells what a policy that comes into force at a time (ms since 1970) lets out. */
export function reportPolicy(
  { policy, leak }: LoadedPolicy,
  observer: Observer,
  now: number,
): void {
  const { total, restart, isHermetic } = leak();
  observer.report({ event: "leak", ...total, restart: restart.o3, hermetic: isHermetic });
  const warn = (message: string): void => observer.report({ event: "warning", message });
  if (isLearning(policy.learn, now)) warn(`[learn] is on: ${describeLearning(policy.learn)}`);
  else if (policy.learn !== undefined) {
    warn("[learn] has ended: names that no rule lists are denied");
  }
  if (policy.rules.size === 0) warn("No name is allowed by this policy");
}

/** What fw-dns does with a policy, in a few words for systemd. */
export function describeService({ rules }: Policy): string {
  return `Serving ${count(rules.size, "rule")}`;
}

/** What is in force. */
export interface InForce {
  loaded: LoadedPolicy;
  /** Whether the last reload put its policy into force; true where there was none. */
  isReloadGood: boolean;
}

/** What a reload changes, and whom it tells. */
export interface ReloadingParts {
  readonly daemon: Daemon;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly notifier: Notifier;
}

/** Reloads, one time after the other. Whatever goes wrong, the policy from before stays in force. */
export class Reloading {
  #isWanted = false;
  #isUnderWay = false;
  /** What ends the watch of each file. */
  readonly #watched = new Map<string, () => void>();

  constructor(
    readonly invocation: Invocation,
    readonly inForce: InForce,
    readonly parts: ReloadingParts,
  ) {
    this.#watch();
  }

  get #current(): LoadedPolicy {
    return this.inForce.loaded;
  }

  /** Reloads as soon as a reload that is under way has ended. */
  request(): void {
    this.#isWanted = true;
    if (!this.#isUnderWay) void this.#run();
  }

  /** Watches no file any more. */
  stop(): void {
    this.#watchOnly(new Map());
  }

  async #run(): Promise<void> {
    this.#isUnderWay = true;
    this.parts.notifier.reloading();
    while (this.#isWanted) {
      this.#isWanted = false;
      try {
        this.#apply(await loadPolicy(this.invocation, EXIT.FAILED, { isServing: true }));
      } catch (error) {
        this.#refuse(error);
      }
    }
    this.#isUnderWay = false;
    this.parts.notifier.ready(describeService(this.#current.policy));
  }

  #apply(loaded: LoadedPolicy): void {
    const { file, policy } = loaded;
    this.#checkAccount(loaded);
    this.#checkPermissions(loaded);
    this.parts.daemon.reload(policy);
    this.parts.metrics.reload(policy);
    this.parts.log.reload(policy.log);
    this.inForce.loaded = loaded;
    this.inForce.isReloadGood = true;
    this.#watch();
    this.parts.log.report({ event: "reload", policy: file, rules: policy.rules.size });
    reportPolicy(loaded, this.parts.log, this.invocation.system.clock.now());
  }

  /** An account can be changed once, by root. */
  #checkAccount({ file, policy: { runAs }, locate }: LoadedPolicy): void {
    const now = this.#current.policy.runAs;
    if (runAs?.user === now?.user && runAs?.group === now?.group) return;
    const message = "the account of a program that runs cannot change: start fw-dns again";
    throw new PolicyError(
      file,
      locate([{ path: runAs === undefined ? [] : ["run_as", "user"], message }]),
    );
  }

  /** What was not given at the start cannot be had any more. */
  #checkPermissions({ file, policy }: LoadedPolicy): void {
    const { permissions } = this.invocation.system;
    const needs = servingNeeds(policy, servingOptions(this.invocation, file));
    const missing = missingPermissions(permissions, needs);
    if (missing.length === 0) return;
    const message =
      `${file}: this program was not started with what it needs: ${missing.join(" ")}. ` +
      'Start it again, with the flags that "fw-dns permissions" prints, or compiled for this policy';
    throw new VerbError(message, EXIT.FAILED);
  }

  #watch(): void {
    const { sources, policy } = this.#current;
    this.#watchOnly(policy.watch ? sources : new Map());
  }

  /** Watches these files, with their content, and no others. */
  #watchOnly(sources: ReadonlyMap<string, Uint8Array>): void {
    for (const [file, stop] of this.#watched) {
      if (sources.has(file)) continue;
      stop();
      this.#watched.delete(file);
    }
    for (const [file, content] of sources) {
      if (this.#watched.has(file)) continue;
      const stop = watchFile(this.invocation.system, file, content, () => this.request());
      this.#watched.set(file, stop);
    }
  }

  #refuse(error: unknown): void {
    const { file } = this.#current;
    this.inForce.isReloadGood = false;
    for (const problem of problemsOf(error, file)) {
      this.parts.log.report({ event: "reload", policy: file, problem });
    }
  }
}

/** A line that says where in a file a problem is. */
const PLACED = /^\S.*:\d+:\d+: /;

/** Each problem by itself, in one line. */
function problemsOf(error: unknown, file: string): string[] {
  if (error instanceof StartError) {
    const isPrivilege = errorName(error.cause) === "PermissionDenied";
    const why = `${error.message}: a port below 1024 needs a privilege that fw-dns has given up`;
    return isPrivilege ? [`${why}; start it again`] : explainStart(error).split("\n").slice(0, 1);
  }
  if (error instanceof PolicyError || error instanceof VerbError) {
    const lines = error.message.split("\n");
    const placed = lines.filter((line) => line.startsWith(`${file}:`) || PLACED.test(line));
    return placed.length > 0 ? placed : lines.slice(0, 1);
  }
  return [`Internal error: ${traceOf(error)}`];
}
