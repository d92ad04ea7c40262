/** The section Floods of docs/reliability.md. */

import { BEHIND_RULES, RATE } from "./arena.ts";
import { type Flood, FLOODS, type Results, type Run } from "./kinds.ts";

const number = (value: number): string => Math.round(value).toLocaleString("en");
const share = (value: number): string => value === 0 ? "0" : `${(value * 100).toFixed(1)} %`;
/** A query without an answer counts as one of 2 s, which says nothing more than that. */
const time = (ms: number): string => ms >= 2000 ? "none" : ms.toFixed(2);

/** Markdown for what was measured. */
export function formatFloods(results: Results, machine: string, date: Date): string {
  const { seconds, isCompiled, versions } = results;
  return `
${date.toISOString().slice(0, 10)}, ${machine}, ${versions.join(", ")}, fw-dns ${
    isCompiled ? "compiled" : "from source"
  }. By \`deno task reliability:floods ${seconds}\`.

One process floods a server as fast as one processor can; the server has the other one. Meanwhile a client of another
account asks for ten listed names, ${RATE} times a second for ${seconds} s, whatever comes back. \`${BEHIND_RULES}\` stands
behind what \`fw-dns lockdown --to nft\` prints for its policy, and the others behind nothing: such rules would help them
as well. "none" is where there was no answer within 2 s.

${Object.keys(FLOODS).map((flood) => tableOf(results, flood as Flood)).join("\n\n")}

### From which rate on queries are lost

A flood of unlisted names at a fixed rate, without any rules: how many of the other client's queries got no answer.

${stepsOf(results)}

What comes faster than a server reads overflows the buffer of its socket. The system then drops whatever packet is next,
the client's too, and nothing that a server does behind its socket changes that.
`;
}

function tableOf({ runs }: Results, flood: Flood): string {
  const rows = runs.filter((run) => run.flood === flood).map(rowOf);
  return `### Flood: ${FLOODS[flood]}

| server | asked over | flood, a second | lost | p50, ms | p99, ms | p99.9, ms |
| --- | --- | ---: | ---: | ---: | ---: | ---: |
${rows.join("\n")}`;
}

function rowOf({ server, transport, offered, heard }: Run): string {
  const lost = share(1 - heard.replies / heard.sent);
  const times = [heard.p50, heard.p99, heard.p999].map(time);
  return `| ${[server, transport.toUpperCase(), number(offered), lost, ...times].join(" | ")} |`;
}

function stepsOf({ steps }: Results): string {
  const servers = [...new Set(steps.map(({ server }) => server))];
  const rows = servers.map((server) => {
    const own = steps.filter((step) => step.server === server);
    return `| ${server} | ${
      own.map(({ offered, lost }) => `${number(offered)}: ${share(lost)}`).join(" | ")
    } |`;
  });
  const columns = Math.max(
    0,
    ...servers.map((one) => steps.filter(({ server }) => server === one).length),
  );
  return `| server |${" offered a second: lost |".repeat(columns)}
| --- |${" --- |".repeat(columns)}
${rows.join("\n")}`;
}
