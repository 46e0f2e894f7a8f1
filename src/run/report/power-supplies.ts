import {
  formatDuration, formatEnergy, formatPower, formatRatio, fromMegawattHours,
} from '../../base/units.ts'
import type { PowerAhead, PowerCourse, SuppliedMoment } from '../power-ahead.ts'
import type { SupplyNow } from '../supply-view.ts'
import { oneLine } from './escape.ts'

/** What gives a site its watts in the hours ahead: who runs now, a table and a chart. */

/** Rows of the table: each is the mean of some steps, the least charge and all that is lacking. */
const ROWS = 12

export function suppliesText(ahead: PowerAhead, course: PowerCourse, width: number): string[] {
  const { supplies, moments } = course
  const given = moments.flatMap(({ supplied }) => supplied ?? [])
  if (supplies === null || given.length < moments.length) return []
  const names = supplies.supplies.map((each) => `  - ${oneLine(nowText(each, ahead.atMs))}`)
  return ['', 'Supplies now:', ...names, '', ...table(ahead, course, given, width), '',
    ...chart(given, supplies.mostMWh)]
}

function nowText(one: SupplyNow, atMs: number): string {
  const { supply, outputW, units, on, starting, lost, storedMWh, mostMWh, startedAtMs } = one
  if (storedMWh !== null && mostMWh !== null) {
    if (lost > 0) return `${supply}: lost`
    const held = `holds ${energy(storedMWh)} of ${energy(mostMWh)}`
    if (Math.abs(outputW) < 1) return `${supply}: rests, ${held}`
    const does = outputW > 0 ? 'gives' : 'takes'
    return `${supply}: ${does} ${formatPower(Math.abs(outputW))}, ${held}`
  }
  const states = [
    units > 1 ? `${on} of ${units} on` : '',
    starting > 0 ? `${starting} start, the first in ${formatDuration(startedAtMs - atMs)}` : '',
    lost > 0 ? `${lost} lost` : '',
  ].filter((each) => each !== '')
  return [`${supply}: gives ${formatPower(outputW)}`, ...states].join(', ')
}

function table(
  { atMs }: PowerAhead, { moments, supplies }: PowerCourse, given: readonly SuppliedMoment[],
  width: number,
): string[] {
  const types = new Set(supplies!.supplies.map(({ type }) => type))
  const hasBattery = types.has('battery')
  const columns = ([
    ['grid', 'gridW', types.has('grid')],
    ['generators', 'generatorsW', types.has('turbine') || types.has('engine')],
    ['solar', 'solarW', types.has('solar')],
    ['battery', 'batteryW', hasBattery],
  ] as const).filter(([,, isThere]) => isThere)
  const lacks = given.some(({ unservedMWh }) => unservedMWh > 0)
  const rows = [['from now', ...columns.map(([name]) => name), ...hasBattery ? ['stored'] : [],
    ...lacks ? ['lacking'] : []]]
  const size = Math.ceil(given.length / ROWS)
  for (let at = 0; at < given.length; at += size) {
    const part = given.slice(at, at + size)
    const mean = (key: 'gridW' | 'generatorsW' | 'solarW' | 'batteryW') =>
      part.reduce((sum, each) => sum + each[key], 0) / part.length
    const lacked = part.reduce((sum, { unservedMWh }) => sum + unservedMWh, 0)
    rows.push([formatDuration(moments[at]!.atMs - atMs),
      ...columns.map(([, key]) => signed(mean(key))),
      ...hasBattery ? [energy(Math.min(...part.map(({ storedMWh }) => storedMWh!)))] : [],
      ...lacks ? [lacked > 0 ? energy(lacked) : '-'] : []])
  }
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const isWide = widths.reduce((sum, each) => sum + each + 2, -2) > width
  const lines = rows.map((row) => row.map((cell, column) =>
    column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))
    .join(isWide ? ' ' : '  '))
  return hasBattery ? [...lines, 'battery: below 0 it takes; stored: the least in the row'] : lines
}

/** Below half a watt nothing is given. */
function signed(watts: number): string {
  const size = formatPower(Math.abs(watts) < 0.5 ? 0 : Math.abs(watts))
  return watts <= -0.5 ? `-${size}` : size
}

function energy(megawattHours: number): string {
  return formatEnergy(fromMegawattHours(megawattHours))
}

/** Lines of the chart, and the columns before it. */
const LINES = 6
const LABEL = 10

/** From the bottom up. */
const STACK = [['generatorsW', '█'], ['gridW', '▓'], ['solarW', '▒'], ['batteryW', '░']] as const

const EIGHTHS = '▁▂▃▄▅▆▇█'

function chart(given: readonly SuppliedMoment[], mostMWh: number | null): string[] {
  const sumOf = (one: SuppliedMoment) =>
    STACK.reduce((sum, [key]) => sum + Math.max(0, one[key]), 0)
  const topW = Math.max(1, ...given.map(sumOf))
  const lines: string[] = []
  for (let line = LINES; line >= 1; line--) {
    const atW = (line - 0.5) * topW / LINES
    const cells = given.map((one) => {
      let upW = 0
      for (const [key, mark] of STACK) {
        upW += Math.max(0, one[key])
        if (atW <= upW) return mark
      }
      return ' '
    })
    const label = line === LINES ? formatPower(topW) : ''
    lines.push(`${label.padStart(LABEL)} │${cells.join('')}`.trimEnd())
  }
  lines.push(`${' '.repeat(LABEL)} └${'─'.repeat(given.length)}`)
  if (mostMWh !== null) lines.push(chargeLine(given, mostMWh))
  return [...lines,
    `${' '.repeat(LABEL + 2)}█ generators  ▓ grid  ▒ solar  ░ battery gives`]
}

function chargeLine(given: readonly SuppliedMoment[], mostMWh: number): string {
  const marks = given.map(({ storedMWh }) => {
    const at = Math.floor((storedMWh ?? 0) / mostMWh * EIGHTHS.length)
    return EIGHTHS[Math.max(0, Math.min(EIGHTHS.length - 1, at))]!
  })
  return `${'charge'.padStart(LABEL)}  ${marks.join('')}`
}

/** Of the worst hour, where the site names supplies. */
export function worstSuppliesText(
  supplied: PowerCourse['worst']['supplied'], mostMWh: number | null): string {
  if (supplied === null) return ''
  const { storedMWh, unservedMWh } = supplied
  const lacks = unservedMWh > 0 ? ` Supplies lack ${energy(unservedMWh)} of what is drawn then.`
    : ''
  if (storedMWh === null || mostMWh === null) return lacks
  return `${lacks} The battery holds at least ${energy(storedMWh)} in it, ${
    formatRatio(storedMWh / mostMWh)} of what it may.`
}
