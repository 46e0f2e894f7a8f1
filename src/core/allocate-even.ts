import { allotmentOf, type Allotment } from './allocate-allotment.ts'
import { floorGrantW, leastGrantW, topGrantW } from './allocate-curve.ts'
import { excessOf, makeGrants, raise, regrant, type Grants } from './allocate-grants.ts'
import { rowsOf, type Rows } from './allocate-rows.ts'
import type { PowerJobs, PowerTree } from './allocate-input.ts'

/** Halvings of the fraction: finer than a watt of the largest device. */
const HALVINGS = 24

/**
 * Watts in equal parts: all jobs get the same fraction of their range from floor to top, until a
 * feeder is full; those below it keep it and the others go on. Where the floors do not fit, jobs
 * are paused, the highest id first; who need not have been goes on, the lowest id first. O(feeders
 * that bind x shares x halvings).
 */
export function allocateEvenly(tree: PowerTree, jobs: PowerJobs): Allotment {
  const rows = rowsOf(tree, jobs)
  const count = jobs.pointStart.length - 1
  const floorW = Float64Array.from({ length: count }, (_, job) => floorGrantW(jobs, job))
  const grants = makeGrants(tree, jobs, rows, floorW.slice())
  const isFixed = new Uint8Array(count)
  pauseUntilFit(grants, isFixed)
  // Summed as below, to the last bit: targets have fractions, and grants were changed one by one.
  const floors = makeGrants(tree, jobs, rows, grants.grantW.slice())
  const shortW = Float64Array.from(rows.feeder, (_, row) => Math.max(0, excessOf(floors, row)))
  const at = (fraction: number): Grants => {
    const grantW = grants.grantW.slice()
    for (let job = 0; job < count; job++) {
      if (isFixed[job] === 1) continue
      const rangeW = topGrantW(jobs, job) - floorW[job]!
      grantW[job] = floorW[job]! + Math.floor(rangeW * fraction)
    }
    return makeGrants(tree, jobs, rows, grantW)
  }
  let low = 0
  while (isFixed.includes(0)) {
    let high = 1
    if (isWithin(at(1), shortW)) low = 1
    for (let step = 0; step < HALVINGS && low < 1; step++) {
      const middle = low + (high - low) / 2
      if (isWithin(at(middle), shortW)) low = middle
      else high = middle
    }
    grants.grantW.set(at(low).grantW)
    if (low === 1) break
    fix(at(high), isFixed, shortW)
  }
  return allotmentOf(makeGrants(tree, jobs, rows, grants.grantW))
}

/** Pauses below feeders whose floors do not fit; jobs that are paused, or cannot give, stay. */
function pauseUntilFit(grants: Grants, isFixed: Uint8Array): void {
  const { jobs, rows, grantW } = grants
  for (let row = rows.feeder.length - 1; row >= 0; row--) {
    for (let i = rows.start[row + 1]! - 1; i >= rows.start[row]!; i--) {
      if (excessOf(grants, row) <= 0) break
      const job = rows.job[i]!
      if (jobs.canPause[job] === 0 || grantW[job] === leastGrantW(jobs, job)) continue
      regrant(grants, job, leastGrantW(jobs, job))
      isFixed[job] = 1
    }
    if (excessOf(grants, row) > 0) fixRow(rows, row, isFixed)
  }
  for (let job = 0; job < grantW.length; job++) {
    if (isFixed[job] === 0 || grantW[job]! >= floorGrantW(jobs, job)) continue
    if (raise(grants, job, floorGrantW(jobs, job), true)) isFixed[job] = 0
  }
}

/** Whether no feeder is over its limit by more than the floors below it. */
function isWithin(grants: Grants, shortW: Float64Array): boolean {
  for (let row = 0; row < shortW.length; row++) {
    if (excessOf(grants, row) > shortW[row]!) return false
  }
  return true
}

/** Fixes the jobs below the feeders that a little more would overload. */
function fix(over: Grants, isFixed: Uint8Array, shortW: Float64Array): void {
  for (let row = 0; row < shortW.length; row++) {
    if (excessOf(over, row) > shortW[row]!) fixRow(over.rows, row, isFixed)
  }
}

function fixRow(rows: Rows, row: number, isFixed: Uint8Array): void {
  for (let i = rows.start[row]!; i < rows.start[row + 1]!; i++) isFixed[rows.job[i]!] = 1
}
