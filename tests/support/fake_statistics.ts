/** Statistics as a test sets them, and what is running beside them. */

import type { QueryEvent } from "../../src/observe/event.ts";
import type { HistoryPoint, Snapshot, Statistics } from "../../src/observe/stats.ts";
import type { Description } from "../../src/status/mod.ts";

/** When the snapshot of these tests was taken, in ms since 1970. */
export const NOW = Date.parse("2026-06-01T14:05:09Z");

const MINUTE = 60_000;

/** What is running, but for what a test says. */
export function describing(change: Partial<Description> = {}): Description {
  return {
    version: "0.1.0",
    policy: "/etc/fw-dns/policy.toml",
    rules: 12,
    mode: "forward",
    leak: { o1: 2772.4, o2: 2772.4, o3: 2772.4 },
    upstreams: [
      {
        name: "quad9",
        address: "9.9.9.9:853",
        transport: "tls",
        isAnswering: true,
        questions: 4211,
        answers: 4198,
        failures: 4,
        unreachable: 2,
      },
      {
        name: "149.112.112.112:53",
        address: "149.112.112.112:53",
        transport: "udp",
        isAnswering: false,
        questions: 17,
        answers: 0,
        failures: 0,
        unreachable: 11,
      },
    ],
    table: { pairs: 24, fresh: 19, stale: 2, oldest: 1830 },
    untried: 0,
    isReloadGood: true,
    expiring: [{ name: "files.example.net", expires: NOW + 90 * MINUTE }],
    memory: 71_000_000,
    ...change,
  };
}

/** A decision about a query, so many seconds ago. */
export function decided(secondsAgo: number, query: Partial<QueryEvent>): Snapshot["decisions"][0] {
  return {
    time: NOW - secondsAgo * 1000,
    query: {
      event: "query",
      client: "127.0.0.1",
      name: "example.com",
      type: "A",
      verdict: "drop",
      reason: "unlisted",
      ...query,
    },
  };
}

/** Names that are attacks, as whoever shows them may come to see them. */
export const HOSTILE: readonly string[] = [
  "<script>alert(1)</script>.evil.example",
  '"><img src=x onerror=alert(1)>.evil.example',
  "\u001b[31mred\u001b[0m.evil.example",
  "\u202egnp.elpmaxe\u2066",
  "a\nb.evil.example",
  "\\027[31m\\060script\\062.evil.example",
  "x' onmouseover='alert(1)",
];

function histories(): HistoryPoint[] {
  const points: HistoryPoint[] = [];
  const begin = NOW - (NOW % MINUTE);
  for (let ago = 6 * 60; ago >= 0; ago--) {
    const wave = 40 + Math.round(22 * Math.sin(ago / 37) + 9 * Math.sin(ago / 5));
    const isTunnel = ago > 95 && ago < 130;
    points.push({
      time: begin - ago * MINUTE,
      counts: {
        forward: Math.round(wave / 3),
        serve: wave,
        nodata: ago % 4,
        drop: (ago % 7 === 0 ? 6 : 1) + (isTunnel ? 55 : 0),
        ...(ago > 200 && ago < 212 ? { servfail: 14 } : {}),
      },
    });
  }
  return points;
}

/** What has been seen, but for what a test says. */
export function seen(change: Partial<Snapshot> = {}): Snapshot {
  return {
    started: NOW - 401 * MINUTE,
    now: NOW,
    queries: new Map([["A", 14_201], ["AAAA", 13_988], ["HTTPS", 902], ["TXT", 1903]]),
    responses: [
      { verdict: "forward", reason: "listed", count: 4202 },
      { verdict: "serve", reason: "listed", count: 21_934 },
      { verdict: "nodata", reason: "type", count: 902 },
      { verdict: "drop", reason: "unlisted", count: 3902 },
      { verdict: "drop", reason: "malformed", count: 3 },
      { verdict: "servfail", reason: "upstream", count: 51 },
    ],
    durations: {
      buckets: [
        { seconds: 0.001, count: 21_934 },
        { seconds: 0.01, count: 23_000 },
        { seconds: 0.1, count: 26_050 },
        { seconds: 1, count: 26_130 },
      ],
      count: 26_136,
      sum: 171.25,
    },
    blocked: [
      blockedDomain("tunnel.example", 1925, 1911, 48_211, [
        "mfzwizltoqwwc3tefvwgk5dujvqwk.t.tunnel.example",
        "ovzwk4tomfwwkorakq2gc3tu.t.tunnel.example",
      ], "TXT"),
      blockedDomain("telemetry-vendor.com", 204, 3, 31, ["collect.telemetry-vendor.com"]),
      blockedDomain("ubuntu.com", 38, 2, 12, ["motd.ubuntu.com", "ntp.ubuntu.com"], "AAAA"),
    ],
    blockedBytes: 48_266,
    alarms: 1,
    decisions: [
      decided(1, {
        name: "api.github.com",
        verdict: "serve",
        reason: "listed",
        rule: "api.github.com",
      }),
      decided(2, { name: "motd.ubuntu.com", type: "AAAA" }),
      decided(4, { name: "pypi.org", verdict: "forward", reason: "listed", rule: "pypi.org" }),
      decided(4, {
        name: "pypi.org",
        type: "HTTPS",
        verdict: "nodata",
        reason: "type",
        rule: "pypi.org",
      }),
      decided(9, { name: "mfzwizltoqwwc3tefvwgk5dujvqwk.t.tunnel.example", type: "TXT" }),
      decided(12, {
        name: "internal.example.net",
        verdict: "servfail",
        reason: "upstream",
        rule: "internal.example.net",
      }),
      decided(21, { name: undefined, type: undefined, reason: "malformed" }),
      decided(33, {
        name: "files.pythonhosted.org",
        verdict: "serve",
        reason: "listed",
        rule: "*.pythonhosted.org",
      }),
    ],
    history: histories(),
    ...change,
  };
}

/** What has been seen where nothing has been asked yet. */
export function nothingSeen(): Snapshot {
  return seen({
    queries: new Map(),
    responses: [],
    blocked: [],
    decisions: [],
    history: [],
    blockedBytes: 0,
    alarms: 0,
  });
}

function blockedDomain(
  domain: string,
  queries: number,
  names: number,
  bytes: number,
  examples: readonly string[],
  type = "A",
): Snapshot["blocked"][0] {
  return {
    domain,
    client: "127.0.0.1",
    queries,
    names,
    bytes,
    error: 0,
    firstSeen: NOW - 130 * MINUTE,
    lastSeen: NOW - 9000,
    examples: examples.map((name) => ({ name, type })),
  };
}

/** Statistics that say what a test says. */
export class FakeStatistics implements Statistics {
  /** How often it was read. */
  reads = 0;

  constructor(public now: Snapshot = seen()) {}

  snapshot(): Snapshot {
    this.reads++;
    return this.now;
  }
}
