import { NONE } from '../base/id.ts'
import { quotaBlocker } from '../core/blocker.ts'
import { gpusOn, leastNodesOf } from '../core/demand.ts'
import { searchFor } from '../core/fit.ts'
import { pendingCandidate, type PowerCandidate } from '../core/power-view.ts'
import { eachDeviation } from '../core/spread.ts'
import type { State } from '../core/state.ts'
import { headsOf, nextLane, type IsBefore } from './pending.ts'
import type { PlacePolicy } from './policy.ts'
import { poolsFor } from './pools.ts'

/** Most heads of lanes that room is made for at a time. */
const CLAIMANTS_MOST = 8

/** What is charged and drawn under limits and targets of the next moments. */
const NOTHING = { chargeW: 0, drawW: 0, sdW: 0, stepW: 0 } as const

/** Jobs that are first in their turn and lack nothing but watts, each where it would go. */
export function claimants(
  view: State, place: PlacePolicy, isBefore: IsBefore): PowerCandidate[] {
  const heads = headsOf(view)
  const found: PowerCandidate[] = []
  while (found.length < CLAIMANTS_MOST) {
    const lane = nextLane(view, heads, isBefore)
    if (lane < 0) break
    const job = heads[lane]!
    heads[lane] = NONE
    if (view.tables.jobs.gpus[job] === 0 || quotaBlocker(view, job) !== undefined) continue
    const claim = claimOf(view, job, place)
    if (claim !== undefined) found.push(claim)
  }
  return found
}

/**
 * What the claimants that are given watts would draw, watts by feeder. O(feeders + racks of them).
 */
export function claimed(
  view: State, waiting: readonly PowerCandidate[], grantW: ArrayLike<number>): Float64Array {
  const watts = new Float64Array(view.layout.feederParent.length)
  waiting.forEach(({ placement, row: { options } }, at) => {
    if (!(grantW[at]! > 0)) return
    const point = options.grantW.findIndex((pointW) => pointW > 0)
    eachDeviation(view, placement, options.drawW[point]!, (feeder, drawW) => {
      watts[feeder] = watts[feeder]! + drawW
    })
  })
  return watts
}

/** Where a job would go if no watts were granted to others, its floors being met. */
function claimOf(view: State, job: number, place: PlacePolicy): PowerCandidate | undefined {
  const nodes = leastNodesOf(view, job) || view.tables.jobs.nodes[job]!
  for (const pool of poolsFor(view, job, place)) {
    const search = searchFor(view, job, pool, nodes)
    if (search === undefined) continue
    const found = place.place(view, { ...search, power: { ...search.power!, ...NOTHING } })
    if ('placement' in found) {
      return pendingCandidate(view, job, found.placement, gpusOn(view, job, nodes))
    }
  }
  return undefined
}
