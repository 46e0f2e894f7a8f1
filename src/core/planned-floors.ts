import { convert } from './ledger.ts'
import type { State } from './state.ts'

/**
 * Floors once cooling takes what is planned. While it takes less, what starts under a limit that is
 * known to come would not fit any more when the weather is as planned again.
 */

/** Lowers what floors may be at feeders that have limits over time by what floors will grow. */
export function lowerByGrowth(state: State, most: Float64Array): void {
  const { limits } = state.tables
  const growthW = growthsW(state)
  const feeders = new Set(limits.feeder.subarray(0, state.totals.limitRows))
  for (const feeder of feeders) most[feeder] = most[feeder]! - growthW[feeder]!
}

/** By how much floors will grow at each feeder. O(feeders). */
function growthsW(state: State): Float64Array {
  const { floorW, ratioPer10k } = state.tables.feeders
  const { feederParent } = state.layout
  const growthW = new Float64Array(floorW.length)
  for (let at = growthW.length - 1; at >= 0; at--) {
    const parent = feederParent[at]!
    if (parent < 0) continue
    const thenW = convert(laterRatio(state, at), floorW[at]! + growthW[at]!)
    growthW[parent] = growthW[parent]! + thenW - convert(ratioPer10k[at]!, floorW[at]!)
  }
  return growthW
}

/** The most that floors of a job may grow, whatever it is below. O(feeders). */
export function mostGrowth(state: State): number {
  const { feederParent } = state.layout
  const growth = new Float64Array(feederParent.length)
  let most = 1
  for (let at = 0; at < growth.length; at++) {
    const parent = feederParent[at]!
    const own = laterRatio(state, at) / state.tables.feeders.ratioPer10k[at]!
    growth[at] = own * (parent < 0 ? 1 : growth[parent]!)
    most = Math.max(most, growth[at]!)
  }
  return most
}

function laterRatio({ tables, layout }: State, feeder: number): number {
  return Math.max(layout.feederRatio[feeder]!, tables.feeders.ratioPer10k[feeder]!)
}
