import type { Allotment } from './allocate-allotment.ts'
import { totalValue } from './allocate-curve.ts'
import { excessOf, makeGrants, raise, regrant, weightAt, type Grants } from './allocate-grants.ts'
import type { PowerJob, PowerJobs, PowerTree } from './allocate-input.ts'
import { rowsOf } from './allocate-rows.ts'
import { bestSpan } from './allocate-spot.ts'
import { RATIO_ONE } from '../model/power.ts'

/**
 * Grants at the prices of an allotment that leave as many jobs as possible where they are: a job
 * moves only out of what is not best for it any more, and those to which two grants are worth the
 * same make room or take what is left, but for `reserve` (of value). Undefined where that misses
 * the bound by more than `mostGap`, or does not fit: then the allotment itself is to be taken.
 * O(jobs x (points + rows above)).
 */
export function stick(
  tree: PowerTree, jobs: PowerJobs, nowW: Float64Array, allotment: Allotment,
  { list, reserve, mostGap }: {
    readonly list: readonly PowerJob[], readonly reserve: number, readonly mostGap: number,
  },
): Float64Array | undefined {
  const path = pathPrices(tree, allotment.grantPrice)
  const lowW = new Float64Array(list.length)
  const highW = new Float64Array(list.length)
  const grantW = new Float64Array(list.length)
  for (let at = 0; at < list.length; at++) {
    const { options } = list[at]!
    const { low, high } = bestSpan(options, costOf(list[at]!, path))
    lowW[at] = options.grantW[low]!
    highW[at] = options.grantW[high]!
    grantW[at] = Math.min(highW[at]!, Math.max(lowW[at]!, nowW[at]!))
  }
  const grants = makeGrants(tree, jobs, rowsOf(tree, jobs), grantW)
  if (!makeFit(grants, lowW)) return undefined
  for (let at = 0; at < list.length && worthOfRoom(grants, allotment) > reserve; at++) {
    if (grantW[at]! < highW[at]!) raise(grants, at, highW[at]!, false)
  }
  return allotment.boundValue - totalValue(jobs, grantW) <= mostGap ? grantW : undefined
}

/** Lowers jobs as far as they lose nothing by it until all fits. */
function makeFit(grants: Grants, lowW: Float64Array): boolean {
  const { rows, grantW } = grants
  for (let row = rows.feeder.length - 1; row >= 0; row--) {
    for (let i = rows.start[row]!; i < rows.start[row + 1]!; i++) {
      const excess = excessOf(grants, row)
      if (excess <= 0) break
      const job = rows.job[i]!
      const byW = Math.ceil(excess / weightAt(grants, row, job))
      const toW = Math.max(lowW[job]!, grantW[job]! - byW)
      if (toW < grantW[job]!) regrant(grants, job, toW)
    }
    if (excessOf(grants, row) > 0) return false
  }
  return true
}

function worthOfRoom(grants: Grants, { grantPrice }: Allotment): number {
  const { rows } = grants
  let worth = 0
  for (let row = 0; row < rows.feeder.length; row++) {
    if (rows.isDraw[row] === 0) worth -= grantPrice[rows.feeder[row]!]! * excessOf(grants, row)
  }
  return worth
}

/** Price of a watt at each feeder with all that it needs above. O(feeders). */
export function pathPrices(
  { parent, ratioPer10k }: Pick<PowerTree, 'parent' | 'ratioPer10k'>, price: Float64Array,
): Float64Array {
  const path = new Float64Array(parent.length)
  for (let at = 0; at < path.length; at++) {
    const above = parent[at]!
    path[at] = price[at]! + (above < 0 ? 0 : ratioPer10k[at]! / RATIO_ONE * path[above]!)
  }
  return path
}

/** What a watt on each device of a job costs at prices by `pathPrices`. O(its racks). */
export function costOf(
  { feeders, devices }: Pick<PowerJob, 'feeders' | 'devices'>, path: Float64Array): number {
  let cost = 0
  for (let at = 0; at < feeders.length; at++) cost += devices[at]! * path[feeders[at]!]!
  return cost
}
