/** What Prometheus makes of the metrics: promtool reads them, and a real server scrapes them (Debian: prometheus). */

import assert from "node:assert/strict";
import { join } from "node:path";
import { sleep } from "../../scripts/sleep.ts";
import { freePort } from "../../scripts/soak/ports.ts";
import { ROOT } from "../support/program.ts";
import { StatusServer } from "../support/status_server.ts";

async function run(
  program: string,
  args: readonly string[],
  input = "",
): Promise<[number, string]> {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  return [code, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr)];
}

async function metrics(): Promise<string> {
  const server = new StatusServer();
  try {
    return await (await fetch(`${server.url}metrics`)).text();
  } finally {
    server.close();
  }
}

/** The leak bound is in bits, as `audit` tells it; promtool would have all in bytes. */
const IN_BITS = 'fwdns_leak_bound_bits_per_hour use base unit "bytes" instead of "bits"\n';

Deno.test("promtool finds no fault in the metrics but that a bound in bits is in bits", async () => {
  const text = await metrics();
  assert.deepEqual(await run("promtool", ["check", "metrics"], text), [3, IN_BITS]);
  const rest = text.split("\n").filter((line) => !line.includes("fwdns_leak_bound_bits_per_hour"));
  assert.deepEqual(await run("promtool", ["check", "metrics"], rest.join("\n")), [0, ""]);
});

Deno.test("promtool finds no fault in the alert rules, and they fire when they should", async () => {
  const folder = join(ROOT, "docs/monitoring");
  const [code, said] = await run("promtool", ["check", "rules", join(folder, "alerts.yml")]);
  assert.equal(code, 0, said);
  assert.match(said, /SUCCESS: \d+ rules found/);
  const [tested, told] = await run("promtool", [
    "test",
    "rules",
    join(ROOT, "tests/e2e/alerts.yml"),
  ]);
  assert.equal(tested, 0, told);
});

/** The names of metrics in an expression of PromQL or a rule. */
function metricsIn(text: string): string[] {
  return [...new Set(text.match(/\b(?:fwdns|process)_[a-z_]+/g))];
}

Deno.test("the dashboard and the alert rules ask for metrics that there are", async () => {
  const text = await metrics();
  for (const file of ["grafana-dashboard.json", "alerts.yml"]) {
    const content = await Deno.readTextFile(join(ROOT, "docs/monitoring", file));
    const names = metricsIn(content.replaceAll(/"uid": "[^"]*"/g, ""));
    assert.ok(names.length > 5);
    for (const name of names) {
      assert.ok(new RegExp(`^${name}[{ ]`, "m").test(text), `${file}: ${name}`);
    }
  }
});

Deno.test("a real Prometheus scrapes them as OpenMetrics", async () => {
  const server = new StatusServer();
  const folder = await Deno.makeTempDir({ prefix: "fw-dns-prometheus-" });
  const config = join(folder, "prometheus.yml");
  await Deno.writeTextFile(
    config,
    `global: {scrape_interval: 1s}
scrape_configs: [{job_name: fw-dns, static_configs: [{targets: ["127.0.0.1:${server.port}"]}]}]
`,
  );
  const port = freePort("127.0.0.1");
  const prometheus = new Deno.Command("prometheus", {
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
  const ask = async (query: string): Promise<string | undefined> => {
    const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
    const response = await fetch(url).catch(() => undefined);
    const answer = response?.ok ? await response.json() : await response?.body?.cancel();
    return answer?.data.result[0]?.value[1];
  };
  try {
    const end = Date.now() + 60_000;
    let up: string | undefined;
    while ((up = await ask("up")) !== "1" && Date.now() < end) {
      await sleep(500);
    }
    assert.equal(up, "1");
    assert.equal(await ask('fwdns_responses_total{verdict="serve"}'), "21934");
    assert.equal(await ask('fwdns_request_duration_seconds_bucket{le="+Inf"}'), "26136");
    assert.deepEqual(server.errors, []);
  } finally {
    prometheus.kill("SIGTERM");
    await prometheus.status;
    server.close();
    await Deno.remove(folder, { recursive: true });
  }
});
