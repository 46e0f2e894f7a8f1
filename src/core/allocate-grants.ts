import { RATIO_ONE } from '../model/power.ts'
import { convert, drawLoads, grantLoads } from './allocate-loads.ts'
import { drawAt } from './allocate-curve.ts'
import type { PowerJobs, PowerTree } from './allocate-input.ts'
import type { Rows } from './allocate-rows.ts'

/** Whole-watt grants of jobs with the loads of all feeders, exact to the watt, kept in step. */
export type Grants = {
  readonly tree: PowerTree
  readonly jobs: PowerJobs
  readonly rows: Rows
  /** Whole watts above idle for each device of a job. */
  readonly grantW: Float64Array
  readonly loadW: Float64Array
  readonly drawW: Float64Array
}

/** A target of draw is held within this part of it: sums of fractions are not exact. */
const DRAW_SLACK = 1e-9

export function makeGrants(
  tree: PowerTree, jobs: PowerJobs, rows: Rows, grantW: Float64Array): Grants {
  const meanW = new Float64Array(grantW.length)
  for (let job = 0; job < meanW.length; job++) meanW[job] = drawAt(jobs, job, grantW[job]!)
  return {
    tree, jobs, rows, grantW,
    loadW: grantLoads(tree, jobs, grantW), drawW: drawLoads(tree, jobs, meanW),
  }
}

/** Gives a job another grant. O(shares x depth). */
export function regrant(grants: Grants, job: number, grantW: number): void {
  const { tree, jobs, loadW, drawW } = grants
  const { parent, ratioPer10k } = tree
  const byW = grantW - grants.grantW[job]!
  const byDrawW = drawAt(jobs, job, grantW) - drawAt(jobs, job, grants.grantW[job]!)
  grants.grantW[job] = grantW
  for (let share = jobs.shareStart[job]!; share < jobs.shareStart[job + 1]!; share++) {
    let by = byW * jobs.shareDevices[share]!
    let byDraw = byDrawW * jobs.shareDevices[share]!
    for (let at = jobs.shareFeeder[share]!; at >= 0; at = parent[at]!) {
      const ratio = ratioPer10k[at]!
      const before = loadW[at]!
      loadW[at] = before + by
      drawW[at] = drawW[at]! + byDraw
      by = convert(before + by, ratio) - convert(before, ratio)
      byDraw *= ratio / RATIO_ONE
    }
  }
}

/** Watts at a row's feeder for a watt on each device of a job; 0 where it has none below. */
export function weightAt({ rows }: Grants, row: number, job: number): number {
  for (let i = rows.jobStart[job]!; i < rows.jobStart[job + 1]!; i++) {
    if (rows.jobRow[i] === row) return rows.jobWeight[i]!
  }
  return 0
}

/** Watts by which a row is over its limit: negative where there is room. O(1). */
export function excessOf({ tree, rows, loadW, drawW }: Grants, row: number): number {
  const feeder = rows.feeder[row]!
  if (rows.isDraw[row] === 0) return loadW[feeder]! - tree.limitW[feeder]!
  return drawW[feeder]! - tree.targetW[feeder]! * (1 + DRAW_SLACK)
}

/** Whether a job is below a row that is over its limit. O(rows of the job). */
function isOver(grants: Grants, job: number): boolean {
  const { jobStart, jobRow } = grants.rows
  for (let i = jobStart[job]!; i < jobStart[job + 1]!; i++) {
    if (excessOf(grants, jobRow[i]!) > 0) return true
  }
  return false
}

/** Whether every row is within its limit. O(rows). */
export function isFeasible(grants: Grants): boolean {
  for (let row = 0; row < grants.rows.feeder.length; row++) {
    if (excessOf(grants, row) > 0) return false
  }
  return true
}

/** Raises that round up more than expected are tried again this often, a watt less each time. */
const RETRIES = 4

/** Whole watts on each device for which a job's feeders have room. O(rows of the job). */
export function roomFor(grants: Grants, job: number, toW: number): number {
  const { jobs, rows } = grants
  const fromW = grants.grantW[job]!
  let slope = -1
  let most = toW - fromW
  for (let i = rows.jobStart[job]!; i < rows.jobStart[job + 1]! && most >= 1; i++) {
    const row = rows.jobRow[i]!
    let perW = rows.jobWeight[i]!
    if (rows.isDraw[row] === 1) {
      if (slope < 0) slope = (drawAt(jobs, job, toW) - drawAt(jobs, job, fromW)) / (toW - fromW)
      perW *= slope
    }
    if (perW > 0) most = Math.min(most, Math.floor(-excessOf(grants, row) / perW + 1e-9))
  }
  return most
}

/**
 * Raises a job towards a grant as far as its feeders have room; with `isWhole` all the way or not
 * at all. Returns whether it did. O(rows of the job + shares x depth).
 */
export function raise(grants: Grants, job: number, toW: number, isWhole: boolean): boolean {
  const fromW = grants.grantW[job]!
  const most = roomFor(grants, job, toW)
  if (isWhole && most < toW - fromW) return false
  const least = isWhole ? most : Math.max(1, most - RETRIES)
  for (let by = most; by >= least && by >= 1; by--) {
    regrant(grants, job, fromW + by)
    if (!isOver(grants, job)) return true
    regrant(grants, job, fromW)
  }
  return false
}
