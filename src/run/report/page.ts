import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { formatCount, formatDuration, formatPower, formatRatio } from '../../base/units.ts'
import type { RunSeries, Summary } from '../summary.ts'
import { browserScript, type PageData } from './browser.ts'
import { escapeHtml, escapeJson, escapeSentence, oneLine } from './escape.ts'
import { counted, energy, failurePace, hasPowerLimit, powerLimit, share,
  spanMs, wholePercent } from './figures.ts'
import { failuresPicture, goodputPicture, limitsPicture } from './pictures.ts'
import { eventSection } from './power-figures.ts'
import { supplySection } from './supplies.ts'
import { INKS, pageStyle } from './style.ts'
import { factTables, fingerprintTable, policyTable, traceList } from './tables.ts'
import { chartSeconds, timeChartFigure, timeCharts } from './time-charts.ts'
import { usageTable } from './usage.ts'
import { spelledDuration, verdict } from './verdict.ts'
import { waitsPicture } from './waits.ts'

/**
 * report.html: one file that loads nothing else. The outline is the factory's tree as plain text.
 * Reads uPlot's script and style from its package. O(points of the series).
 */
export function renderReport(
  summary: Summary, series: RunSeries, factoryOutline: string): string {
  const plotScript = packageFile('dist/uPlot.iife.min.js')
  const ownScript = browserScript()
  const style = `${packageFile('dist/uPlot.min.css')}\n${pageStyle()}`
  const charts = timeCharts(summary, series)
  const data: PageData = {
    seconds: chartSeconds(series), charts: charts.map((chart) => chart.spec), inks: INKS,
  }
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy([plotScript, ownScript], style)}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(oneLine(summary.factory))}: report of a run</title>
<link rel="icon" href="data:,">
<style>${style}</style></head>
<body>
${header(summary)}
<main>
<div class="pair">
<section><h2>What limited it</h2>${limitsPicture(summary)}</section>
<section><h2>Where the capacity went</h2>${goodputPicture(summary)}</section>
</div>
<section><h2>Over time</h2>${zoomBar(charts.length > 0)}
${charts.map(timeChartFigure).join('\n')}</section>
${eventSection(summary)}${supplySection(summary)}<section><h2>How long jobs waited</h2>
${waitsPicture(summary)}</section>
<section><h2>Who used it</h2>${usageTable(summary)}</section>
<div class="pair">
<section><h2>What failed</h2>${failuresPicture(summary)}</section>
<section><h2>What was played</h2>${traceList(summary.traces)}${policyTable(summary)}
${fingerprintTable(summary)}</section>
</div>
<section><h2>All numbers</h2>${factTables(summary)}</section>
<section><h2>The factory</h2><pre tabindex="0">${escapeHtml(factoryOutline)}</pre></section>
</main>
<footer>Made by Millrace from a run of its twin: a simulation, not a measurement. The numbers are
in summary.json and power.csv beside this file. Charts by uPlot (MIT).</footer>
<script type="application/json" id="chart-data">${escapeJson(data)}</script>
<!-- uPlot: ${packageFile('LICENSE').replaceAll('--', '- -')} -->
<script>${plotScript}</script>
<script>${ownScript}</script>
</body></html>
`
}

/** Nothing is loaded, and only the scripts and the style of this very page run. */
function policy(scripts: readonly string[], style: string): string {
  const hashes = scripts.map(sourceHash).join(' ')
  return `default-src 'none'; script-src ${hashes}; style-src ${sourceHash(style)};`
    + " img-src data:; base-uri 'none'; form-action 'none'"
}

function sourceHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

/** A parser turns CR LF into LF before it hashes, so we do, too. */
function packageFile(name: string): string {
  const path = createRequire(import.meta.url).resolve(`uplot/${name}`)
  return readFileSync(path, 'utf8').replaceAll('\r\n', '\n')
}

function header(summary: Summary): string {
  const span = spelledDuration(spanMs(summary))
  const alert = summary.invariantsBroken === 0 ? '' : '<p class="alert" role="alert">Invariants'
    + ` broke ${counted(summary.invariantsBroken, 'time')}: this run shows a bug of Millrace.</p>`
  return `<header><h1>${escapeHtml(oneLine(summary.factory))}, ${span} on the twin</h1>
<p class="verdict">${escapeSentence(verdict(summary))}</p>${alert}
<dl class="figures">${keyFigures(summary).map(keyFigure).join('\n')}</dl></header>`
}

type KeyFigure = readonly [label: string, value: string, note: string]

function keyFigures(summary: Summary): readonly KeyFigure[] {
  const { jobs, waitMs } = summary
  const limit = hasPowerLimit(summary)
    ? `of a limit of ${powerLimit(summary)}; peak ${wholePercent(share(summary.peakDrawW,
      summary.limitW))} of it`
    : `peak ${formatPower(summary.peakDrawW)}; no limit`
  return [
    ['GPUs busy', formatRatio(summary.utilizationRatio), `of ${counted(summary.gpus, 'GPU')}`],
    ['Useful work', formatRatio(summary.goodputRatio), 'of the busy GPU-hours'],
    ['Median wait', jobs.started === 0 ? 'none' : formatDuration(waitMs.p50),
      jobs.started === 0 ? 'no job started' : `99 % within ${formatDuration(waitMs.p99)}`],
    ['Jobs completed', formatCount(jobs.completed),
      `of ${formatCount(jobs.submitted)}; ${formatCount(jobs.waiting)} still wait`],
    ['Mean draw', formatPower(summary.meanDrawW), `${limit}; ${energy(summary.energyMWh)}`],
    ['Failures', formatCount(summary.failures),
      `${failurePace(summary)}; ${counted(summary.restarts, 'restart')}`],
  ]
}

function keyFigure([label, value, note]: KeyFigure): string {
  return `<div><dt>${escapeHtml(label)}</dt><dd><div class="value">${escapeHtml(value)}</div>`
    + `<div class="note">${escapeSentence(note)}</div></dd></div>`
}

/** Hidden until the script that answers it runs. */
function zoomBar(hasCharts: boolean): string {
  if (!hasCharts) return '<p class="none">The run had no interval to draw.</p>'
  const buttons = [['in', 'Zoom in'], ['out', 'Zoom out'], ['earlier', 'Earlier'],
    ['later', 'Later'], ['all', 'Whole run']]
    .map(([how, label]) => `<button type="button" data-zoom="${how}">${label}</button>`)
  return `<div class="zoom" data-zoom-bar hidden>${buttons.join('')}<span>Point for values, drag to
zoom; with the keyboard: arrows, + and −, 0.</span></div>`
}
