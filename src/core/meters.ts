import { NONE } from '../base/id.ts'
import { exp } from '../base/math.ts'
import { fromMinutes } from '../base/units.ts'
import type { FeederMetered } from '../model/index.ts'
import { rebelieve } from './allocation.ts'
import { driftVariance } from './doubt.ts'
import { bookedAt, keepHistory, shiftHistory } from './history.ts'
import { isSoldOver } from './ledger.ts'
import { POWER, type State } from './state.ts'

/**
 * What meters say of feeders. A reading is of a while ago, a little wrong, and draw itself swings:
 * one reading says little, many say much. After caps have moved each counts much, in a long hold
 * little: see doubt.ts.
 */

/** Time in which a reading loses all but a third of its weight in the mean. */
const MEMORY_MS = fromMinutes(5)

export function takeReading(state: State, event: FeederMetered): void {
  const { feeder, drawW, observedAtMs } = event
  const beforeMs = state.tables.feeders.meteredAtMs[feeder]!
  if (observedAtMs <= beforeMs) return
  keepHistory(state, feeder)
  const { feeders } = state.tables
  const old = beforeMs === NONE ? 0 : exp((beforeMs - observedAtMs) / MEMORY_MS)
  feeders.meanW[feeder] = old * feeders.meanW[feeder]! + (1 - old) * drawW
  if (isComparable(state, event)) {
    drift(state, event)
    learn(state, event)
  }
  feeders.meterW[feeder] = drawW
  feeders.meteredAtMs[feeder] = observedAtMs
  state.totals.powerNews |= POWER.due
  // Less drawn than was thought, or a meter heard again: what waits may have room.
  const { pending, targets } = state.totals
  if (pending > 0 && (targets > 0 || isSoldOver(state))) state.totals.isFreed = 1
}

/**
 * Whether a reading can be held against what was expected then. What is heard so late is of a time
 * in which nobody listened: what was booked then says nothing, nor does it of any time until now.
 */
function isComparable(state: State, { feeder, observedAtMs }: FeederMetered): boolean {
  const { histories, feeders } = state.tables
  const { meterDelayMs, meterEveryMs } = state.layout.plant.power
  const row = feeders.history[feeder]!
  if (row === NONE) return true
  const isLate = state.totals.nowMs - observedAtMs > meterDelayMs + meterEveryMs
  if (isLate) histories.fromMs[row] = state.totals.nowMs
  return observedAtMs >= histories.fromMs[row]!
}

function drift(state: State, { feeder, observedAtMs }: FeederMetered): void {
  const { histories, feeders } = state.tables
  const row = feeders.history[feeder]!
  if (row === NONE) return
  const learntAtMs = histories.learntAtMs[row]!
  histories.learntAtMs[row] = observedAtMs
  if (learntAtMs === NONE || feeders.offVariance[feeder] === NONE) return
  feeders.offVariance[feeder] = feeders.offVariance[feeder]!
    + driftVariance(state, feeder, observedAtMs - learntAtMs)
}

/** What a reading says. What may not be there yet explains a reading that is too low. */
function learn(state: State, { feeder, drawW, observedAtMs }: FeederMetered): void {
  const { offW, offVariance, variance, downW } = state.tables.feeders
  const then = bookedAt(state, feeder, observedAtMs)
  const leastW = drawW + downW[feeder]! - then.drawW - offW[feeder]!
  const byW = leastW > 0 ? leastW : Math.min(0, leastW + then.risingW)
  if (byW === 0 && then.risingW > 0) return
  const errorW = state.layout.plant.power.meterErrorRatio * drawW
  const noise = variance[feeder]! + errorW * errorW
  const before = offVariance[feeder]!
  const gain = noise === 0 || before === NONE ? 1 : before / (before + noise)
  offW[feeder] = offW[feeder]! + gain * byW
  offVariance[feeder] = before === NONE ? noise : before * (1 - gain)
}

/**
 * A job is booked anew because more is known of it: what was booked wrongly is no longer part of
 * what readings are off by, and what the job draws is in doubt no more. O(racks × depth).
 */
export function relearn(state: State, job: number): void {
  const { histories, feeders } = state.tables
  const before = Array.from({ length: state.totals.histories }, (_, row) =>
    feeders.drawW[histories.feeder[row]!]!)
  rebelieve(state, job)
  before.forEach((drawW, row) => {
    const feeder = histories.feeder[row]!
    const byW = feeders.drawW[feeder]! - drawW
    if (byW === 0) return
    shiftHistory(state, row, byW)
    if (feeders.offVariance[feeder] !== NONE) feeders.offW[feeder] = feeders.offW[feeder]! - byW
  })
}

/**
 * Whether a metered feeder was not heard since nobody listened: until a reading of the time after
 * that is heard, nothing may go up there. O(1).
 */
export function isUnheard({ tables }: State, feeder: number): boolean {
  const row = tables.feeders.history[feeder]!
  return row !== NONE && tables.feeders.meteredAtMs[feeder]! < tables.histories.fromMs[row]!
}

/** Whether a meter is silent for so long that what is granted counts in place of its reading. */
export function isStale(state: State, feeder: number): boolean {
  const { meteredAtMs } = state.tables.feeders
  return state.totals.nowMs - meteredAtMs[feeder]! > state.layout.plant.power.staleMs
}
