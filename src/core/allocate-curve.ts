import type { PowerJobs } from './allocate-input.ts'

/** What a job is worth and draws at a whole-watt grant between two of its points. */

/** The point at or below a grant: O(points of the job). */
export function pointBelow(jobs: PowerJobs, job: number, grantW: number): number {
  let k = jobs.pointStart[job + 1]! - 1
  const first = jobs.pointStart[job]!
  while (k > first && jobs.grantW[k]! > grantW) k--
  return k
}

export function valueAt(jobs: PowerJobs, job: number, grantW: number): number {
  return between(jobs, jobs.value, job, grantW)
}

export function drawAt(jobs: PowerJobs, job: number, grantW: number): number {
  return between(jobs, jobs.drawW, job, grantW)
}

/** Grant of the last point: nothing is worth more. */
export function topGrantW(jobs: PowerJobs, job: number): number {
  return jobs.grantW[jobs.pointStart[job + 1]! - 1]!
}

/** Grant of the first point: the floor, or the pause. */
export function leastGrantW(jobs: PowerJobs, job: number): number {
  return jobs.grantW[jobs.pointStart[job]!]!
}

function between(jobs: PowerJobs, column: Float64Array, job: number, grantW: number): number {
  const k = pointBelow(jobs, job, grantW)
  const belowW = jobs.grantW[k]!
  if (grantW <= belowW || k + 1 === jobs.pointStart[job + 1]!) return column[k]!
  const ratio = (grantW - belowW) / (jobs.grantW[k + 1]! - belowW)
  return column[k]! + ratio * (column[k + 1]! - column[k]!)
}

/** Value of what all jobs have. O(points). */
export function totalValue(jobs: PowerJobs, grantW: Float64Array): number {
  let value = 0
  for (let job = 0; job < grantW.length; job++) value += valueAt(jobs, job, grantW[job]!)
  return value
}

/** Grant of the lowest cap: that of the second point where the first is a pause. */
export function floorGrantW(jobs: PowerJobs, job: number): number {
  const first = jobs.pointStart[job]!
  const isPause = jobs.canPause[job] === 1 && first + 1 < jobs.pointStart[job + 1]!
  return jobs.grantW[isPause ? first + 1 : first]!
}
