import { formatCount, formatDuration, formatPower, formatRatio } from '../../base/units.ts'
import type { HeldJob, PowerAhead, PowerCourse, PowerMoment } from '../power-ahead.ts'
import { oneLine } from './escape.ts'
import { suppliesText, worstSuppliesText } from './power-supplies.ts'
import { wrap } from './terminal.ts'

/** Columns of a terminal that all fits in. */
const WIDTH = 80

/** The hours ahead for people: for each feeder a table, a chart and the worst hour. */
export function renderPower(ahead: PowerAhead): string {
  const { atMs, untilMs, feeders, isPowered } = ahead
  const head = wrap(`Power from ${formatDuration(atMs)} to ${formatDuration(untilMs)} of the run: `
    + 'one look ahead on what is believed of run times; jobs that come later are not in it.'
    + (isPowered ? '' : ' No power policy acts, so nothing is capped and floors are grants.'),
  WIDTH)
  const parts = feeders.map((course) => [
    '', `Feeder ${oneLine(course.feeder)}${meterText(course, atMs)}`, '',
    ...table(ahead, course), '', ...chart(ahead, course), ...suppliesText(ahead, course, WIDTH),
    '', ...worstText(ahead, course),
  ])
  return `${[...head, ...parts.flat()].join('\n')}\n`
}

function meterText({ meterW, meteredAtMs }: PowerCourse, atMs: number): string {
  return meterW < 0 ? '' : `, metered ${formatPower(meterW)} ${
    formatDuration(atMs - meteredAtMs)} ago`
}

/** Rows of the table: each is the worst of some steps. */
const ROWS = 12

function table({ atMs, isPowered }: PowerAhead, { moments }: PowerCourse): string[] {
  const size = Math.ceil(moments.length / ROWS)
  const hasTarget = moments.some(({ targetW }) => targetW < Infinity)
  const head = ['from now', 'limit', ...hasTarget ? ['target'] : [], 'grants', 'floor', 'draw', '±',
    ...isPowered ? ['price', 'capped', 'paused'] : []]
  const rows: string[][] = [head]
  for (let at = 0; at < moments.length; at += size) {
    const part = worstMoment(moments.slice(at, at + size))
    rows.push([
      formatDuration(part.atMs - atMs), formatPower(part.limitW),
      ...hasTarget ? [part.targetW < Infinity ? formatPower(part.targetW) : '-'] : [],
      formatPower(part.grantW), formatPower(part.floorW), formatPower(part.drawW),
      formatPower(2 * part.drawSdW),
      ...isPowered ? [worth(part.gpusPerMW), `${part.capped}`, `${part.paused}`] : [],
    ])
  }
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const isWide = widths.reduce((sum, width) => sum + width + 2, -2) > WIDTH
  const lines = rows.map((row) => row.map((cell, column) =>
    column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))
    .join(isWide ? ' ' : '  '))
  const price = 'price: GPUs at work that one more MW here would be worth'
  return isPowered ? [...lines, price] : lines
}

/** Of several steps the least limits and the most of all else. */
function worstMoment(moments: readonly PowerMoment[]): PowerMoment {
  type Key = Exclude<keyof PowerMoment, 'supplied'>
  const most = (key: Key) => Math.max(...moments.map((each) => each[key]))
  const least = (key: Key) => Math.min(...moments.map((each) => each[key]))
  return {
    atMs: moments[0]!.atMs, limitW: least('limitW'), targetW: least('targetW'),
    grantW: most('grantW'), floorW: most('floorW'), drawW: most('drawW'),
    drawSdW: most('drawSdW'), gpusPerMW: most('gpusPerMW'), capped: most('capped'),
    paused: most('paused'), supplied: null,
  }
}

/** "520", and "0.4" where it is little. */
function worth(gpusPerMW: number): string {
  return gpusPerMW > 0 && gpusPerMW < 10 ? gpusPerMW.toFixed(1) : formatCount(gpusPerMW)
}

/** Lines of the chart, and the columns before it. */
const LINES = 10
const LABEL = 10

function chart({ atMs, untilMs }: PowerAhead, { moments }: PowerCourse): string[] {
  const topW = topOf(moments)
  const stepW = topW / LINES
  const lines: string[] = []
  for (let line = LINES; line >= 1; line--) {
    const cells = moments.map((moment) => cellOf(moment, line, stepW)).join('')
    const label = line % 3 === 1 ? formatPower(line * stepW) : ''
    lines.push(`${label.padStart(LABEL)} │${cells}`.trimEnd())
  }
  const end = `${formatDuration(untilMs - atMs)} from now`
  return [
    ...lines,
    `${' '.repeat(LABEL)} └${'─'.repeat(moments.length)}`,
    `${' '.repeat(LABEL + 2)}now${end.padStart(moments.length - 3)}`,
    `${' '.repeat(LABEL + 2)}█ draw  ▓ its band  ░ granted  ─ limit  ╌ target`,
  ]
}

/** A limit that nothing comes near would make all else flat. */
const HIGH_RATIO = 1.5

function topOf(moments: readonly PowerMoment[]): number {
  const loadW = Math.max(1, ...moments.map(({ grantW, drawW, drawSdW }) =>
    Math.max(grantW, drawW + 2 * drawSdW)))
  const limits = moments.flatMap(({ limitW, targetW }) => [limitW, targetW])
    .filter((watts) => watts <= loadW * HIGH_RATIO)
  return Math.max(loadW, ...limits)
}

function cellOf(
  { limitW, targetW, grantW, drawW, drawSdW }: PowerMoment, line: number, stepW: number): string {
  const isAt = (watts: number) => Math.ceil(watts / stepW) === line
  if (isAt(targetW)) return '╌'
  if (isAt(limitW)) return '─'
  // A line is filled from its middle on.
  const fromW = (line - 0.5) * stepW
  if (fromW <= drawW - 2 * drawSdW) return '█'
  if (fromW <= drawW + 2 * drawSdW) return '▓'
  return fromW <= grantW ? '░' : ' '
}

function worstText({ atMs, isPowered }: PowerAhead, { worst, supplies }: PowerCourse): string[] {
  const { fromMs, untilMs, spareW, targetW, gpusPerMW, held, heldJobs } = worst
  const from = fromMs === atMs ? 'now' : formatDuration(fromMs - atMs)
  const when = `The worst hour is from ${from} to ${formatDuration(untilMs - atMs)} from now`
  const room = spareW >= 0 ? `the limit leaves ${formatPower(spareW)} above the `
    : `the limit is ${formatPower(-spareW)} below the `
  const target = targetW < Infinity ? `, the target is ${formatPower(targetW)}` : ''
  const price = gpusPerMW > 0 ? `, and one more MW is worth ${worth(gpusPerMW)} GPUs at work` : ''
  const lines = wrap(`${when}: ${room}${isPowered ? 'floor' : 'grants'}${target}${price}.${
    worstSuppliesText(worst.supplied, supplies?.mostMWh ?? null)}`, WIDTH)
  if (heldJobs === 0) return lines
  const named = held.slice(0, NAMED_MOST).flatMap((job) =>
    wrap(oneLine(heldText(job)), WIDTH - 4)
      .map((line, at) => `${at === 0 ? '  - ' : '    '}${line}`))
  const more = heldJobs - Math.min(held.length, NAMED_MOST)
  return [...lines, `Capped or paused then: ${formatCount(heldJobs)}`, ...named,
    ...more > 0 ? [`  - ${formatCount(more)} more`] : []]
}

/** Jobs that the text names; JSON has more. */
const NAMED_MOST = 5

function heldText({ name, gpus, capW, speed }: HeldJob): string {
  const size = `job ${name}, ${formatCount(gpus)} GPU${gpus === 1 ? '' : 's'}`
  return capW === 0 ? `${size}: paused`
    : `${size}: ${capW} W a GPU, ${formatRatio(speed)} of its throughput`
}
