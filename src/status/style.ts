/** How the status page looks. */

/** The style sheet. Colours have a contrast of 4.5 to 1 or more on their ground, in light and in dark. */
export const STYLE = `
:root{color-scheme:light dark;--ground:#f4f5f7;--card:#fff;--ink:#1a2230;--soft:#566173;--line:#dfe3e9;--raised:#f4f5f7;--accent:#1d5fc2;--allowed:#2e7d6b;--empty:#7d8796;--blocked:#c2571a;--failed:#8a3ffc;--good:#21705c;--bad:#b3261e;--blockedtext:#a3450f}
@media(prefers-color-scheme:dark){:root{--ground:#10151c;--card:#182029;--ink:#e4e9f0;--soft:#9ba8b9;--line:#2a3542;--raised:#111820;--accent:#7fb2ff;--allowed:#4fb49c;--empty:#6d7a8b;--blocked:#f08c4a;--failed:#b990ff;--good:#67c9b1;--bad:#ff8a80;--blockedtext:#f5a46d}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans","DejaVu Sans",sans-serif}
main,header,footer{max-width:68rem;margin:0 auto;padding:0 1rem}
header{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem 1rem;padding-top:1.25rem;padding-bottom:.25rem}
h1{font-size:1.25rem;margin:0;letter-spacing:-.01em}
h2{font-size:1rem;margin:0 0 .75rem}
h2 small{font-weight:400;color:var(--soft);font-size:.875rem;margin-left:.4rem}
p{margin:.25rem 0}
.sub{flex-basis:100%;color:var(--soft);font-size:.875rem;margin:0;overflow-wrap:anywhere}
.pill{display:inline-flex;align-items:center;gap:.4rem;font-size:.875rem;font-weight:600;color:var(--good)}
.pill::before{content:"";width:.6rem;height:.6rem;border-radius:50%;background:currentColor}
.pill.bad{color:var(--bad)}
.tools{margin-left:auto;display:flex;align-items:center;gap:.75rem;font-size:.875rem;color:var(--soft)}
a{color:var(--accent)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;margin:.75rem 0}
.tiles div,.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem}
.tiles div{padding:.7rem .9rem}
.tiles dt{color:var(--soft);font-size:.8125rem}
.tiles dd{margin:0;font-size:1.3rem;font-weight:600;letter-spacing:-.01em;font-variant-numeric:tabular-nums}
.tiles dd small{display:block;font-size:.8125rem;font-weight:400;color:var(--soft);letter-spacing:0}
.card{padding:1rem;margin:0 0 .75rem}
.more td{border-top:0;padding-top:0}
.example{margin:.5rem 0 0}
.share{width:32%}.rest{width:75%}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:0 .75rem}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.45rem .75rem .45rem 0;border-top:1px solid var(--line)}
thead th{border-top:0;padding-top:0;color:var(--soft);font-weight:500;font-size:.8125rem}
tbody th{font-weight:600}
th:last-child,td:last-child{padding-right:0}
.number{text-align:right;white-space:nowrap}
.name{overflow-wrap:anywhere;font-weight:600}
.under{display:block;color:var(--soft);font-size:.8125rem;font-weight:400;overflow-wrap:anywhere}
time{white-space:nowrap}
.tag{display:inline-block;min-width:4.6em;text-align:center;border-radius:1em;padding:0 .6em;font-size:.8125rem;font-weight:600;border:1px solid currentColor}
.tag.allowed{color:var(--good)}.tag.empty{color:var(--soft)}.tag.blocked{color:var(--blockedtext)}.tag.failed{color:var(--failed)}
.state{white-space:nowrap;font-weight:600;color:var(--good)}.state.bad{color:var(--bad)}
.bar{display:block;width:100%;height:.3rem;margin-top:.3rem;border-radius:.2rem;background:var(--line);overflow:hidden}
.bar rect{fill:var(--blocked)}
.plot{position:relative}
.most{position:absolute;right:0;top:-1.9rem;color:var(--soft);font-size:.8125rem;margin:0}
.plot svg{display:block;width:100%;height:8.5rem;border-bottom:1px solid var(--line)}
.half{stroke:var(--line);stroke-width:1;vector-effect:non-scaling-stroke}
rect.allowed{fill:var(--allowed)}rect.empty{fill:var(--empty)}rect.blocked{fill:var(--blocked)}rect.failed{fill:var(--failed)}
.axis{display:flex;justify-content:space-between;color:var(--soft);font-size:.8125rem;margin:.25rem 0 0}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:.6rem 0;padding:0;font-size:.875rem}
.key{display:inline-block;width:.75rem;height:.75rem;border-radius:.2rem;margin-right:.4rem}
.key.allowed{background:var(--allowed)}.key.empty{background:var(--empty)}.key.blocked{background:var(--blocked)}.key.failed{background:var(--failed)}
summary{cursor:pointer;color:var(--accent);font-size:.8125rem;width:max-content;max-width:100%}
.rule{display:flex;flex-wrap:wrap;align-items:flex-start;gap:.4rem;margin:.35rem 0 .1rem}
pre{margin:0;padding:.45rem .6rem;background:var(--raised);border:1px solid var(--line);border-radius:.4rem;font:.8125rem/1.45 ui-monospace,SFMono-Regular,"Liberation Mono","DejaVu Sans Mono",monospace;white-space:pre-wrap;overflow-wrap:anywhere;user-select:all;font-weight:400;max-width:100%}
button{font:inherit;font-size:.8125rem;color:var(--accent);background:var(--card);border:1px solid var(--line);border-radius:.4rem;padding:.2rem .7rem;min-height:1.75rem;cursor:pointer}
button:hover{border-color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:.2rem}
.js-only{display:none}.js .js-only{display:inline-block}.js .no-js{display:none}
.none,.note{color:var(--soft);font-size:.875rem}
.wide{overflow-x:auto}
.facts{display:grid;grid-template-columns:auto 1fr;gap:.3rem 1rem;margin:0}
.facts dt{color:var(--soft)}.facts dd{margin:0;text-align:right;font-variant-numeric:tabular-nums}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-99rem}.skip:focus{position:static}
footer{color:var(--soft);font-size:.8125rem;padding-bottom:2rem}
@media(max-width:36rem){main,header,footer{padding-left:.75rem;padding-right:.75rem}.tiles{grid-template-columns:1fr 1fr;gap:.5rem}.tiles div:last-child:nth-child(odd){grid-column:1/-1}.tiles dd{font-size:1.1rem}.rest{width:auto}.tag{min-width:0}.card{padding:.8rem}.far{display:none}th,td{padding-right:.5rem}.tools{margin-left:0}}
@media(prefers-reduced-motion:no-preference){.pill.ok::before{animation:p 2.4s ease-in-out infinite}@keyframes p{50%{opacity:.45}}}
@media(forced-colors:active){.key,.pill::before{forced-color-adjust:none}}
`;
