import type { PowerJobs } from './allocate-input.ts'
import type { Rows } from './allocate-rows.ts'

/**
 * Jobs that are alike but for their size, put together: below the same rows, with the same points,
 * and worth as much on each device. At any prices they take the same part of themselves, so for
 * prices one job of all their devices stands for them.
 */
export type Alike = { readonly jobs: PowerJobs, readonly rows: Rows }

/** With more kinds of jobs than this nothing is gained. */
const KINDS_MOST = 32
/** Sums and products in another order differ so little. */
const SAME_RATIO = 1e-12

/** Jobs by kind; undefined where they are of too many kinds. O(jobs x (points + rows above)). */
export function alikeOf(jobs: PowerJobs, rows: Rows): Alike | undefined {
  const count = jobs.pointStart.length - 1
  if (count <= KINDS_MOST) return undefined
  const kinds: number[] = []
  const sizes: number[] = []
  for (let job = 0; job < count; job++) {
    const size = devicesOf(jobs, job)
    if (size === 0) return undefined
    let kind = 0
    while (kind < kinds.length && !isAlike(jobs, rows, job, kinds[kind]!)) kind++
    if (kind === KINDS_MOST) return undefined
    if (kind === kinds.length) {
      kinds.push(job)
      sizes.push(size)
    } else {
      sizes[kind] = sizes[kind]! + size
    }
  }
  return together(jobs, rows, kinds, sizes)
}

function devicesOf({ shareStart, shareDevices }: PowerJobs, job: number): number {
  let devices = 0
  for (let share = shareStart[job]!; share < shareStart[job + 1]!; share++) {
    devices += shareDevices[share]!
  }
  return devices
}

function isAlike(jobs: PowerJobs, rows: Rows, job: number, other: number): boolean {
  const { pointStart, grantW, drawW, value, canPause } = jobs
  const { jobStart, jobRow, jobWeight } = rows
  const point = pointStart[job]!
  const points = pointStart[job + 1]! - point
  const first = pointStart[other]!
  if (points !== pointStart[other + 1]! - first || canPause[job] !== canPause[other]) return false
  const scale = devicesOf(jobs, job) / devicesOf(jobs, other)
  for (let k = 0; k < points; k++) {
    if (grantW[point + k] !== grantW[first + k]) return false
    if (drawW[point + k] !== drawW[first + k]) return false
    if (!isNear(value[point + k]!, scale * value[first + k]!)) return false
  }
  const above = jobStart[job]!
  const top = jobStart[other]!
  const ups = jobStart[job + 1]! - above
  if (ups !== jobStart[other + 1]! - top) return false
  for (let i = 0; i < ups; i++) {
    if (jobRow[above + i] !== jobRow[top + i]) return false
    if (!isNear(jobWeight[above + i]!, scale * jobWeight[top + i]!)) return false
  }
  return true
}

function isNear(some: number, other: number): boolean {
  return Math.abs(some - other) <= SAME_RATIO * Math.abs(other)
}

/** One job for each kind, as large as all of it: what prices are made of, and no shares. */
function together(
  jobs: PowerJobs, rows: Rows, kinds: readonly number[], sizes: readonly number[]): Alike {
  const points: number[] = []
  const pointStart = new Int32Array(kinds.length + 1)
  const entries: { readonly row: number, readonly kind: number, readonly weight: number }[] = []
  const value: number[] = []
  kinds.forEach((job, kind) => {
    const scale = sizes[kind]! / devicesOf(jobs, job)
    for (let k = jobs.pointStart[job]!; k < jobs.pointStart[job + 1]!; k++) {
      points.push(k)
      value.push(scale * jobs.value[k]!)
    }
    pointStart[kind + 1] = points.length
    for (let i = rows.jobStart[job]!; i < rows.jobStart[job + 1]!; i++) {
      entries.push({ row: rows.jobRow[i]!, kind, weight: scale * rows.jobWeight[i]! })
    }
  })
  entries.sort((a, b) => a.row - b.row || a.kind - b.kind)
  const start = new Int32Array(rows.feeder.length + 1)
  for (const { row } of entries) start[row + 1]!++
  for (let row = 0; row < rows.feeder.length; row++) start[row + 1] = start[row + 1]! + start[row]!
  return {
    jobs: {
      ...jobs, pointStart, value: Float64Array.from(value),
      grantW: Float64Array.from(points, (k) => jobs.grantW[k]!),
      drawW: Float64Array.from(points, (k) => jobs.drawW[k]!),
      canPause: Uint8Array.from(kinds, (job) => jobs.canPause[job]!),
    },
    rows: {
      ...rows, start, job: Int32Array.from(entries, (each) => each.kind),
      weight: Float64Array.from(entries, (each) => each.weight),
    },
  }
}
