import { fromSeconds } from '../base/units.ts'
import { type Line, shown } from './line.ts'

/**
 * Finds the column of times and returns what reads it into ms. A unit in its name holds; without
 * one, numbers are ms or s since 1970 by their size, or else seconds from a start.
 */
export function timeReader(header: Line): (line: Line) => number {
  const names: string[] = []
  for (let field = 0; field < header.fields; field++) names.push(header.textAt(field))
  const field = names.findIndex((name) => TIME.test(name))
  if (field < 0) {
    header.fail(`no column looks like a time; found ${shown(names.join(','))}, needed one such as `
      + 'time_ms, time_s, timestamp or time')
  }
  const name = names[field]!
  const unit = TIME.exec(name)?.[1]?.toLowerCase()
  let isMs = unit === 'ms'
  let isKnown = unit !== undefined
  return (line) => {
    const number = line.numberAt(field)
    if (Number.isNaN(number)) return writtenMs(line, field, name)
    if (!isKnown) {
      isMs = number >= LEAST_EPOCH_MS
      isKnown = true
    }
    return isMs ? number : fromSeconds(number)
  }
}

const TIME = new RegExp('^(?:time|timestamp|t|elapsed|datetime|date|epoch|at|offset)'
  + '(?:[ _[(]*(ms|s)(?:ec(?:onds)?)?[\\])]?)?$', 'i')

/** The year 1973 in ms, the year 5138 in s. */
const LEAST_EPOCH_MS = 1e11

const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?: ?(Z|[+-]\d\d:?\d\d))?$/

function writtenMs(line: Line, field: number, name: string): number {
  const match = ISO.exec(line.textAt(field))
  if (match !== null && match[3] === undefined) {
    line.failOnField(field, name, 'it says no zone; write one, such as 2026-08-29T05:52:31Z or '
      + '2026-08-29T05:52:31-05:00')
  }
  const atMs = match === null ? NaN : Date.parse(`${match[1]}T${match[2]}${match[3]}`)
  if (!Number.isNaN(atMs)) return atMs
  return line.failOnField(field, name, 'write a time such as 2026-08-29T05:52:31Z, or a number of '
    + 'seconds or ms')
}
