/** Events as lines: text with the original program's words, or JSON. */

import { describeBytes, formatWhole, many } from "../system/mod.ts";
import { escapeJson, escapeText } from "./escape.ts";
import {
  type AlarmEvent,
  type AlarmSum,
  type Event,
  isAnswered,
  type QueryEvent,
} from "./event.ts";

/** An event as one line of text, without the line's end; what could break it is escaped. */
export function formatText(event: Event): string {
  return escapeText(formatPlain(event));
}

function formatPlain(event: Event): string {
  switch (event.event) {
    case "start":
      return `Starting fw-dns ${event.version} with ${
        count(event.rules, "rule")
      } from ${event.policy}`;
    case "leak":
      return formatLeak(event);
    case "listen":
      return `Listening on ${event.address}`;
    case "metrics":
      return `Metrics and the status page are at ${event.url}`;
    case "privileges":
      return `Running as ${event.user} (uid ${event.uid}), with no privilege left`;
    case "upstream":
      return `Connected to remote DNS server ${event.address}`;
    case "ready":
      return `Ready: ${
        count(event.pairs, "hermetic pair")
      } tried, ${event.answered} answered, after ${event.ms} ms`;
    case "reload":
      return "rules" in event
        ? `Reloaded ${event.policy}: ${count(event.rules, "rule")}`
        : `Not reloaded, the policy from before stays in force: ${event.problem}`;
    case "warning":
      return `Warning: ${event.message}`;
    case "error":
      return `Error: ${event.message}`;
    case "suppressed":
      return `Left out ${count(event.lines, "line")} (${formatCounts(event.counts)})`;
    case "stop":
      return `Stopping on ${event.signal}`;
    case "query":
      return formatQuery(event);
    case "alarm":
      return `Alarm: ${formatAlarm(event)}`;
  }
}

function formatAlarm(alarm: AlarmEvent | AlarmSum): string {
  if ("more" in alarm) {
    return `${formatWhole(alarm.more)} more, ${describeBytes(alarm.bytes)} in all; the largest: ${
      formatAlarm(alarm.largest)
    }`;
  }
  const { client, domain, domains, bytes, names, seconds } = alarm;
  const where = domain ?? `${formatWhole(domains)} domains`;
  const who = client === undefined ? "several clients" : `client ${client}`;
  return `${who} tried to move ${describeBytes(bytes)} to ${where} (${many(names, "name")} in ${
    formatWhole(seconds)
  } s)`;
}

function formatLeak({ o1, o2, o3, hermetic }: Extract<Event, { event: "leak" }>): string {
  const most = Math.ceil(Math.max(o1, o2, o3));
  if (most === 0) return `Leak bound: 0 content bits an hour${hermetic ? " (hermetic)" : ""}`;
  return `Leak bound: clients can get out at most ${
    many(most, "bit")
  } an hour (fw-dns audit tells more)`;
}

/** An event as one line of JSON, without the line's end; `time` is in ms since 1970. */
export function formatJson(event: Event, time: number): string {
  return escapeJson(JSON.stringify({ time: new Date(time).toISOString(), ...event }));
}

const WORDS: Readonly<Record<QueryEvent["verdict"], string>> = {
  forward: "matches, forward",
  serve: "matches, serve",
  nodata: "matches, no data for",
  drop: "Drop packet",
  refuse: "Refuse",
  nxdomain: "Deny with NXDOMAIN",
  servfail: "matches, but no answer for",
};

function formatQuery(query: QueryEvent): string {
  const { client, name = "(no name)", type = "", rcode, ms, upstream } = query;
  const words = wordsOf(query);
  const parts = [`${words} ${name}${type && ` ${type}`} from ${client}`];
  if (upstream !== undefined) parts.push(`${query.cached ? "kept from" : "by"} ${upstream}`);
  if (rcode !== undefined) parts.push(rcode);
  if (ms !== undefined && (query.verdict === "forward" || query.verdict === "servfail")) {
    parts.push(`${ms} ms`);
  }
  if (query.verdict === "servfail" && query.cached) parts.push("no upstream had one a moment ago");
  if (query.reason !== "listed") parts.push(`reason ${query.reason}`);
  if (query.rule !== undefined && query.rule !== name) parts.push(`rule ${query.rule}`);
  return parts.join(", ");
}

function wordsOf({ verdict, reason }: QueryEvent): string {
  if (verdict === "nodata" && reason !== "type" && reason !== "listed") return "Deny without data";
  // It matches no rule: [learn] lets it through.
  return isAnswered(verdict) && reason === "unlisted" ? `Learn, ${verdict}` : WORDS[verdict];
}

/** `1 rule`, `2 rules`. */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function formatCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).map(([what, count]) => `${what} ${count}`).join(", ");
}
