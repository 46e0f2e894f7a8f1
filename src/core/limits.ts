import { fromHours } from '../base/units.ts'
import { LIMIT_KINDS, type LimitSet } from '../model/index.ts'
import { keepHistory } from './history.ts'
import { POWER, type State } from './state.ts'
import { NEVER_MS } from './windows.ts'

/**
 * Limits over time: what is known of the plant's limits, its operator's budgets and the grid's
 * targets, now and later. They lie beside the plant's own limit of each feeder, which always holds.
 */

const TARGET = LIMIT_KINDS.indexOf('target')

export function setLimit(state: State, event: LimitSet): void {
  const { limits } = state.tables
  const row = event.limit
  limits.feeder[row] = event.feeder
  limits.kind[row] = LIMIT_KINDS.indexOf(event.kind)
  limits.watts[row] = event.watts
  limits.fromW[row] = event.fromW
  limits.startAtMs[row] = event.startAtMs
  limits.holdAtMs[row] = event.holdAtMs
  limits.holdEndAtMs[row] = event.holdEndAtMs
  limits.endAtMs[row] = event.endAtMs
  limits.setAtMs[row] = state.totals.nowMs
  state.totals.limitRows = Math.max(state.totals.limitRows, row + 1)
  if (event.kind === 'target') keepHistory(state, event.feeder)
  takeLimits(state)
}

export function clearLimit(state: State, limit: number): void {
  state.tables.limits.endAtMs[limit] = 0
  takeLimits(state)
}

/** Row for a new limit: the first that is over; -1 where all are in use. */
export function freeLimit(state: State): number {
  const { endAtMs } = state.tables.limits
  return endAtMs.findIndex((atMs) => atMs <= state.totals.nowMs)
}

/**
 * Writes what holds now for grants to the feeders, and when that changes next. O(feeders + rows of
 * limits). Whatever changes may let a job start, or ask for watts back.
 */
export function takeLimits(state: State): void {
  const { totals, tables, layout } = state
  const { limits, feeders } = tables
  const { nowMs } = totals
  feeders.limitW.set(layout.feederLimitW)
  let nextMs = NEVER_MS
  let live = 0
  totals.targets = 0
  for (let row = 0; row < totals.limitRows; row++) {
    if (limits.endAtMs[row]! <= nowMs) continue
    live++
    nextMs = Math.min(nextMs, nextEdgeMs(state, row, nowMs))
    const watts = courseW(state, row, nowMs)
    const feeder = limits.feeder[row]!
    if (limits.kind[row] === TARGET) {
      totals.targets++
      continue
    }
    feeders.limitW[feeder] = Math.min(feeders.limitW[feeder]!, watts)
  }
  totals.limits = live
  totals.returnUntilMs = totals.isPowered === 1 ? returnsUntilMs(state) : 0
  // Once a return is over nothing holds back what waited for it.
  if (totals.returnUntilMs > nowMs) nextMs = Math.min(nextMs, totals.returnUntilMs)
  totals.nextLimitAtMs = nextMs
  totals.isFreed = 1
  totals.powerNews |= POWER.changed | POWER.due
}

/** Guess: a return that was missed is made good within an hour, no faster than was asked. */
const RETURN_MS = fromHours(1)

/** Whether a row is a target on its way back, or was within the last hour. O(1). */
export function isReturning(state: State, row: number): boolean {
  const { kind, endAtMs, holdEndAtMs } = state.tables.limits
  const { nowMs } = state.totals
  return kind[row] === TARGET && endAtMs[row]! > holdEndAtMs[row]!
    && holdEndAtMs[row]! <= nowMs && nowMs < endAtMs[row]! + RETURN_MS
}

/** Until when returns from targets are watched; 0 where none is. O(rows). */
function returnsUntilMs({ totals, tables }: State): number {
  const { kind, endAtMs, holdEndAtMs } = tables.limits
  let untilMs = 0
  for (let row = 0; row < totals.limitRows; row++) {
    if (kind[row] !== TARGET || endAtMs[row]! <= holdEndAtMs[row]!) continue
    untilMs = Math.max(untilMs, endAtMs[row]! + RETURN_MS)
  }
  return untilMs
}

/** Watts that a row of the limits allows at a time; Infinity where it says nothing. O(1). */
export function courseW(state: State, row: number, atMs: number): number {
  const { limits } = state.tables
  if (atMs < limits.startAtMs[row]! || atMs >= limits.endAtMs[row]!) return Infinity
  const watts = limits.watts[row]!
  const byW = limits.fromW[row]! - watts
  const holdAtMs = limits.holdAtMs[row]!
  const holdEndAtMs = limits.holdEndAtMs[row]!
  if (atMs < holdAtMs) {
    return watts + byW * (holdAtMs - atMs) / (holdAtMs - limits.startAtMs[row]!)
  }
  if (atMs < holdEndAtMs) return watts
  return watts + byW * (atMs - holdEndAtMs) / (limits.endAtMs[row]! - holdEndAtMs)
}

/** Least watts of a row between two times, both included; Infinity where it says nothing. O(1). */
export function leastOfCourseW(
  state: State, row: number, fromMs: number, untilMs: number): number {
  const { limits } = state.tables
  const from = Math.max(fromMs, limits.startAtMs[row]!)
  const until = Math.min(untilMs, limits.endAtMs[row]! - 1)
  if (from > until) return Infinity
  const isHeld = from < limits.holdEndAtMs[row]! && until >= limits.holdAtMs[row]!
  if (isHeld) return limits.watts[row]!
  return Math.min(courseW(state, row, from), courseW(state, row, until))
}

/** What is drawn at a feeder may be at most that at a time: the least of its targets. O(rows). */
export function targetW(state: State, feeder: number, atMs: number): number {
  const { limits } = state.tables
  let least = Infinity
  for (let row = 0; row < state.totals.limitRows; row++) {
    if (limits.kind[row] !== TARGET || limits.feeder[row] !== feeder) continue
    least = Math.min(least, courseW(state, row, atMs))
  }
  return least
}

/**
 * Least watts that each feeder may grant (or, for `isDraw`, may be drawn there) at any time between
 * two, written to `into`: the plant's limit where nothing is known. O(feeders + rows).
 */
export function leastLimitsW(
  state: State, fromMs: number, untilMs: number, isDraw: boolean, into: Float64Array): void {
  if (isDraw) into.fill(Infinity)
  else into.set(state.layout.feederLimitW)
  lowerToLimits(state, fromMs, untilMs, isDraw, into)
}

/** Lowers `into` at the feeders of which rows say more than it has there. O(rows). */
export function lowerToLimits(
  state: State, fromMs: number, untilMs: number, isDraw: boolean, into: Float64Array): void {
  const { limits } = state.tables
  for (let row = 0; row < state.totals.limitRows; row++) {
    if ((limits.kind[row] === TARGET) !== isDraw) continue
    const feeder = limits.feeder[row]!
    into[feeder] = Math.min(into[feeder]!, leastOfCourseW(state, row, fromMs, untilMs))
  }
}

/** Where limits stand: those of the plant, those that hold now, those of the rows over time. */
type LimitColumns = {
  readonly feederLimitW: Float64Array
  readonly limitW: Float64Array
  readonly watts: Float64Array
  readonly feeder: Int32Array
}

/** Raises all that limits a feeder, now and later, by as much. O(rows of limits). */
export function raiseLimits(columns: LimitColumns, feeder: number, byW: number): void {
  columns.feederLimitW[feeder] = columns.feederLimitW[feeder]! + byW
  columns.limitW[feeder] = columns.limitW[feeder]! + byW
  columns.feeder.forEach((at, row) => {
    if (at === feeder) columns.watts[row] = columns.watts[row]! + byW
  })
}

/** The next time after one at which a limit or target begins to hold; NEVER_MS where none will. */
export function nextFallMs(state: State, afterMs: number): number {
  const { startAtMs, endAtMs } = state.tables.limits
  let nextMs = NEVER_MS
  for (let row = 0; row < state.totals.limitRows; row++) {
    const fallMs = startAtMs[row]!
    if (fallMs > afterMs && endAtMs[row]! > afterMs) nextMs = Math.min(nextMs, fallMs)
  }
  return nextMs
}

/** Whether a target moves at a time, down or up. O(rows of limits). */
export function isRamping(state: State, atMs: number): boolean {
  const { limits } = state.tables
  for (let row = 0; row < state.totals.limitRows; row++) {
    if (atMs < limits.startAtMs[row]! || atMs >= limits.endAtMs[row]!) continue
    if (atMs < limits.holdAtMs[row]! || atMs >= limits.holdEndAtMs[row]!) return true
  }
  return false
}

/** The next moment at which a row begins, holds, lets go or ends. */
function nextEdgeMs(state: State, row: number, nowMs: number): number {
  const { limits } = state.tables
  const edges = [limits.startAtMs, limits.holdAtMs, limits.holdEndAtMs, limits.endAtMs]
  for (const edge of edges) if (edge[row]! > nowMs) return edge[row]!
  return NEVER_MS
}

/**
 * Least that could be drawn at a feeder with what runs now: idle nodes and base loads, and each job
 * at the least that it can be held to, a pause for most. Where a power policy acts. O(1).
 */
export function floorDrawW({ tables, layout }: State, feeder: number): number {
  return tables.feeders.floorW[feeder]! - layout.idleGrantW[feeder]! + layout.idleDrawW[feeder]!
}
