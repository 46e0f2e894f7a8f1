import { fromSeconds } from '../base/units.ts'
import type { Line } from './line.ts'

/** The end of the year 9999, the last that four digits can write. */
const LAST_MS = 253402300799999

/**
 * A time of the calendar, in ms since 1970: "2026-08-29T05:52:31", which no zone goes with, or
 * seconds since 1970.
 */
export function momentMsAt(line: Line, field: number, name: string): number {
  const seconds = line.numberAt(field)
  const atMs = Number.isNaN(seconds) ? writtenMs(line.textAt(field)) : fromSeconds(seconds)
  if (atMs >= 0 && atMs <= LAST_MS) return Math.round(atMs)
  return line.failOnField(field, name, 'write a time such as 2026-08-29T05:52:31, or seconds '
    + 'since 1970 (SLURM_TIME_FORMAT=%s), not later than the year 9999')
}

/** NaN where it is no time, or none of the calendar, such as the 30th of February. */
function writtenMs(text: string): number {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text)) return NaN
  const atMs = Date.parse(`${text}Z`)
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(text) ? atMs : NaN
}
