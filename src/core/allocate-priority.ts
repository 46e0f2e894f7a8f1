import { allotmentOf, type Allotment } from './allocate-allotment.ts'
import { floorGrantW, leastGrantW, pointBelow, topGrantW } from './allocate-curve.ts'
import { lower } from './allocate-finish.ts'
import { excessOf, makeGrants, raise, type Grants } from './allocate-grants.ts'
import { rowsOf } from './allocate-rows.ts'
import type { PowerJobs, PowerTree } from './allocate-input.ts'

/**
 * Watts by priority alone: where a feeder has too little, jobs are cut to their floors, the lowest
 * priority first and of equals the highest id; if that is not enough they are paused in the same
 * order. What a pause leaves over goes back, the highest priority first. O(rows x jobs).
 */
export function allocateByPriority(tree: PowerTree, jobs: PowerJobs): Allotment {
  const rows = rowsOf(tree, jobs)
  const count = jobs.pointStart.length - 1
  const grantW = Float64Array.from({ length: count }, (_, job) => topGrantW(jobs, job))
  const grants = makeGrants(tree, jobs, rows, grantW)
  const order = Array.from({ length: count }, (_, job) => job)
    .sort((a, b) => jobs.priority[a]! - jobs.priority[b]! || b - a)
  for (let row = rows.feeder.length - 1; row >= 0; row--) {
    cutInOrder(grants, row, order, floorGrantW)
    cutInOrder(grants, row, order, leastGrantW)
  }
  for (const job of order.reverse()) refill(grants, job)
  return allotmentOf(grants)
}

type Least = (jobs: PowerJobs, job: number) => number

function cutInOrder(grants: Grants, row: number, order: readonly number[], least: Least): void {
  const { jobs, rows, grantW } = grants
  if (excessOf(grants, row) <= 0) return
  const isBelow = new Uint8Array(grantW.length)
  for (let i = rows.start[row]!; i < rows.start[row + 1]!; i++) isBelow[rows.job[i]!] = 1
  for (const job of order) {
    if (isBelow[job] === 0) continue
    const toW = least(jobs, job)
    // Point by point, for draw is a straight line only between neighbours.
    while (grantW[job]! > toW) {
      const excess = excessOf(grants, row)
      if (excess <= 0) return
      const k = pointBelow(jobs, job, grantW[job]! - 1)
      lower(grants, row, job, Math.max(toW, jobs.grantW[k]!), excess)
    }
  }
}

/** Raises a job as far as there is room. */
function refill(grants: Grants, job: number): void {
  const { jobs, grantW } = grants
  const end = jobs.pointStart[job + 1]!
  for (let k = pointBelow(jobs, job, grantW[job]!) + 1; k < end; k++) {
    const isFromPause = k === jobs.pointStart[job]! + 1 && jobs.canPause[job] === 1
    if (!raise(grants, job, jobs.grantW[k]!, isFromPause)) return
    if (grantW[job]! < jobs.grantW[k]!) return
  }
}
