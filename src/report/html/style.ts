/**
 * The page's style sheet. Colours are those of Okabe and Ito, told apart by colour-blind eyes, darker on white and
 * lighter on black so that text keeps a contrast of 4.5 and drawings one of 3; paper is always light.
 */
export const style = `
:root {
  color-scheme: light;
  --page: #ffffff; --panel: #f5f7f9; --text: #1a1f24; --muted: #525c66; --line: #cfd6dd; --link: #00568a;
  --good: #0072b2; --defective: #c65300; --held-out: #6a7580; --curve: #0072b2; --mark: #c65300;
  --alarm: #a84300; --on-alarm: #ffffff; --warning: #fff4d6; --warning-line: #b07d00;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --page: #12161a; --panel: #1b2127; --text: #e6eaee; --muted: #a5b0bb; --line: #3b4650; --link: #7cc4f2;
    --good: #56b4e9; --defective: #f0904f; --held-out: #a9b4be; --curve: #56b4e9; --mark: #f0904f;
    --alarm: #f0904f; --on-alarm: #12161a; --warning: #2f2a17; --warning-line: #d9a520;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-behavior: auto; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Open Sans", sans-serif;
  overflow-wrap: anywhere;
}
header, main, footer { max-width: 64rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.5rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .35rem; letter-spacing: -.01em; }
h2 { font-size: 1.35rem; line-height: 1.25; margin: 3rem 0 .75rem; padding-top: 1.1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; line-height: 1.35; margin: 0 0 .3rem; }
p, ul { margin: .6rem 0; max-width: 46rem; }
ul { padding-left: 1.3rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; background: var(--page); padding: .6rem 1rem; z-index: 1; }
.skip:focus { left: .5rem; top: .5rem; }
.muted, figcaption, caption, .unit { color: var(--muted); }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; max-width: none; font-size: .95rem; }
nav a { display: inline-block; padding: .2rem 0; }
.headline { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1rem; margin: 1.2rem 0; padding: 0; list-style: none; max-width: none; }
.headline li { background: var(--panel); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.15rem; }
.headline .name { font-weight: 600; }
.headline .value { display: block; font-size: 1.9rem; line-height: 1.2; font-weight: 650; letter-spacing: -.01em; margin: .25rem 0; font-variant-numeric: tabular-nums; }
.headline .unit { font-size: .9rem; display: block; }
.lead { font-size: 1.1rem; }
.warnings { background: var(--warning); border: 1px solid var(--warning-line); border-left-width: .4rem; border-radius: .4rem; padding: .4rem 1.1rem; margin: 1.5rem 0; }
.warnings h2 { border: 0; padding: 0; margin: .6rem 0 .2rem; font-size: 1.1rem; }
figure { margin: 1.2rem 0; }
figcaption { font-size: .9rem; margin-top: .5rem; max-width: 46rem; }
.plot { display: block; width: 100%; height: auto; color: var(--text); overflow: visible; }
.plot text, .plot tspan { white-space: pre; }
.narrow-only { display: none; max-width: 30rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1rem 2.5rem; align-items: start; }
.pair .plot { max-width: 30rem; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .95rem; min-width: 100%; overflow-wrap: normal; }
caption span { display: block; max-width: min(46rem, calc(100vw - 2.5rem)); }
caption { text-align: left; font-size: .9rem; padding: .2rem 0 .5rem; caption-side: top; }
th, td { text-align: left; vertical-align: top; padding: .4rem 1.1rem .4rem 0; border-bottom: 1px solid var(--line); }
thead th { border-bottom: 2px solid var(--line); vertical-align: bottom; }
tbody th { font-weight: 600; min-width: 9rem; max-width: 24rem; overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; padding-right: 1.3rem; }
td.number { min-width: 4.5rem; white-space: nowrap; }
.number:last-child { padding-right: .2rem; }
tbody th.number { font-weight: 400; min-width: 0; }
.facts th { width: 13rem; }
.facts td { overflow-wrap: anywhere; }
.digest { font-family: ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace; font-size: .85em; }
.interval { display: block; width: 9rem; height: 1.1rem; }
.legend { max-width: 30rem; }
.heat { height: 1.1rem; border-radius: .2rem; border: 1px solid var(--line); }
.ticks { display: flex; justify-content: space-between; font-size: .85rem; }
details { margin: 1rem 0; }
summary { cursor: pointer; color: var(--link); padding: .25rem 0; }
.cards { list-style: none; padding: 0; margin: 1.2rem 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: 1.25rem; max-width: none; }
.card { background: var(--panel); border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1rem 1rem; }
.card p { margin: .2rem 0 .7rem; font-size: .92rem; }
.card .pictures { display: grid; grid-template-columns: 1fr 1fr; gap: .7rem; }
.card figure { margin: 0; }
.card figcaption { font-size: .82rem; margin-top: .25rem; }
.card img { display: block; width: 100%; height: auto; max-height: 26rem; object-fit: contain; object-position: left top; }
.badge { display: inline-block; border-radius: 1rem; padding: .05rem .7rem; font-size: .85rem; font-weight: 650; border: 1px solid currentColor; margin-right: .35rem; }
.badge.wrong { background: var(--alarm); color: var(--on-alarm); border-color: var(--alarm); }
footer { color: var(--muted); font-size: .9rem; margin-top: 3.5rem; padding-bottom: 2.5rem; }
footer p { max-width: none; border-top: 1px solid var(--line); padding-top: 1rem; }
@media (max-width: 40rem) {
  header { padding-top: 1.4rem; }
  header, main, footer { padding-left: 1rem; padding-right: 1rem; }
  h1 { font-size: 1.5rem; }
  .wide-only { display: none; }
  .narrow-only { display: block; }
  .facts th { width: auto; min-width: 7rem; }
  tbody th { min-width: 6rem; }
  td:not(.number) { min-width: 13rem; }
  .facts td { min-width: 0; }
}
@page { size: A4; margin: 15mm 14mm; }
@media print {
  body { font-size: 10.5pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  header, main, footer { max-width: none; padding: 0; }
  nav, .skip, details:not([open]) { display: none; }
  .wide-only { display: block; }
  .narrow-only { display: none; }
  h2 { margin-top: 1.6rem; }
  h2, h3, caption, thead { break-after: avoid; }
  figure, .card, table, caption, tr, .headline li, .warnings { break-inside: avoid; }
  .headline { grid-template-columns: repeat(3, 1fr); gap: .6rem; }
  table { font-size: 9pt; }
  th, td { padding-right: .7rem; }
  .interval { width: 5rem; }
  thead { display: table-header-group; }
  .scroll { overflow: visible; }
  .pair { grid-template-columns: 1fr 1fr; gap: 1rem; }
  .cards { grid-template-columns: 1fr 1fr; gap: .8rem; }
  .card img { max-height: 7cm; }
  a { color: inherit; text-decoration: none; }
}
`;
