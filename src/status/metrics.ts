/**
 * What has happened as metrics: OpenMetrics, or the text format that came before it. Never a client or a name that
 * was asked for as a label: whoever could choose labels could fill the memory of who reads them.
 */

import type * as Client from "@prometheus-io/client";
// The package as a whole would load ways to collect that nobody needs here.
import CounterClass from "@prometheus-io/client/lib/counter.js";
import GaugeClass from "@prometheus-io/client/lib/gauge.js";
import RegistryClass from "@prometheus-io/client/lib/registry.js";
import type { Snapshot } from "../observe/stats.ts";
import type { Description } from "./model.ts";

const Counter = CounterClass as unknown as typeof Client.Counter;
const Gauge = GaugeClass as unknown as typeof Client.Gauge;
const Registry = RegistryClass as unknown as typeof Client.Registry;

/** The formats, by their content types. */
export type MetricsType = Client.OpenMetricsContentType | Client.PrometheusContentType;

/** The newer one. */
const OPEN_METRICS: MetricsType = Registry.OPENMETRICS_CONTENT_TYPE;

/** The older one. */
const PLAIN_TEXT: MetricsType = Registry.PROMETHEUS_CONTENT_TYPE;

/** Writes all metrics in one of the formats. */
export async function formatMetrics(
  description: Description,
  snapshot: Snapshot,
  type: MetricsType,
): Promise<string> {
  const sheet = new Sheet(type);
  addTraffic(sheet, snapshot);
  addBlocked(sheet, snapshot);
  addPolicy(sheet, description);
  addUpstreams(sheet, description);
  sheet.gauge("process_start_time_seconds", "When the process started, in s since 1970.", [
    [{}, snapshot.started / 1000],
  ]);
  sheet.gauge("process_resident_memory_bytes", "Resident memory, in bytes.", [
    [{}, description.memory],
  ]);
  return await sheet.registry.metrics();
}

/** Which format an Accept header asks for (RFC 9110 12.5.1): the older one where it does not say. */
export function negotiate(accept: string): MetricsType {
  const open = preferenceFor(accept, "application/openmetrics-text");
  const plain = Math.max(preferenceFor(accept, "text/plain"), preferenceFor(accept, "text/*"));
  return open > 0 && open >= plain ? OPEN_METRICS : PLAIN_TEXT;
}

function preferenceFor(accept: string, type: string): number {
  const found = accept.toLowerCase().split(",").map((one) =>
    one.split(";").map((part) => part.trim())
  )
    .filter(([name]) => name === type)
    .map(([, ...parameters]) => {
      const q = parameters.find((parameter) => parameter.startsWith("q="));
      return q === undefined ? 1 : Number(q.slice(2)) || 0;
    });
  return Math.max(0, ...found);
}

type Labels = Readonly<Record<string, string>>;
type Values = readonly (readonly [labels: Labels, value: number])[];

/** Metrics of one moment. */
class Sheet {
  readonly registry: Client.Registry;

  constructor(type: MetricsType) {
    this.registry = new Registry(type);
  }

  /** `labels` has to be told where there may be no value yet: without labels there is always one. */
  counter(name: string, help: string, values: Values, labels = labelsOf(values)): void {
    const counter = new Counter({ name, help, labelNames: labels, registers: [this.registry] });
    for (const [labels, value] of values) counter.inc(labels, value);
  }

  gauge(name: string, help: string, values: Values): void {
    const labelNames = labelsOf(values);
    const gauge = new Gauge({ name, help, labelNames, registers: [this.registry] });
    for (const [labels, value] of values) gauge.set(labels, value);
  }

  /** The library counts into its own buckets; these have been counted. */
  histogram(name: string, help: string, { buckets, count, sum }: Snapshot["durations"]): void {
    const metric = { name, help, type: "histogram" };
    const values = [
      ...buckets.map(({ seconds, count }) => bucket(name, String(seconds), count)),
      bucket(name, "+Inf", count),
      { metricName: `${name}_sum`, labels: {}, value: sum },
      { metricName: `${name}_count`, labels: {}, value: count },
    ];
    const collected = { ...metric, get: () => Promise.resolve({ ...metric, values }) };
    this.registry.registerMetric(collected as unknown as Client.Metric);
  }
}

function labelsOf(values: Values): string[] {
  return Object.keys(values[0]?.[0] ?? {});
}

function bucket(name: string, le: string, value: number): unknown {
  return { metricName: `${name}_bucket`, labels: { le }, value };
}

function addTraffic(sheet: Sheet, { queries, responses, durations }: Snapshot): void {
  sheet.counter(
    "fwdns_queries_total",
    "Queries of clients that could be read, by record type.",
    [...queries].map(([type, count]) => [{ type }, count]),
    ["type"],
  );
  sheet.counter(
    "fwdns_responses_total",
    "What queries came to, by verdict and reason; a dropped one has no response.",
    responses.map(({ verdict, reason, count }) => [{ verdict, reason }, count]),
    ["verdict", "reason"],
  );
  sheet.histogram(
    "fwdns_request_duration_seconds",
    "How long clients waited for their responses, in s.",
    durations,
  );
}

function addBlocked(sheet: Sheet, { blocked, blockedBytes, alarms }: Snapshot): void {
  sheet.counter(
    "fwdns_blocked_bytes_estimated_total",
    "Bytes that the names of blocked queries can have carried, as an estimate.",
    [[{}, blockedBytes]],
  );
  sheet.gauge(
    "fwdns_blocked_domain_bytes_estimated_max",
    "The most bytes that blocked names below one domain can have carried, as an estimate.",
    [[{}, Math.max(0, ...blocked.map(({ bytes }) => bytes))]],
  );
  sheet.counter("fwdns_alarms_total", "Alarms about attempts to move data out.", [[{}, alarms]]);
}

function addPolicy(sheet: Sheet, description: Description): void {
  const { version, mode, rules, leak, untried, isReloadGood, table } = description;
  sheet.gauge("fwdns_build_info", "What is running; always 1.", [[{ version, mode }, 1]]);
  sheet.gauge("fwdns_policy_rules", "Rules of the policy, each name of a file being one.", [
    [{}, rules],
  ]);
  sheet.gauge(
    "fwdns_policy_last_reload_successful",
    "Whether the last reload put its policy into force; 1 where there was none.",
    [[{}, isReloadGood ? 1 : 0]],
  );
  sheet.gauge("fwdns_ready", "Whether every hermetic pair has been tried.", [
    [{}, untried === 0 ? 1 : 0],
  ]);
  sheet.gauge(
    "fwdns_leak_bound_bits_per_hour",
    "Bits that clients can get out in any hour, at most, to each watcher.",
    (["o1", "o2", "o3"] as const).map((watcher) => [{ watcher }, leak[watcher]]),
  );
  sheet.gauge("fwdns_table_pairs", "Names and types that are kept.", [[{}, table.pairs]]);
  sheet.gauge("fwdns_table_fresh", "Of these, with a fresh answer.", [[{}, table.fresh]]);
  sheet.gauge("fwdns_table_stale", "Of these, with an answer past its time.", [[{}, table.stale]]);
  sheet.gauge("fwdns_table_oldest_age_seconds", "The age of the oldest answer, in s.", [
    [{}, table.oldest],
  ]);
}

function addUpstreams(sheet: Sheet, { upstreams }: Description): void {
  const labelled = (pick: (one: Description["upstreams"][number]) => number): Values =>
    upstreams.map((one) => [{ upstream: one.name }, pick(one)]);
  sheet.gauge(
    "fwdns_upstream_up",
    "Whether it has said something, and has not fallen silent since.",
    labelled(({ isAnswering }) => isAnswering ? 1 : 0),
  );
  sheet.counter(
    "fwdns_upstream_questions_total",
    "Questions sent to it, our own among them.",
    labelled(({ questions }) => questions),
  );
  sheet.counter(
    "fwdns_upstream_answers_total",
    "Of these, answered.",
    labelled(({ answers }) => answers),
  );
  sheet.counter(
    "fwdns_upstream_failures_total",
    "Of these, those that came to nothing: it said that it has no answer, or could not be reached. " +
      "Silence is in neither.",
    upstreams.flatMap(({ name, failures, unreachable }) => [
      [{ upstream: name, reason: "failure" }, failures] as const,
      [{ upstream: name, reason: "unreachable" }, unreachable] as const,
    ]),
  );
}
