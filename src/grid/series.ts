import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { InputError } from '../model/error.ts'
import type { TimeSeries } from '../model/time-series.ts'
import { fromHours } from '../base/units.ts'

/** An hourly table: a moment in UTC, then a number in each column. */
export type HourlyTable = {
  /** Milliseconds since 1970 of the first row. */
  readonly startAtMs: number
  readonly hours: number
  /** Values by the name of their column; NaN in hours that have none. */
  readonly columns: Readonly<Record<string, Float64Array>>
}

export type HourlyOptions = {
  /** Columns to read; all others are left. */
  readonly columns: readonly string[]
  /** First hour and the hour after the last, as "2023-01-01"; without them, the whole file. */
  readonly from?: string
  readonly until?: string
}

/**
 * Reads a CSV of hourly values, plain or gzipped: prices and weather (`utc,…`), demand
 * (`date_time,…` of EIA-930). The moments must go up; an hour that is not there, or has no value,
 * is NaN, so that whoever needs it must say what then. Throws with file and line. O(rows).
 */
export function readHourly(path: string, options: HourlyOptions): HourlyTable {
  const bytes = readFileSync(path)
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b
  return parseHourly((isPacked ? gunzipSync(bytes) : bytes).toString('utf8'), path, options)
}

export function parseHourly(
  text: string, path: string, { columns, from, until }: HourlyOptions): HourlyTable {
  const lines = text.split('\n').map((line) => line.trimEnd())
  const header = lines[0]!.replace(/^\uFEFF/, '').split(',')
  const places = columns.map((name) => placeOf(name, header, path))
  const firstMs = from === undefined ? -Infinity : momentOf(from, `${path}: from`)
  const endMs = until === undefined ? Infinity : momentOf(until, `${path}: until`)
  const rows: { readonly atMs: number, readonly values: readonly number[] }[] = []
  let beforeMs = -Infinity
  for (let line = 1; line < lines.length; line++) {
    if (lines[line] === '') continue
    const where = `${path}:${line + 1}`
    const fields = lines[line]!.split(',')
    if (fields.length !== header.length) {
      throw new InputError(`${where}: the row has ${fields.length} fields, its header has ${
        header.length} (${header.join(', ')})`)
    }
    const atMs = momentOf(fields[0]!, where)
    if (!(atMs > beforeMs)) {
      throw new InputError(`${where}: ${fields[0]} is not after the row before it; sort the file `
        + 'by its first column, each hour once')
    }
    beforeMs = atMs
    if (atMs < firstMs || atMs >= endMs) continue
    rows.push({ atMs, values: places.map((place, at) =>
      numberOf(fields[place]!, columns[at]!, where)) })
  }
  return tableOf(rows, columns, path)
}

/** A column as a series that begins at 0 ms. Hours without a value are a mistake. */
export function seriesOf(table: HourlyTable, column: string): TimeSeries {
  const values = table.columns[column]!
  const missing = values.findIndex((value) => Number.isNaN(value))
  if (missing >= 0) {
    const at = new Date(table.startAtMs + fromHours(missing)).toISOString().slice(0, 16)
    throw new InputError(`${column} has no value at ${at}Z; take another span of time, or fill it`)
  }
  return { startMs: 0, everyMs: fromHours(1), values }
}

function tableOf(
  rows: readonly { readonly atMs: number, readonly values: readonly number[] }[],
  columns: readonly string[], path: string,
): HourlyTable {
  const first = rows[0]
  if (first === undefined) {
    throw new InputError(`${path}: no row lies in the span that was asked for; take another one`)
  }
  const hours = Math.round((rows.at(-1)!.atMs - first.atMs) / fromHours(1)) + 1
  if (hours > HOURS_MOST) {
    throw new InputError(`${path}: the rows span ${hours} hours; ${HOURS_MOST} are the most`)
  }
  const all = columns.map(() => new Float64Array(hours).fill(NaN))
  for (const { atMs, values } of rows) {
    const hour = (atMs - first.atMs) / fromHours(1)
    if (!Number.isInteger(hour)) {
      throw new InputError(`${path}: ${new Date(atMs).toISOString()} is no whole hour after the `
        + 'first row; hourly values are needed')
    }
    values.forEach((value, at) => { all[at]![hour] = value })
  }
  return { startAtMs: first.atMs, hours,
    columns: Object.fromEntries(columns.map((name, at) => [name, all[at]!])) }
}

/** A century: beyond it a row has a slip in its date. */
const HOURS_MOST = 876_600

function placeOf(name: string, header: readonly string[], path: string): number {
  const place = header.indexOf(name)
  if (place > 0) return place
  throw new InputError(`${path}:1: there is no column "${name}" after the first; the file has ${
    header.slice(1).join(', ')}`)
}

/** UTC, whether or not a Z says so: "2023-01-01T00:00Z", "2020-01-01 00:00:00", "2023-01-01". */
function momentOf(text: string, where: string): number {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?Z?)?$/.exec(text)
  const atMs = match === null ? NaN : Date.parse(`${match[1]}T${match[2] ?? '00:00'}${
    match[3] ?? ''}Z`)
  if (!Number.isNaN(atMs)) return atMs
  throw new InputError(`${where}: "${text.slice(0, 40)}" is no moment in UTC; 2023-01-01T00:00Z or `
    + '2023-01-01 00:00:00 would do')
}

function numberOf(text: string, column: string, where: string): number {
  if (text === '') return NaN
  const value = /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(text) ? Number(text) : NaN
  if (Number.isFinite(value)) return value
  throw new InputError(`${where}: ${column} is "${text.slice(0, 40)}"; a number would do, or `
    + 'nothing where it is unknown')
}
