import assert from "node:assert/strict";
import type { Event } from "../../src/observe/event.ts";
import { formatJson, formatText } from "../../src/observe/mod.ts";

const QUERY = { event: "query", client: "10.0.0.7", name: "api.example.com", type: "A" } as const;

const ALARM = {
  event: "alarm",
  client: "10.0.0.7",
  domain: "tunnel.example",
  domains: 1,
  bytes: 1000,
  names: 1,
  seconds: 1,
} as const;

/** Every kind of event and the line that tells it. */
const LINES: readonly [Event, string][] = [
  [
    { event: "start", version: "0.1.0", policy: "policy.toml", rules: 3 },
    "Starting fw-dns 0.1.0 with 3 rules from policy.toml",
  ],
  [
    { event: "start", version: "0.1.0", policy: "p", rules: 1 },
    "Starting fw-dns 0.1.0 with 1 rule from p",
  ],
  [
    { event: "leak", o1: 871.2, o2: 871.2, o3: 871.2, restart: 871.2, hermetic: false },
    "Leak bound: clients can get out at most 872 bits an hour (fw-dns audit tells more)",
  ],
  [
    { event: "leak", o1: 0.5, o2: 1, o3: 0.5, restart: 1, hermetic: false },
    "Leak bound: clients can get out at most 1 bit an hour (fw-dns audit tells more)",
  ],
  [
    { event: "leak", o1: 0, o2: 0, o3: 0, restart: 0, hermetic: true },
    "Leak bound: 0 content bits an hour (hermetic)",
  ],
  [
    { event: "leak", o1: 0, o2: 0, o3: 0, restart: 0, hermetic: false },
    "Leak bound: 0 content bits an hour",
  ],
  [{ event: "listen", address: "127.0.0.1:53" }, "Listening on 127.0.0.1:53"],
  [
    { event: "upstream", address: "9.9.9.9:53", name: "quad9" },
    "Connected to remote DNS server 9.9.9.9:53",
  ],
  [{ event: "stop", signal: "SIGTERM" }, "Stopping on SIGTERM"],
  [{ event: "error", message: "it broke" }, "Error: it broke"],
  [{ event: "error", message: "a\nb\u001b[2J\u009b" }, "Error: a\\010b\\027[2J\\155"],
  [{ event: "warning", message: "it may break" }, "Warning: it may break"],
  [
    { ...ALARM, bytes: 47_800, names: 1234, seconds: 60 },
    "Alarm: client 10.0.0.7 tried to move about 48 kB to tunnel.example (1,234 names in 60 s)",
  ],
  [
    { ...ALARM, bytes: 96, names: 14, seconds: 41 },
    "Alarm: client 10.0.0.7 tried to move about 96 bytes to tunnel.example (14 names in 41 s)",
  ],
  [
    { event: "alarm", client: "::1", domains: 2048, bytes: 2e6, names: 2048, seconds: 3600 },
    "Alarm: client ::1 tried to move about 2 MB to 2,048 domains (2,048 names in 3,600 s)",
  ],
  [
    { event: "alarm", more: 3, bytes: 4440, largest: { ...ALARM, bytes: 2000 } },
    "Alarm: 3 more, about 4.4 kB in all; the largest: client 10.0.0.7 tried to move about 2 kB to tunnel.example (1 name in 1 s)",
  ],
  [
    { event: "suppressed", lines: 7, counts: { "drop unlisted": 5, "drop malformed": 2 } },
    "Left out 7 lines (drop unlisted 5, drop malformed 2)",
  ],
  [
    {
      ...QUERY,
      verdict: "forward",
      reason: "listed",
      rule: "*.example.com",
      upstream: "quad9",
      rcode: "NOERROR",
      ms: 12,
      cached: false,
    },
    "matches, forward api.example.com A from 10.0.0.7, by quad9, NOERROR, 12 ms, rule *.example.com",
  ],
  [
    {
      ...QUERY,
      verdict: "serve",
      reason: "listed",
      rule: "api.example.com",
      upstream: "quad9",
      rcode: "NOERROR",
      cached: true,
    },
    "matches, serve api.example.com A from 10.0.0.7, kept from quad9, NOERROR",
  ],
  [
    {
      ...QUERY,
      type: "TXT",
      verdict: "nodata",
      reason: "type",
      rule: "api.example.com",
      rcode: "NOERROR",
    },
    "matches, no data for api.example.com TXT from 10.0.0.7, NOERROR, reason type",
  ],
  [
    { ...QUERY, verdict: "nodata", reason: "unlisted", rcode: "NOERROR" },
    "Deny without data api.example.com A from 10.0.0.7, NOERROR, reason unlisted",
  ],
  [
    { ...QUERY, verdict: "forward", reason: "unlisted", rcode: "NOERROR", ms: 7, upstream: "q" },
    "Learn, forward api.example.com A from 10.0.0.7, by q, NOERROR, 7 ms, reason unlisted",
  ],
  [
    {
      ...QUERY,
      verdict: "serve",
      reason: "unlisted",
      rcode: "NOERROR",
      upstream: "q",
      cached: true,
    },
    "Learn, serve api.example.com A from 10.0.0.7, kept from q, NOERROR, reason unlisted",
  ],
  [
    { ...QUERY, verdict: "drop", reason: "unlisted" },
    "Drop packet api.example.com A from 10.0.0.7, reason unlisted",
  ],
  [
    { event: "query", client: "10.0.0.7", verdict: "drop", reason: "malformed" },
    "Drop packet (no name) from 10.0.0.7, reason malformed",
  ],
  [
    { ...QUERY, verdict: "refuse", reason: "unlisted", rcode: "REFUSED" },
    "Refuse api.example.com A from 10.0.0.7, REFUSED, reason unlisted",
  ],
  [
    { ...QUERY, verdict: "nxdomain", reason: "expired", rcode: "NXDOMAIN" },
    "Deny with NXDOMAIN api.example.com A from 10.0.0.7, NXDOMAIN, reason expired",
  ],
  [
    {
      ...QUERY,
      verdict: "servfail",
      reason: "upstream",
      rule: "api.example.com",
      rcode: "SERVFAIL",
      ms: 4500,
    },
    "matches, but no answer for api.example.com A from 10.0.0.7, SERVFAIL, 4500 ms, reason upstream",
  ],
];

for (const [event, line] of LINES) {
  Deno.test(`a line of text: ${line}`, () => assert.equal(formatText(event), line));
}

Deno.test("a line of JSON has the time and every field", () => {
  const [event] = LINES.find(([event]) => event.event === "query")!;
  const parsed = JSON.parse(formatJson(event, Date.parse("2026-11-24T06:00:00Z")));
  assert.deepEqual(parsed, { time: "2026-11-24T06:00:00.000Z", ...event });
});
