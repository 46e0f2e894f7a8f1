import { NONE } from '../base/id.ts'
import { exp } from '../base/math.ts'
import type { FeederMetered } from '../model/index.ts'
import { POWER, type State } from './state.ts'

/**
 * What meters say of feeders. A reading is of a while ago and a little wrong; the mean of late
 * smooths it, and the bias is what was drawn more than was expected then.
 */

/** Time in which a reading loses all but a third of its weight. */
const MEMORY_MS = 300_000

export function takeReading(state: State, event: FeederMetered): void {
  const { feeders } = state.tables
  const { feeder, drawW, observedAtMs } = event
  const beforeMs = feeders.meteredAtMs[feeder]!
  if (observedAtMs <= beforeMs) return
  const old = beforeMs === NONE ? 0 : exp((beforeMs - observedAtMs) / MEMORY_MS)
  const errorW = drawW - feeders.drawW[feeder]!
  feeders.meanW[feeder] = old * feeders.meanW[feeder]! + (1 - old) * drawW
  feeders.biasW[feeder] = old * feeders.biasW[feeder]! + (1 - old) * errorW
  feeders.meterW[feeder] = drawW
  feeders.meteredAtMs[feeder] = observedAtMs
  state.totals.powerNews |= POWER.due
}

/** Whether a meter is silent for so long that what is granted counts in place of its reading. */
export function isStale(state: State, feeder: number): boolean {
  const { meteredAtMs } = state.tables.feeders
  return state.totals.nowMs - meteredAtMs[feeder]! > state.layout.plant.power.staleMs
}
