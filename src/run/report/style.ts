import type { Ink } from './browser.ts'

/**
 * Colours by meaning. Each keeps a contrast of 3:1 to its background as a shape and 4.5:1 as
 * text, and blue against orange survives the common colour blindnesses.
 */
export const INKS: { readonly light: Record<Ink, string>; readonly dark: Record<Ink, string> } = {
  light: {
    busy: '#1f5fae', up: '#4a5568', waiting: '#b4540a', draw: '#1f5fae', grant: '#b4540a',
    limit: '#a3182c', text: '#39424e', grid: '#e3e6ea',
  },
  dark: {
    busy: '#6aa9f4', up: '#b3bdc9', waiting: '#f0a04b', draw: '#6aa9f4', grant: '#f0a04b',
    limit: '#ff8793', text: '#c3cad3', grid: '#2d343d',
  },
}

const LIGHT = `--back:#fff;--card:#f6f7f9;--text:#171c22;--dim:#515b67;--line:#d9dde2;
--useful:${INKS.light.busy};--lost:${INKS.light.waiting};--unused:#717b88;--power:#a3182c;
--track:#eceff2;--whole:#4a5568;--alert:#a3182c;--most:#4d84c6;`

const DARK = `--back:#12161b;--card:#1b2128;--text:#edf0f3;--dim:#a9b3bf;--line:#333b45;
--useful:${INKS.dark.busy};--lost:${INKS.dark.waiting};--unused:#7d8895;--power:#ff8793;
--track:#262d35;--whole:#b3bdc9;--alert:#ff8793;--most:#4c7fb6;`

/** The page's own style. Print always takes the light colours. */
export function pageStyle(): string {
  return `:root{color-scheme:light;${LIGHT}}
@media screen and (prefers-color-scheme:dark){:root{color-scheme:dark;${DARK}}}
${TEXT}${FIGURES}${BARS}${TABLES}${PLOTS}${NARROW}${PRINT}`
}

const TEXT = `*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:16px/1.45 system-ui,-apple-system,
"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;
overflow-wrap:anywhere}
main,header,footer{max-width:1200px;margin:0 auto;padding:0 24px}
header{padding-top:28px}
h1{font-size:1rem;font-weight:600;color:var(--dim);margin:0 0 6px}
.verdict{font-size:clamp(1.25rem,2.4vw,1.8rem);line-height:1.3;font-weight:600;margin:0 0 22px;
max-width:34em;text-wrap:pretty}
h2{font-size:1.2rem;margin:36px 0 6px}
h3{font-size:1rem;margin:22px 0 2px}
p{margin:4px 0 10px}
figcaption,p,li{max-width:75ch}
figcaption,small,.none,footer,caption{color:var(--dim)}
footer{padding-top:24px;padding-bottom:40px;font-size:.875rem}
.alert{border-left:6px solid var(--alert);padding:8px 14px;background:var(--card);font-weight:600}
:focus-visible{outline:3px solid var(--useful);outline-offset:2px}
pre{background:var(--card);padding:14px;overflow-x:auto;font:13px/1.45 ui-monospace,Menlo,Consolas,
monospace;overflow-wrap:normal}
code{font:13px ui-monospace,Menlo,Consolas,monospace}
`

const FIGURES = `.figures{display:grid;grid-template-columns:repeat(6,1fr);gap:12px;margin:0;
padding:0}
.figures>div{background:var(--card);border-radius:8px;padding:12px 14px}
.figures dt{color:var(--dim);font-size:.875rem}
.figures dd{margin:0}
.figures .value{font-size:1.45rem;font-weight:650;white-space:nowrap}
.figures .note{font-size:.8125rem;color:var(--dim);line-height:1.35}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:0 40px}
.pair>*{min-width:0}
figure{margin:0}
`

const BARS = `.bars{width:100%}
.bars small{display:block;font-weight:400;line-height:1.3;font-size:.8125rem}
.bars .bar{width:45%}
.bars svg{display:block}
.bars th[scope=row]{width:30%}
.limits .bar{width:38%}
.limits th[scope=row]{width:48%}
.bars rect:not(.track){stroke-width:1px}
.track{fill:var(--track)}
.whole{fill:var(--whole)}.unused{fill:var(--unused);stroke:var(--unused)}
.lost{fill:var(--lost);stroke:var(--lost)}
.useful{fill:var(--useful)}.power{fill:var(--power)}
.half{fill:var(--useful)}.most{fill:var(--most)}.nearly{fill:var(--dim)}
.waits .bar{width:48%}
.waits th[scope=row]{width:7em}
.tick{stroke:var(--line)}
.scale text{fill:var(--dim);font-size:12px}
.scale td{border:0}
.legend svg{display:inline-block;vertical-align:-3px;margin:0 2px 0 12px}
.legend svg:first-child{margin-left:0}
`

const TABLES = `table{border-collapse:collapse;font-size:.9375rem}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th,td{text-align:left;padding:5px 10px 5px 0;border-bottom:1px solid var(--line);
vertical-align:top}
thead th,thead td{color:var(--dim);font-weight:500;font-size:.8125rem}
tbody th{font-weight:500}
.hashes th{white-space:nowrap}
.number{text-align:right;white-space:nowrap;padding-right:0;padding-left:10px}
.facts{display:grid;grid-template-columns:repeat(3,1fr);gap:0 40px}
.facts table{width:100%}
.facts h3{margin-top:20px}
.facts th{font-weight:400;color:var(--dim)}
.facts td{text-align:right}
.wide{overflow-x:auto}
.usage{width:100%}
.traces li{margin-bottom:10px}
`

const PLOTS = `.plot{margin:6px 0 4px;min-height:60px}
.fallback{border:1px dashed var(--line);padding:14px;color:var(--dim)}
.plot .uplot{display:flex;flex-direction:column-reverse;width:100%}
.plot .u-legend{margin:0;text-align:left;font-size:.875rem;border:0}
.plot .u-legend th,.plot .u-legend td{border:0;padding:2px 4px}
.plot .u-inline tr{margin-right:14px}
.plot .u-legend .u-series:first-child .u-marker{display:none}
.u-cursor-x{border-right-color:var(--text)!important}
.u-select{background:color-mix(in srgb,var(--text) 14%,transparent)}
.zoom{display:flex;flex-wrap:wrap;gap:8px;align-items:center;font-size:.875rem;color:var(--dim)}
.zoom[hidden]{display:none}
.zoom button{font:inherit;color:var(--text);background:var(--card);border:1px solid var(--unused);
border-radius:6px;padding:6px 12px;cursor:pointer}
`

const NARROW = `@media (max-width:1000px){.figures{grid-template-columns:repeat(3,1fr)}
.pair,.facts{grid-template-columns:1fr}}
@media (max-width:640px){main,header,footer{padding-left:16px;padding-right:16px}
.figures{grid-template-columns:1fr 1fr}
.bars tr{display:grid;grid-template-columns:1fr auto auto;gap:2px 10px;padding:7px 0;
border-bottom:1px solid var(--line)}
.bars th,.bars td{border:0;padding:0}
.bars th[scope=row],.bars thead th:first-child{grid-row:1;grid-column:1}
.bars thead td{display:none}
.bars .number{grid-row:1;min-width:4.2em}
.bars .bar,.bars th[scope=row]{width:auto}.bars .bar{grid-row:2;grid-column:1/-1}
.waits thead{display:none}
.waits tr{grid-template-columns:repeat(3,1fr)}
.waits .number{grid-row:auto;text-align:left;font-size:.8125rem;min-width:0}
.waits th[scope=row]{grid-column:1/4;font-weight:650}
.waits th[scope=row]::before{content:"GPUs "}
.waits [data-label]::before{content:attr(data-label) " ";color:var(--dim)}
.waits .scale td:first-child{display:none}
.waits .scale{border:0}}
`

const PRINT = `@media print{body{font-size:11pt}.zoom{display:none}
main,header,footer{max-width:none;padding:0}.figures>div{border:1px solid var(--line)}
figure,tr,.figures>div{break-inside:avoid}
h2,h3{break-after:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
pre{white-space:pre-wrap}}`
