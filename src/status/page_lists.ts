/** The lists of the status page: what was blocked, what was decided, the upstreams, the rules that end. */

import { formatBytes } from "../system/mod.ts";
import { type Html, lines, markup } from "./html.ts";
import type { ShownBlocked, ShownDecision, Status, Suggestion, UpstreamState } from "./model.ts";
import { kindOf } from "./verdicts.ts";
import { formatCount, formatMoment, formatSpan, formatTime } from "./words.ts";

/** How many decisions and domains the page shows; `/status.json` has more. Nothing else is done while it is written. */
const [MOST_DECISIONS, MOST_DOMAINS] = [40, 20];

/** The domains of which most was asked in vain. */
export function blockedTable({ blocked, sight }: Status): Html {
  if (blocked.length === 0) return none(noneOf(sight));
  const most = Math.max(1, ...blocked.map(({ bytes }) => bytes ?? 0));
  return markup`<table>
<thead><tr>
<th scope="col">Domain</th>
<th scope="col" class="number">Queries</th>
<th scope="col" class="number far">Names</th>
<th scope="col" class="number share">Bytes</th>
</tr></thead>
<tbody>${blocked.slice(0, MOST_DOMAINS).map((one) => blockedRows(one, most))}</tbody>
</table>${moreThan(blocked.length)}`;
}

function moreThan(count: number): Html | undefined {
  const more = count - MOST_DOMAINS;
  return more > 0 ? none(`And ${more} more, with less.`) : undefined;
}

function none(text: string): Html {
  return markup`<p class="none">${text}</p>`;
}

function noneOf(sight: Status["sight"]): string {
  switch (sight) {
    case "all":
      return "No unlisted name has been asked for.";
    case "own":
      return "You have asked for no unlisted name lately. What others ask for is not shown here.";
    case "none":
      return "Names are shown only to those who asked for them, and you are no client here.";
  }
}

function blockedRows(one: ShownBlocked, most: number): Html {
  const { domain, client, queries, names, bytes, lastSeen, examples } = one;
  const key = `blocked ${domain} ${client}`;
  const size = bytes === undefined ? "–" : markup`≈ ${formatBytes(bytes)}${bar(bytes / most)}`;
  return markup`<tr>
<th scope="row"><span class="name">${domain}</span>${
    under(`from ${client}, last at `, time(lastSeen))
  }</th>
<td class="number">${formatCount(queries)}</td>
<td class="number far">${formatCount(names)}</td>
<td class="number share">${size}</td>
</tr>
<tr class="more"><td colspan="4">
<details data-key="${key}"><summary>Names, and rules that would allow them</summary>
${examples.map((example) => exampleOf(example, key))}
</details>
</td></tr>`;
}

function exampleOf({ name, type, suggestion }: ShownBlocked["examples"][0], key: string): Html {
  return markup`<div class="example"><span class="name">${name}</span> ${type}
${ruleBox(suggestion, `${key} ${name} ${type}`)}</div>`;
}

function bar(share: number): Html {
  const width = Math.max(1, Math.round(share * 100));
  return markup`<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"
><rect width="${width}" height="1"/></svg>`;
}

/** The newest decisions. */
export function decisionsTable({ decisions, sight }: Status): Html {
  if (decisions.length === 0) {
    return none(sight === "all" ? "Nothing has been asked yet." : noneOf(sight));
  }
  return markup`<table>
<thead><tr>
<th scope="col">Time<span class="far"> (UTC)</span></th>
<th scope="col">Verdict</th>
<th scope="col" class="rest">Name</th>
</tr></thead>
<tbody>${decisions.slice(0, MOST_DECISIONS).map(decisionRow)}</tbody>
</table>`;
}

function decisionRow(one: ShownDecision): Html {
  const { client, name, type, verdict, reason, rule } = one;
  const why = [
    `from ${client}`,
    ...(reason === "listed" ? [] : [`reason ${reason}`]),
    ...(rule === undefined || rule === name ? [] : [`rule ${rule}`]),
  ].join(", ");
  return markup`<tr>
<td>${time(one.time)}</td>
<td><span class="tag ${kindOf(verdict) ?? "empty"}">${verdict}</span></td>
<td><span class="name">${name ?? "(no name)"}</span> ${type}${under(why)}${allowing(one)}</td>
</tr>`;
}

function allowing({ time, client, name, type, suggestion }: ShownDecision): Html | undefined {
  if (suggestion === undefined) return undefined;
  const key = `decision ${time} ${client} ${name} ${type}`;
  return markup`<details data-key="${key}"><summary>What would allow it</summary>
${ruleBox(suggestion, `${key} rule`)}</details>`;
}

function ruleBox(suggestion: Suggestion | undefined, key: string): Html | undefined {
  if (suggestion === undefined) return undefined;
  if (suggestion.kind === "advice") return markup`<p class="note">${suggestion.text}</p>`;
  return markup`<div class="rule" data-key="${key}"><pre>${lines(suggestion.toml.trimEnd())}</pre>
<button type="button" class="copy js-only">Copy</button></div>`;
}

/** How the upstreams are doing. */
export function upstreamsTable(upstreams: readonly UpstreamState[]): Html {
  return markup`<table>
<thead><tr>
<th scope="col">Upstream</th>
<th scope="col">State</th>
<th scope="col" class="number">Asked</th>
<th scope="col" class="number">Failed</th>
</tr></thead>
<tbody>${upstreams.map(upstreamRow)}</tbody>
</table>`;
}

function upstreamRow(one: UpstreamState): Html {
  const { name, address, transport, isAnswering, questions, answers, failures, unreachable } = one;
  const where = `${name === address ? "" : `${address}, `}${transport.toUpperCase()}`;
  const state = isAnswering ? "answering" : answers + failures > 0 ? "silent" : "no answer yet";
  return markup`<tr>
<th scope="row"><span class="name">${name}</span>${under(where)}</th>
<td><span class="state ${isAnswering ? "" : "bad"}">${state}</span></td>
<td class="number">${formatCount(questions)}</td>
<td class="number">${formatCount(failures + unreachable)}</td>
</tr>`;
}

/** What ends by itself. */
export function expiringList({ expiring, now }: Status): Html {
  if (expiring.length === 0) return none("No rule ends by itself.");
  const rows = expiring.map(({ name, expires }) => {
    const when = expires <= now ? "has ended" : `in ${formatSpan(expires - now)}`;
    const moment = markup`<time datetime="${iso(expires)}">${formatMoment(expires)}</time>`;
    return markup`<tr><th scope="row"><span class="name">${name}</span></th><td>${when}${
      under(moment)
    }</td></tr>`;
  });
  return markup`<table>
<thead><tr><th scope="col">Rule</th><th scope="col">Ends</th></tr></thead>
<tbody>${rows}</tbody>
</table>`;
}

function under(...content: readonly (string | Html)[]): Html {
  return markup`<span class="under">${content}</span>`;
}

function time(time: number): Html {
  return markup`<time datetime="${iso(time)}">${formatTime(time)}</time>`;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
