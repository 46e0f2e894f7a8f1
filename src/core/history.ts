import { NONE } from '../base/id.ts'
import { fromMinutes } from '../base/units.ts'
import type { State } from './state.ts'

/**
 * What was expected to be drawn at a feeder of late: a reading is of a while ago and must be held
 * against what was expected then, and a ramp is what draw rose within a minute. Kept for feeders
 * that are metered, that have a target, or whose site has a rule of ramps.
 */

/** Ramps are judged by what changes within any minute, as utilities write them. */
export const RAMP_WINDOW_MS = fromMinutes(1)

/** Entries kept for each feeder: of changes that follow one another closely only the last one. */
export const PAST_MOST = 32

/** What is expected: all that is booked, and how much of it may not be there yet. */
export type Booked = { readonly drawW: number, readonly risingW: number }

/** Begins to keep what was expected at a feeder. Columns may move. */
export function keepHistory(state: State, feeder: number): void {
  const { totals, arena } = state
  if (totals.isPowered === 0 || state.tables.feeders.history[feeder] !== NONE) return
  const row = totals.histories++
  arena.grow('histories', totals.histories)
  arena.grow('past', totals.histories * PAST_MOST)
  const { feeders, histories } = state.tables
  feeders.history[feeder] = row
  histories.feeder[row] = feeder
  histories.count[row] = 0
  histories.fromMs[row] = NONE
  histories.learntAtMs[row] = NONE
  add(state, row, feeder)
}

/** Begins anew at feeders, with what is expected now: what was so in another plant says nothing. */
export function restartHistories(state: State, feeders: readonly number[] = []): void {
  for (const feeder of feeders) keepHistory(state, feeder)
  const { histories } = state.tables
  for (let row = 0; row < state.totals.histories; row++) {
    histories.count[row] = 0
    histories.fromMs[row] = state.totals.nowMs
    add(state, row, histories.feeder[row]!)
  }
}

/** Writes down what was expected until now, before the clock moves on. O(feeders that are kept). */
export function keepPast(state: State): void {
  const { histories, feeders, past } = state.tables
  for (let row = 0; row < state.totals.histories; row++) {
    const feeder = histories.feeder[row]!
    const last = newest(state, row)
    const isSame = feeders.drawW[feeder] === past.drawW[last]
      && feeders.risingW[feeder] === past.risingW[last]
    if (!isSame) add(state, row, feeder)
  }
}

/** What was expected at a feeder at a time, or now where it is not known. O(1). */
export function bookedAt({ tables }: State, feeder: number, atMs: number): Booked {
  const { feeders, histories, past } = tables
  const row = feeders.history[feeder]!
  if (row === NONE) return { drawW: feeders.drawW[feeder]!, risingW: feeders.risingW[feeder]! }
  const count = histories.count[row]!
  const oldest = Math.max(0, count - PAST_MOST)
  let at = count - 1
  while (at > oldest && past.atMs[row * PAST_MOST + at % PAST_MOST]! > atMs) at--
  const entry = row * PAST_MOST + at % PAST_MOST
  return { drawW: past.drawW[entry]!, risingW: past.risingW[entry]! }
}

/** Least that was surely expected at a feeder from a time on until now. O(1). */
export function leastSinceW(state: State, feeder: number, sinceMs: number): number {
  const { feeders, histories, past } = state.tables
  let leastW = feeders.drawW[feeder]! - feeders.risingW[feeder]!
  const row = feeders.history[feeder]!
  if (row === NONE) return leastW
  const count = histories.count[row]!
  const oldest = Math.max(0, count - PAST_MOST)
  for (let at = count - 1; at >= oldest; at--) {
    const entry = row * PAST_MOST + at % PAST_MOST
    // What is one entry came close together, and all but the last of it is over since.
    const isOver = past.atMs[entry]! + stepMs(state) <= sinceMs
    leastW = Math.min(leastW, isOver ? past.drawW[entry]! - past.risingW[entry]!
      : past.leastW[entry]!)
    if (past.atMs[entry]! <= sinceMs) break
  }
  return leastW
}

/** Watts of `surged` at a feeder that were there at a time already. O(1). */
export function surgedBeforeW(state: State, feeder: number, atMs: number): number {
  const { feeders, histories, past } = state.tables
  const row = feeders.history[feeder]!
  if (row === NONE) return feeders.surged[feeder]!
  const count = histories.count[row]!
  const oldest = Math.max(0, count - PAST_MOST)
  let at = count - 1
  // What is one entry came close together: only when all of it is over it was there.
  while (at > oldest && past.atMs[row * PAST_MOST + at % PAST_MOST]! + stepMs(state) > atMs) at--
  return past.surged[row * PAST_MOST + at % PAST_MOST]!
}

/** What is believed of a job changed, not what it draws: it was as wrong before. O(1). */
export function shiftHistory({ tables }: State, row: number, byW: number): void {
  const { past } = tables
  const end = (row + 1) * PAST_MOST
  for (let entry = row * PAST_MOST; entry < end; entry++) {
    past.drawW[entry] = past.drawW[entry]! + byW
    past.leastW[entry] = past.leastW[entry]! + byW
  }
}

function newest({ tables }: State, row: number): number {
  return row * PAST_MOST + (tables.histories.count[row]! - 1) % PAST_MOST
}

function add(state: State, row: number, feeder: number): void {
  const { histories, feeders, past } = state.tables
  const { nowMs } = state.totals
  const count = histories.count[row]!
  const drawW = feeders.drawW[feeder]!
  const risingW = feeders.risingW[feeder]!
  let leastW = drawW - risingW
  let entry = row * PAST_MOST + count % PAST_MOST
  if (count > 0 && nowMs - past.atMs[newest(state, row)]! < stepMs(state)) {
    entry = newest(state, row)
    leastW = Math.min(leastW, past.leastW[entry]!)
  } else {
    past.atMs[entry] = nowMs
    histories.count[row] = count + 1
  }
  past.drawW[entry] = drawW
  past.risingW[entry] = risingW
  past.leastW[entry] = leastW
  past.surged[entry] = feeders.surged[feeder]!
}

/** Changes that are closer than this are one, so that the entries last as long as is needed. */
function stepMs({ layout }: State): number {
  const longestMs = Math.max(RAMP_WINDOW_MS, layout.plant.power.meterDelayMs)
  return Math.ceil(longestMs / (PAST_MOST - 1))
}
