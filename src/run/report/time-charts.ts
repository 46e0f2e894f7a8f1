import { formatCount, formatDuration, formatPower, formatRatio, parseQuantity,
  toSeconds } from '../../base/units.ts'
import type { RunSeries, Summary } from '../summary.ts'
import type { ChartLine, ChartSpec } from './browser.ts'
import { escapeHtml, escapeSentence } from './escape.ts'
import { share } from './figures.ts'

/** A chart over the time of the run, with the sentence that says the same without a picture. */
export type TimeChart = {
  readonly title: string
  readonly spec: ChartSpec
  readonly sentence: string
}

/** The charts of a run, top to bottom; none where the run has no interval. */
export function timeCharts(summary: Summary, series: RunSeries): readonly TimeChart[] {
  if (series.atMs.length === 0) return []
  const given = series.supplies
  return [busyChart(summary, series), waitingChart(series), powerChart(series),
    ...given === undefined ? [] : [suppliesChart(given)]]
}

/** Seconds of each step's start, and the end of the last one, which closes its step. */
export function chartSeconds(series: RunSeries): readonly number[] {
  const last = series.atMs.at(-1)
  if (last === undefined) return []
  return [...series.atMs, last + series.intervalMs].map(toSeconds)
}

/** One chart as a figure; the text inside the plot is what a reader without scripts sees. */
export function timeChartFigure(chart: TimeChart): string {
  const id = escapeHtml(chart.spec.id)
  return `<figure aria-labelledby="${id}-title">
<h3 id="${id}-title">${escapeHtml(chart.title)}</h3>
<figcaption>${escapeSentence(chart.sentence)}</figcaption>
<div class="plot" id="${id}"><p class="fallback">This picture is drawn by a script inside this
page, and scripts are off. The same numbers are in power.csv beside it.</p></div>
</figure>`
}

function busyChart(summary: Summary, series: RunSeries): TimeChart {
  const top = Math.max(1, summary.gpus, largest(series.gpusUp))
  const meanBusy = mean(series.gpusBusy)
  const busyOfUp = share(meanBusy, mean(series.gpusUp))
  return {
    title: 'GPUs busy, and GPUs up',
    spec: {
      id: 'chart-busy', heightPx: 250, unit: '', digits: top < 100 ? 1 : 0, top: top * 1.05,
      lines: [
        line('busy', 'busy', [], true, series.gpusBusy),
        line('up', 'up', [6, 4], false, series.gpusUp),
      ],
    },
    sentence: `On average ${number(meanBusy)} GPUs were busy, ${formatRatio(busyOfUp)} of those`
      + ` that were up, of ${formatCount(summary.gpus)} installed. The fewest`
      + ` were ${number(smallest(series.gpusBusy))}, the most`
      + ` ${number(largest(series.gpusBusy))}, in intervals of`
      + ` ${formatDuration(series.intervalMs)}.`,
  }
}

function waitingChart(series: RunSeries): TimeChart {
  const peak = largest(series.gpusWaiting)
  const at = series.gpusWaiting.indexOf(peak)
  const someWaited = share(series.gpusWaiting.filter((gpus) => gpus > 0).length,
    series.gpusWaiting.length)
  return {
    title: 'GPUs wanted by waiting jobs',
    spec: {
      id: 'chart-waiting', heightPx: 150, unit: '', digits: peak < 100 ? 1 : 0,
      top: Math.max(1, peak) * 1.08,
      lines: [
        line('GPUs wanted', 'waiting', [], true, series.gpusWaiting),
        { ...line('jobs waiting', 'waiting', [], false, series.jobsWaiting), isReadout: true },
      ],
    },
    sentence: peak === 0
      ? 'No job waited over a whole interval.'
      : `Jobs waited in ${formatRatio(someWaited)} of the intervals. The queue was longest after`
        + ` ${formatDuration(series.atMs[at] ?? 0)}: ${number(peak)} GPUs wanted by`
        + ` ${number(series.jobsWaiting[at] ?? 0)} jobs.`,
  }
}

/** The axis follows draw, grants and near limits: a limit far above them would flatten them. */
function powerChart(series: RunSeries): TimeChart {
  const demandW = Math.max(1, largest(series.grantW), largest(series.peakDrawW),
    largest(series.drawW))
  const limits = series.limitW.filter((limitW) => Number.isFinite(limitW) && limitW > 0)
  const nearLimits = limits.filter((limitW) => limitW <= demandW * 1.6)
  const topW = Math.max(demandW, largest(nearLimits))
  const unit = powerUnit(topW)
  const lines = [
    powerLine('draw', 'draw', [], true, series.drawW, unit),
    powerLine('peak draw', 'draw', [2, 3], false, series.peakDrawW, unit),
    powerLine('granted', 'grant', [], false, series.grantW, unit),
  ]
  if (nearLimits.length > 0) {
    lines.push(powerLine('limit', 'limit', [8, 4], false, series.limitW, unit))
  }
  const { targetW } = series
  if (targetW !== undefined) {
    lines.push(powerLine('target', 'limit', [2, 4], false, targetW, unit))
  }
  return {
    title: targetW === undefined ? 'Power: draw, grants and limit'
      : 'Power: draw, grants, limit and target',
    spec: {
      id: 'chart-power', heightPx: 280, unit: unit.name, digits: 1,
      top: (topW / unit.watts) * 1.06, lines,
    },
    sentence: `Draw averaged ${formatPower(mean(series.drawW))} and peaked at`
      + ` ${formatPower(largest(series.peakDrawW))}; grants peaked at`
      + ` ${formatPower(largest(series.grantW))}. ${limitSentence(limits, topW)}`,
  }
}

/** What gives, each on top of the one before; what batteries take is not below the axis. */
function suppliesChart(given: NonNullable<RunSeries['supplies']>): TimeChart {
  const layers = [
    { label: 'grid', ink: 'busy', watts: given.gridW },
    { label: 'generators', ink: 'grant', watts: given.generatorsW },
    { label: 'solar', ink: 'waiting', watts: given.solarW },
    { label: 'battery', ink: 'draw', watts: given.batteryW.map((watts) => Math.max(0, watts)) },
  ] as const
  const used = layers.filter(({ watts }) => largest(watts) > 0)
  const tops: number[][] = []
  for (const { watts } of used) {
    const below = tops.at(-1)
    tops.push(watts.map((value, at) => value + (below?.[at] ?? 0)))
  }
  const topW = Math.max(1, largest(tops.at(-1) ?? []))
  const unit = powerUnit(topW)
  // The highest is drawn first, so that each covers what is on top of it.
  const lines = used.map(({ label, ink }, at) =>
    powerLine(at === 0 ? label : `+ ${label}`, ink, [], true, tops[at]!, unit)).toReversed()
  const { heldRatio, batteryW } = given
  const held = { ...line('charge', 'limit', [], false, heldRatio), isReadout: true }
  const means = used.map(({ label, watts }) => `${label} ${formatPower(mean(watts))}`).join(', ')
  return {
    title: 'Power by supply',
    spec: { id: 'chart-supplies', heightPx: 220, unit: unit.name, digits: 1,
      top: (topW / unit.watts) * 1.06, lines: [...lines, held] },
    sentence: `On average ${means}. Batteries took at most`
      + ` ${formatPower(Math.max(0, -smallest(batteryW)))} and were charged to between`
      + ` ${formatRatio(smallest(heldRatio))} and ${formatRatio(largest(heldRatio))}.`,
  }
}

function limitSentence(limits: readonly number[], topW: number): string {
  if (limits.length === 0) return 'No power limit was set.'
  const least = smallest(limits)
  const most = largest(limits)
  const name = least === most
    ? `The limit was ${formatPower(most)}`
    : `The limit was between ${formatPower(least)} and ${formatPower(most)}`
  if (most <= topW * 1.06) return `${name}.`
  return `${name}, ${least > topW ? '' : 'in part '}above the top of this picture.`
}

type PowerUnit = { readonly name: string; readonly watts: number }

function powerUnit(topW: number): PowerUnit {
  const units = ['GW', 'MW', 'kW', 'W'].map((name) => {
    const parsed = parseQuantity(`1 ${name}`, 'power')
    return { name, watts: 'value' in parsed ? parsed.value : 1 }
  })
  return units.find((unit) => topW >= unit.watts * 2) ?? { name: 'W', watts: 1 }
}

function powerLine(label: string, ink: ChartLine['ink'], dash: readonly number[],
  isFilled: boolean, watts: readonly number[], unit: PowerUnit): ChartLine {
  return line(label, ink, dash, isFilled, watts.map((value) => value / unit.watts))
}

/** Rounded to what a screen can show, which halves the page; a missing value is a gap. */
function line(label: string, ink: ChartLine['ink'], dash: readonly number[], isFilled: boolean,
  values: readonly number[]): ChartLine {
  const closed = [...values, values.at(-1) ?? 0]
  const rounded = closed.map((value) => (Number.isFinite(value) ? Number(value.toFixed(2)) : null))
  return { label, ink, dash, isFilled, isReadout: false, mean: mean(values.filter(Number.isFinite)),
    values: rounded }
}

function number(value: number): string {
  return value > 0 && value < 10 ? String(Number(value.toFixed(1))) : formatCount(value)
}

function mean(values: readonly number[]): number {
  return share(values.reduce((sum, value) => sum + value, 0), values.length)
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0)
}

function smallest(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), values[0] ?? 0)
}
