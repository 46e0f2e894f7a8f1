import { RATIO_ONE } from '../model/power.ts'
import type { PowerJobs, PowerTree } from './allocate-input.ts'

/** Watts at every feeder for what each job has, from the leaves to the roots. */

/** Whole watts granted at each feeder, each conversion rounded up (I5). O(feeders and shares). */
export function grantLoads(tree: PowerTree, jobs: PowerJobs, perDeviceW: Float64Array) {
  const loadW = sumOfShares(tree, jobs, perDeviceW)
  const { parent, ratioPer10k } = tree
  for (let at = loadW.length - 1; at >= 0; at--) {
    const above = parent[at]!
    if (above >= 0) loadW[above] = loadW[above]! + convert(loadW[at]!, ratioPer10k[at]!)
  }
  return loadW
}

/** Watts drawn on average at each feeder. O(feeders and shares). */
export function drawLoads(tree: PowerTree, jobs: PowerJobs, perDeviceW: Float64Array) {
  const loadW = sumOfShares(tree, jobs, perDeviceW)
  const { parent, ratioPer10k } = tree
  for (let at = loadW.length - 1; at >= 0; at--) {
    const above = parent[at]!
    if (above >= 0) loadW[above] = loadW[above]! + loadW[at]! * (ratioPer10k[at]! / RATIO_ONE)
  }
  return loadW
}

/** Watts at the parent for whole watts at a feeder, rounded up. */
export function convert(watts: number, ratioPer10k: number): number {
  return ratioPer10k === RATIO_ONE ? watts : Math.ceil((watts * ratioPer10k) / RATIO_ONE)
}

function sumOfShares(tree: PowerTree, jobs: PowerJobs, perDeviceW: Float64Array): Float64Array {
  const loadW = Float64Array.from(tree.baseW)
  const { shareStart, shareFeeder, shareDevices } = jobs
  for (let job = 0; job + 1 < shareStart.length; job++) {
    const watts = perDeviceW[job]!
    if (watts === 0) continue
    const end = shareStart[job + 1]!
    for (let share = shareStart[job]!; share < end; share++) {
      const at = shareFeeder[share]!
      loadW[at] = loadW[at]! + shareDevices[share]! * watts
    }
  }
  return loadW
}
