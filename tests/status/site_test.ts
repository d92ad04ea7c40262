import assert from "node:assert/strict";
import { Site } from "../../src/status/mod.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { describing, FakeStatistics, seen } from "../support/fake_statistics.ts";
import { policyFrom } from "../support/policies.ts";

class Bench {
  readonly clock = new FakeClock();
  readonly statistics = new FakeStatistics();
  description = describing();
  policy = policyFrom("");
  readonly site = new Site({
    statistics: this.statistics,
    describe: () => Promise.resolve(this.description),
    policy: () => this.policy,
    clock: this.clock,
  });

  async get(path: string, accept = "", address = "127.0.0.1"): Promise<[number, string, string]> {
    const request = { method: "GET", path, accept, isForwarded: false } as const;
    const { status, headers, body } = await this.site.respond(request, address);
    return [status, headers["Content-Type"]!, body];
  }
}

const SCRAPER = "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;" +
  "version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

Deno.test("metrics come in the format that is asked for, the older one where none is", async () => {
  const bench = new Bench();
  for (
    const accept of ["", "*/*", "text/plain", "text/plain, application/openmetrics-text;q=0.5"]
  ) {
    const [status, type, body] = await bench.get("/metrics", accept);
    assert.deepEqual([status, type], [200, "text/plain; version=0.0.4; charset=utf-8"], accept);
    assert.match(
      body,
      /^# TYPE fwdns_queries_total counter\nfwdns_queries_total\{type="A"\} 14201$/m,
    );
  }
  const [, type, body] = await bench.get("/metrics", SCRAPER);
  assert.equal(type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
  assert.match(body, /^# TYPE fwdns_queries counter\nfwdns_queries_total\{type="A"\} 14201$/m);
  assert.ok(body.endsWith("\n# EOF\n"));
});

Deno.test("metrics have every figure, and no name or client", async () => {
  const [, , body] = await new Bench().get("/metrics");
  for (
    const line of [
      'fwdns_responses_total{verdict="drop",reason="unlisted"} 3902',
      'fwdns_request_duration_seconds_bucket{le="0.1"} 26050',
      'fwdns_request_duration_seconds_bucket{le="+Inf"} 26136',
      "fwdns_request_duration_seconds_sum 171.25",
      "fwdns_blocked_bytes_estimated_total 48266",
      "fwdns_blocked_domain_bytes_estimated_max 48211",
      "fwdns_alarms_total 1",
      'fwdns_build_info{version="0.1.0",mode="forward"} 1',
      "fwdns_policy_rules 12",
      "fwdns_policy_last_reload_successful 1",
      "fwdns_ready 1",
      'fwdns_leak_bound_bits_per_hour{watcher="o3"} 2772.4',
      "fwdns_table_pairs 24",
      "fwdns_table_fresh 19",
      "fwdns_table_stale 2",
      "fwdns_table_oldest_age_seconds 1830",
      'fwdns_upstream_up{upstream="quad9"} 1',
      'fwdns_upstream_up{upstream="149.112.112.112:53"} 0',
      'fwdns_upstream_questions_total{upstream="quad9"} 4211',
      'fwdns_upstream_failures_total{upstream="quad9",reason="unreachable"} 2',
      "process_resident_memory_bytes 71000000",
    ]
  ) assert.ok(body.includes(`\n${line}\n`), line);
  assert.doesNotMatch(body, /tunnel\.example|ubuntu|pypi|127\.0\.0\.1/);
});

Deno.test("what has not been asked yet has no figure, rather than one without labels", async () => {
  const bench = new Bench();
  bench.statistics.now = seen({ queries: new Map(), responses: [], blocked: [] });
  const [, , body] = await bench.get("/metrics");
  assert.match(body, /^# TYPE fwdns_queries_total counter$/m);
  assert.doesNotMatch(body, /^fwdns_(queries|responses)_total/m);
  assert.match(body, /^fwdns_blocked_domain_bytes_estimated_max 0$/m);
});

Deno.test("it is healthy where it answers, and ready once every hermetic pair was tried", async () => {
  const bench = new Bench();
  bench.description = describing({ untried: 3 });
  assert.deepEqual(await bench.get("/healthz"), [200, "text/plain; charset=utf-8", "ok\n"]);
  assert.equal((await bench.get("/readyz"))[0], 503);
  assert.match((await bench.get("/readyz"))[2], /3 hermetic pairs are still to be tried/);
  bench.description = describing();
  await bench.clock.advance(1000);
  assert.equal((await bench.get("/readyz"))[0], 200);
});

Deno.test("what there is to show is gathered once a second at most, whoever asks", async () => {
  const bench = new Bench();
  for (let i = 0; i < 50; i++) {
    for (const path of ["/", "/metrics", "/status.json", "/readyz"]) await bench.get(path);
  }
  assert.equal(bench.statistics.reads, 1);
  await bench.clock.advance(1000);
  await Promise.all([bench.get("/"), bench.get("/")]);
  assert.equal(bench.statistics.reads, 2);
});

Deno.test("what one viewer may see is not handed to the next", async () => {
  const bench = new Bench();
  bench.policy = policyFrom('[listen]\nclients = ["127.0.0.1/32", "10.0.7.0/24"]');
  const sights: string[] = [];
  for (const address of ["127.0.0.1", "10.0.7.9", "192.0.2.1"]) {
    const [, , body] = await bench.get("/status.json", "", address);
    sights.push(`${JSON.parse(body).sight} ${JSON.parse(body).decisions.length}`);
    assert.equal(
      (await bench.get("/", "", address))[2].includes("motd.ubuntu.com"),
      address === "127.0.0.1",
    );
  }
  assert.deepEqual(sights, ["own 8", "own 0", "none 0"]);
});

Deno.test("a mistake in what is running is not kept for the next one", async () => {
  const bench = new Bench();
  let isBroken = true;
  const site = new Site({
    ...bench.site.parts,
    describe: () => isBroken ? Promise.reject(new Error("a bug")) : Promise.resolve(describing()),
  });
  const request = { method: "GET", path: "/readyz", accept: "", isForwarded: false } as const;
  await assert.rejects(site.respond(request, "127.0.0.1"), /a bug/);
  isBroken = false;
  assert.equal((await site.respond(request, "127.0.0.1")).status, 200);
});

Deno.test("there is nothing else", async () => {
  for (const path of ["/metrics/", "/..", "/favicon.ico", "//", "/status.json/x"]) {
    assert.equal((await new Bench().get(path))[0], 404, path);
  }
});
