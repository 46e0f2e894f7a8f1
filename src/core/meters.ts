import { NONE } from '../base/id.ts'
import { exp } from '../base/math.ts'
import { fromMinutes } from '../base/units.ts'
import type { FeederMetered } from '../model/index.ts'
import { recharge } from './allocation.ts'
import { CURVE_ERROR, endDoubt } from './doubt.ts'
import { bookedAt, keepHistory, shiftHistory } from './history.ts'
import { POWER, type State } from './state.ts'

/**
 * What meters say of feeders. A reading is of a while ago, a little wrong, and draw itself swings:
 * one reading says little, many say much. So beside the bias (what is drawn more than expected)
 * stands the doubt about it. The larger the doubt is against the noise, the more a reading counts:
 * after caps have moved it counts much, in a long hold little. (A Kalman filter of one state.)
 */

/** Time in which a reading loses all but a third of its weight in the mean. */
const MEMORY_MS = fromMinutes(5)

/**
 * How fast draw drifts away from what was learnt, as a share a minute: in the Phoenix event it
 * drifted 1.6 kW of 65 kW in 150 minutes under caps that stood still.
 */
const DRIFT_PER_MIN = 0.00016

export function takeReading(state: State, event: FeederMetered): void {
  const { feeder, drawW, observedAtMs } = event
  const beforeMs = state.tables.feeders.meteredAtMs[feeder]!
  if (observedAtMs <= beforeMs) return
  keepHistory(state, feeder)
  const { feeders } = state.tables
  const old = beforeMs === NONE ? 0 : exp((beforeMs - observedAtMs) / MEMORY_MS)
  feeders.meanW[feeder] = old * feeders.meanW[feeder]! + (1 - old) * drawW
  if (beforeMs === NONE) feeders.doubtW[feeder] = CURVE_ERROR * feeders.drawW[feeder]!
  else drift(state, feeder, observedAtMs - beforeMs)
  learn(state, event)
  feeders.meterW[feeder] = drawW
  feeders.meteredAtMs[feeder] = observedAtMs
  state.totals.powerNews |= POWER.due
}

function drift(state: State, feeder: number, ms: number): void {
  const { doubtW, drawW } = state.tables.feeders
  const driftW = DRIFT_PER_MIN * drawW[feeder]! * (ms / fromMinutes(1))
  doubtW[feeder] = Math.sqrt(doubtW[feeder]! * doubtW[feeder]! + driftW * driftW)
}

/** What a reading says of the bias. What may not be there yet explains a reading that is too low. */
function learn(state: State, { feeder, drawW, observedAtMs }: FeederMetered): void {
  const { biasW, doubtW, variance } = state.tables.feeders
  const then = bookedAt(state, feeder, observedAtMs)
  const leastW = drawW - then.drawW - biasW[feeder]!
  const offW = leastW > 0 ? leastW : Math.min(0, leastW + then.risingW)
  if (offW === 0 && then.risingW > 0) return
  const errorW = state.layout.plant.power.meterErrorRatio * drawW
  const noise = variance[feeder]! + errorW * errorW
  const doubt = doubtW[feeder]! * doubtW[feeder]!
  const gain = noise === 0 ? 1 : doubt / (doubt + noise)
  biasW[feeder] = biasW[feeder]! + gain * offW
  doubtW[feeder] = Math.sqrt(doubt * (1 - gain))
}

/**
 * A job is booked anew because more is known of it: what was booked wrongly was part of the bias
 * and is no longer, and what the job draws is in doubt no more. O(racks × depth).
 */
export function relearn(state: State, job: number): void {
  const { histories, feeders, jobs } = state.tables
  const before = Array.from({ length: state.totals.histories }, (_, row) =>
    feeders.drawW[histories.feeder[row]!]!)
  endDoubt(state, job)
  recharge(state, job, jobs.capW[job]!)
  // It is not the draw that changed but what is believed of it.
  jobs.knownW[job] = jobs.drawW[job]!
  before.forEach((drawW, row) => {
    const feeder = histories.feeder[row]!
    const byW = feeders.drawW[feeder]! - drawW
    if (byW === 0) return
    shiftHistory(state, row, byW)
    const biasW = feeders.biasW[feeder]!
    const known = Math.min(Math.abs(byW), Math.abs(biasW))
    if (byW * biasW > 0) feeders.biasW[feeder] = biasW - Math.sign(biasW) * known
  })
}

/** Whether a meter is silent for so long that what is granted counts in place of its reading. */
export function isStale(state: State, feeder: number): boolean {
  const { meteredAtMs } = state.tables.feeders
  return state.totals.nowMs - meteredAtMs[feeder]! > state.layout.plant.power.staleMs
}
