import type { Placement } from '../model/index.ts'
import { doubtOfMove, placementOf } from './allocation.ts'
import { drawOf } from './caps.ts'
import type { DoubtAhead } from './doubt.ts'
import { eachDeviation } from './spread.ts'
import type { State } from './state.ts'

/** What would be in doubt of draw once caps that are not in force yet are so. */

/**
 * What caps of placed jobs would add to what is in doubt at each feeder: nodes that set them by
 * themselves do so where nobody listens. O(feeders + racks of jobs).
 */
export function doubtAhead(
  state: State, caps: readonly { readonly job: number, readonly capW: number }[]): DoubtAhead {
  const { jobs, feeders } = state.tables
  const unknown = new Float64Array(feeders.unknown.length)
  const offVariance = new Float64Array(feeders.unknown.length)
  for (const { job, capW } of caps) {
    const pool = state.layout.pools[jobs.pool[job]!]!
    const drawW = drawOf(state, job, pool, capW)
    if (drawW === jobs.drawW[job]) continue
    const { afterW, movedW } = doubtOfMove(state, job, pool, jobs.drawW[job]!, drawW)
    const placement = placementOf(state, job)
    add(state, placement, jobs.unsureW[job]!, -1, unknown)
    add(state, placement, afterW, 1, unknown)
    add(state, placement, movedW, 1, offVariance)
  }
  return { unknown, offVariance }
}

function add(
  state: State, placement: Placement, deviationW: number, sign: number,
  into: Float64Array): void {
  eachDeviation(state, placement, deviationW, (feeder, watts) => {
    into[feeder] = into[feeder]! + sign * watts * watts
  })
}
