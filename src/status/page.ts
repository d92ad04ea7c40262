/** The status page: one document that holds all it needs. */

import { mostBits } from "../policy/mod.ts";
import { formatBytes, many } from "../system/mod.ts";
import { Html, markup } from "./html.ts";
import type { Status } from "./model.ts";
import { blockedTable, decisionsTable, expiringList, upstreamsTable } from "./page_lists.ts";
import { plot } from "./plot.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";
import { countKind } from "./verdicts.ts";
import { formatCount, formatSpan } from "./words.ts";

/** What of a page that somebody looks at without a script is asked for anew, in s. */
const REFRESH = 30;

/** The page. */
export function formatPage(status: Status): string {
  const blocked = countKind(status.responses, "blocked");
  const cards = [
    card("history", "Verdicts", "every bar a span of time, in UTC", plot(status.history)),
    card("blocked", "Blocked domains", "where most could have gone, first", blockedTable(status)),
    card("decisions", "Latest decisions", "the newest first", decisionsTable(status)),
    markup`<div class="pair">${[
      card("upstreams", "Upstreams", undefined, upstreamsTable(status.upstreams)),
      card("table", "Answers that are kept", undefined, tableFacts(status)),
    ]}</div>`,
    card("expiring", "Rules that end", undefined, expiringList(status)),
  ];
  const page = markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>fw-dns: ${formatCount(blocked)} blocked</title>
<noscript><meta http-equiv="refresh" content="${REFRESH}"></noscript>
<style>${new Html(STYLE)}</style>
</head>
<body>
${header(status)}
<main id="main">
<section id="summary" data-live aria-label="Summary">${tiles(status, blocked)}</section>
${cards}
</main>
<footer><p>Read only. Times are in UTC. <a href="metrics">metrics</a>, <a href="status.json">status.json</a></p></footer>
<p id="said" class="hidden" role="status" aria-live="polite"></p>
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`;
  return page.text;
}

function header(status: Status): Html {
  const { policy, version, rules, started, now, untried } = status;
  const isReady = untried === 0;
  const subtitle = `${policy}, ${many(rules, "rule")}. ` +
    `Version ${version}, up for ${formatSpan(now - started)}.`;
  const state = isReady ? "Serving" : `Not ready: ${formatCount(untried)} still to be tried`;
  return markup`<a class="skip" href="#main">Skip to the content</a>
<header>
<h1>fw-dns</h1>
<span id="state" class="pill ${isReady ? "ok" : "bad"}">${state}</span>
<span class="tools">
<button type="button" id="pause" class="js-only" aria-pressed="false">Pause</button>
<a class="no-js" href="">Reload</a>
</span>
<p id="subtitle" class="sub" data-live>${subtitle}</p>
</header>`;
}

function tiles(status: Status, blocked: number): Html {
  const { mode, leak, blockedBytes, alarms, responses, isReloadGood } = status;
  const all = responses.reduce((sum, { count }) => sum + count, 0);
  const allowed = countKind(responses, "allowed");
  const alarm = alarms === 0 ? "no alarm" : many(alarms, "alarm");
  return markup`<dl class="tiles">
${tile("Mode", mode, isReloadGood ? undefined : "the last reload was refused")}
${tile("Leak bound", `${formatCount(Math.ceil(mostBits(leak)))} bits`, "in any hour, at most")}
${tile("Queries", formatCount(all), `${formatCount(allowed)} allowed`)}
${tile("Blocked", formatCount(blocked), share(blocked, all))}
${tile("Tried to move", `≈ ${formatBytes(blockedBytes)}`, `in blocked names; ${alarm}`)}
</dl>
<p id="news" class="hidden" data-count="${blocked}">${formatCount(blocked)} blocked so far.</p>`;
}

function tile(title: string, value: string, more: string | undefined): Html {
  const small = more === undefined ? undefined : markup`<small>${more}</small>`;
  return markup`<div><dt>${title}</dt><dd>${value}${small}</dd></div>`;
}

function share(part: number, all: number): string {
  if (all === 0) return "nothing asked yet";
  const percent = part / all * 100;
  return `${percent > 0 && percent < 1 ? "under 1" : Math.round(percent)} % of all`;
}

function card(id: string, title: string, more: string | undefined, content: Html): Html {
  const small = more === undefined ? undefined : markup` <small class="far">${more}</small>`;
  return markup`<section class="card" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}${small}</h2>
<div id="${id}" data-live>${content}</div>
</section>`;
}

function tableFacts({ table, mode }: Status): Html {
  const { pairs, fresh, stale, oldest } = table;
  const missing = pairs - fresh - stale;
  const facts: readonly (readonly [string, string])[] = [
    [mode === "forward" ? "Names and types asked for" : "Names and types", formatCount(pairs)],
    ["Fresh", formatCount(fresh)],
    ["Past their time", formatCount(stale)],
    ["Without an answer", formatCount(missing)],
    ["Oldest answer", fresh + stale === 0 ? "–" : formatSpan(oldest * 1000)],
  ];
  const rows = facts.map(([title, value]) => markup`<dt>${title}</dt><dd>${value}</dd>`);
  return markup`<dl class="facts">${rows}</dl>`;
}
