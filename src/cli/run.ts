/** `fw-dns run`: serve until a signal says stop. */

import { type Notifier, openNotifier } from "../host/mod.ts";
import { isJournal, KeptStatistics, Log, Watch } from "../observe/mod.ts";
import type { Policy } from "../policy/mod.ts";
import { Admission, type Daemon, startDaemon, StartError } from "../serve/mod.ts";
import { sleep, type System, traceOf } from "../system/mod.ts";
import { EXIT, type ExitCode, type Invocation, VerbError } from "./console.ts";
import { describeRunning } from "./describe.ts";
import { explainStart } from "./explain_start.ts";
import { loadPolicy } from "./load.ts";
import { type Metrics, startMetrics } from "./metrics.ts";
import { loadDomains } from "./public_suffixes.ts";
import { describeService, type InForce, Reloading, reportPolicy } from "./reload.ts";
import { confine } from "./run_as.ts";
import { VERSION } from "./version.ts";

/** How long after the start the list of public suffixes is read, in ms: it would hold up the first answers. */
const LIST_AFTER = 2000;

/** How long the log may take for its last lines, in ms. */
const LAST_WORDS = 1000;

/** Serves until SIGTERM or SIGINT. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { system } = invocation;
  const loaded = await loadPolicy(invocation, EXIT.FAILED);
  const { file, policy } = loaded;
  const log = openLog(policy, system);
  const statistics = new KeptStatistics({ ...system, report: (alarm) => log.report(alarm) });
  log.report({
    event: "start",
    version: VERSION,
    policy: file,
    rules: policy.rules.size,
  });
  reportPolicy(loaded, log, system.clock.now());

  const signal = stopSignal(system);
  // The last net: an error that no layer has caught is a mistake of ours, and no reason to leave the host without names.
  system.process.onStrayError((error) =>
    log.report({ event: "error", message: `Internal error: ${traceOf(error)}` })
  );
  const inForce: InForce = { loaded, isReloadGood: true };
  const started = await start(invocation, inForce, log, statistics);
  const { daemon, admission, metrics, notifier } = started;
  statistics.begin();
  void groupByDomain(statistics, system, log);
  const reloading = new Reloading(invocation, inForce, { daemon, metrics, log, notifier });
  system.process.onSignal("SIGHUP", () => reloading.request());
  notifier.ready(describeService(policy));
  log.report({ event: "stop", signal: await signal });
  reloading.stop();
  const told = notifier.stopping();
  metrics.stop();
  await daemon.stop();
  statistics.stop();
  admission?.close();
  // A reader of the log or of notices that has stopped reading must not keep the program from ending.
  await Promise.race([Promise.all([told, log.flush()]), sleep(system.clock, LAST_WORDS)]);
  return EXIT.OK;
}

function openLog({ log }: Policy, { clock, process }: System): Log {
  const { stdout } = process;
  const journal = process.environment("JOURNAL_STREAM");
  const hasPriorities = journal !== undefined && isJournal(journal, stdout.identity);
  return new Log(log, clock, stdout, hasPriorities);
}

/** The list of public suffixes is large, and nobody waits for it: until it is there, names are grouped without it. */
async function groupByDomain(
  statistics: KeptStatistics,
  { clock }: System,
  log: Log,
): Promise<void> {
  await sleep(clock, LIST_AFTER);
  try {
    const { domainOf } = await loadDomains();
    statistics.groupBy(domainOf);
  } catch (error) {
    const message = `Blocked names are grouped by their last two labels: ${traceOf(error)}`;
    log.report({ event: "warning", message });
  }
}

interface Started {
  readonly daemon: Daemon;
  readonly admission: Admission | undefined;
  readonly metrics: Metrics;
  readonly notifier: Notifier;
}

/** From what needs privileges and permissions to what needs them no more, before the first packet is served. */
async function start(
  invocation: Invocation,
  inForce: InForce,
  log: Log,
  statistics: KeptStatistics,
): Promise<Started> {
  const { system, flags } = invocation;
  const { loaded } = inForce;
  const admission = flags["resolved-only"] === true ? new Admission(system, log) : undefined;
  let metrics: Metrics | undefined;
  try {
    const confinement = await confine(invocation, loaded, log);
    metrics = startMetrics(loaded.policy, system, {
      statistics,
      describe: () => describeRunning(inForce, daemon.resolution, system),
      observer: log,
    });
    const watch = new Watch(log, statistics);
    const daemon = startDaemon(loaded.policy, system, watch, admission, confinement.drop);
    const notifier = openNotifier(system, (message) => log.report({ event: "warning", message }));
    confinement.seal();
    void admission?.begin();
    return { daemon, admission, metrics, notifier };
  } catch (error) {
    metrics?.stop();
    await log.flush();
    if (error instanceof StartError) throw new VerbError(explainStart(error), EXIT.FAILED);
    throw error;
  }
}

function stopSignal({ process }: System): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.onSignal(signal, () => resolve(signal));
    }
  });
}
