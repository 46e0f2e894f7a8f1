import { formatPower } from '../base/units.ts'
import { RATIO_ONE, refusal, type Event, type LimitCourse, type Refusal } from '../model/index.ts'
import { freeLimit } from './limits.ts'
import { LIMITS_MOST, type State } from './state.ts'

/** Largest ratio of what a feeder takes to what it delivers: one watt of ten arrives. */
const RATIO_MOST = 10 * RATIO_ONE

/** Watts of a feeder over time, from a person or the grid. */
export function askLimit(state: State, course: LimitCourse): Event | Refusal {
  const { feeder, kind, watts, fromW, startAtMs, holdAtMs, holdEndAtMs, endAtMs } = course
  const missing = missingFeeder(state, feeder)
  if (missing !== undefined) return missing
  const { name } = state.layout.plant.feeders[feeder]!
  const times = [startAtMs, holdAtMs, holdEndAtMs, endAtMs]
  const isOrdered = times.every((atMs, at) =>
    Number.isSafeInteger(atMs) && (at === 0 || atMs >= times[at - 1]!))
  const isLong = holdEndAtMs > holdAtMs && (endAtMs > state.totals.nowMs)
  if (!isOrdered || !isLong || startAtMs < 0) {
    return refusal('out-of-range', `The ${kind} of ${name} begins at ${startAtMs} ms, holds from `
      + `${holdAtMs} to ${holdEndAtMs} and ends at ${endAtMs}, and it is ${state.totals.nowMs} ms `
      + 'now; each must be later than the one before, and the end later than now.')
  }
  if (kind !== 'target' && (startAtMs !== holdAtMs || endAtMs !== holdEndAtMs)) {
    return refusal('out-of-range', `The ${kind} of ${name} has ramps; only a target has. Say a row `
      + 'of limits, each lower than the one before.')
  }
  const isFalling = Number.isSafeInteger(watts) && watts >= 0 && watts <= fromW
  if (!isFalling || !Number.isSafeInteger(fromW)) {
    return refusal('out-of-range', `The ${kind} of ${name} is ${watts} W from ${fromW} W; use `
      + 'whole watts from 0 up, at most those from which it begins.')
  }
  const limit = freeLimit(state)
  if (limit < 0) {
    return refusal('not-possible-now', `There are ${LIMITS_MOST} limits over time already; clear `
      + 'one that is not needed.')
  }
  return { type: 'limit.set', limit, ...course }
}

export function askClear(state: State, limit: number): Event | Refusal {
  const { endAtMs } = state.tables.limits
  if ((endAtMs[limit] ?? 0) > state.totals.nowMs) return { type: 'limit.cleared', limit }
  return refusal('no-such-limit', `There is no limit ${limit}. It may be over.`)
}

export function askRatio(state: State, feeder: number, ratioPer10k: number): Event | Refusal {
  const missing = missingFeeder(state, feeder)
  if (missing !== undefined) return missing
  const isRatio = Number.isInteger(ratioPer10k) && ratioPer10k >= RATIO_ONE
    && ratioPer10k <= RATIO_MOST
  if (isRatio) return { type: 'feeder.ratio', feeder, ratioPer10k }
  return refusal('out-of-range', `${ratioPer10k / RATIO_ONE} W for one W that `
    + `${state.layout.plant.feeders[feeder]!.name} delivers; use 1 to ${RATIO_MOST / RATIO_ONE}.`)
}

function missingFeeder(state: State, feeder: number): Refusal | undefined {
  const { feeders } = state.layout.plant
  if (feeders[feeder] !== undefined) return undefined
  const { name, limitW } = feeders[0]!
  return refusal('no-such-feeder', `There is no feeder ${feeder}; there are ${feeders.length}, the `
    + `first is ${name} with ${formatPower(limitW)}.`)
}
