import { assert } from '../base/assert.ts'
import type { Curve } from '../model/curve.ts'

/**
 * What the allocator of watts works on: plain columns. It knows no state, so that it can be tested
 * alone; the caller fills them.
 */

/** The power tree in columns, one entry a feeder, parents before their children. */
export type PowerTree = {
  /** Feeder above, or -1 at a root. */
  readonly parent: Int32Array
  /** Watts taken from the parent for 10,000 W delivered here. */
  readonly ratioPer10k: Int32Array
  /** Whole watts that are there without any job: counted in grants and in draw. */
  readonly baseW: Float64Array
  /** Most that may be granted: whole watts, Infinity where there is no limit. */
  readonly limitW: Float64Array
  /** Most that may be drawn on average: Infinity where there is no target. */
  readonly targetW: Float64Array
}

/** Jobs that hold devices, each with the caps that it can be given. */
export type PowerJobs = {
  /** Where a job's shares begin; one entry more than there are jobs. */
  readonly shareStart: Int32Array
  /** Feeder of a share, each at most once a job, and how many devices the job has below it. */
  readonly shareFeeder: Int32Array
  readonly shareDevices: Int32Array
  /** Where a job's points begin; one entry more than there are jobs. At least one point each. */
  readonly pointStart: Int32Array
  /** Grant of a point: whole watts above idle for each device, rising. */
  readonly grantW: Float64Array
  /** Mean draw at a point: watts above idle for each device, never falling. */
  readonly drawW: Float64Array
  /** Weight x devices x throughput at a point: never falling. */
  readonly value: Float64Array
  /**
   * Whether the first point is a pause: nothing can be set between it and the second. Else every
   * whole watt between two neighbours can be set, and draw and value are linear between them.
   */
  readonly canPause: Uint8Array
  /** Higher goes first where priority decides; prices take no notice of it. */
  readonly priority: Float64Array
}

/** What a job can be given, before it is put into columns. */
export type PowerOptions = {
  readonly grantW: readonly number[]
  readonly drawW: readonly number[]
  readonly value: readonly number[]
  readonly canPause: boolean
}

/** A job as one row. */
export type PowerJob = {
  readonly options: PowerOptions
  readonly feeders: readonly number[]
  readonly devices: readonly number[]
  readonly priority: number
}

/**
 * The points of a curve for a job of `devices` devices. `leastSpeed` is what the job was promised:
 * the floor is the lowest whole watt that keeps it, and there is no pause unless it is 0. A
 * paused device is charged what it draws while its job stays loaded. O(points).
 */
export function optionsOf(curve: Curve, { idleW, pausedW, weight, devices, leastSpeed = 0 }: {
  readonly idleW: number
  /** Draw of a paused device; absent where the job cannot be paused. */
  readonly pausedW?: number
  readonly weight: number
  readonly devices: number
  readonly leastSpeed?: number
}): PowerOptions {
  const grantW: number[] = []
  const drawW: number[] = []
  const value: number[] = []
  const scale = weight * devices
  const add = (capW: number, meanW: number, speed: number): void => {
    grantW.push(Math.max(0, capW - idleW))
    drawW.push(Math.max(0, meanW - idleW))
    value.push(scale * speed)
  }
  const canPause = pausedW !== undefined && leastSpeed === 0
    && Math.ceil(pausedW) < Math.max(idleW + 1, curve.capW[0]!)
  if (canPause) add(Math.ceil(pausedW), pausedW, 0)
  const last = curve.capW.length - 1
  for (let k = 0; k <= last; k++) {
    const capW = curve.capW[k]!
    if (k < last && curve.speed[k]! < leastSpeed && curve.speed[k + 1]! <= leastSpeed) continue
    if (k < last && curve.speed[k]! < leastSpeed) {
      const floorW = floorOf(curve, k, leastSpeed)
      if (floorW < curve.capW[k + 1]!) {
        const ratio = (floorW - capW) / (curve.capW[k + 1]! - capW)
        add(floorW, mix(curve.drawW, k, ratio), mix(curve.speed, k, ratio))
      }
    } else if (capW > idleW || k === last) {
      add(capW, curve.drawW[k]!, curve.speed[k]!)
    }
  }
  return { grantW, drawW, value, canPause }
}

/** Lowest whole watt between two points of a curve that keeps a speed. */
function floorOf(curve: Curve, k: number, leastSpeed: number): number {
  const ratio = (leastSpeed - curve.speed[k]!) / (curve.speed[k + 1]! - curve.speed[k]!)
  return Math.ceil(curve.capW[k]! + ratio * (curve.capW[k + 1]! - curve.capW[k]!) - 1e-9)
}

function mix(column: readonly number[], k: number, ratio: number): number {
  return column[k]! + ratio * (column[k + 1]! - column[k]!)
}

/** Puts jobs into columns. O(shares and points). */
export function columnsOf(jobs: readonly PowerJob[]): PowerJobs {
  const shareStart = new Int32Array(jobs.length + 1)
  const pointStart = new Int32Array(jobs.length + 1)
  jobs.forEach((job, j) => {
    shareStart[j + 1] = shareStart[j]! + job.feeders.length
    pointStart[j + 1] = pointStart[j]! + job.options.grantW.length
  })
  const points = pointStart[jobs.length]!
  const columns: PowerJobs = {
    shareStart, pointStart,
    shareFeeder: new Int32Array(shareStart[jobs.length]!),
    shareDevices: new Int32Array(shareStart[jobs.length]!),
    grantW: new Float64Array(points), drawW: new Float64Array(points),
    value: new Float64Array(points),
    canPause: new Uint8Array(jobs.length), priority: new Float64Array(jobs.length),
  }
  jobs.forEach((job, j) => {
    // Plain loops: to set a column from a list costs more than its few entries.
    const { feeders, devices, options } = job
    const share = shareStart[j]!
    for (let i = 0; i < feeders.length; i++) {
      columns.shareFeeder[share + i] = feeders[i]!
      columns.shareDevices[share + i] = devices[i]!
    }
    const point = pointStart[j]!
    for (let k = 0; k < options.grantW.length; k++) {
      columns.grantW[point + k] = options.grantW[k]!
      columns.drawW[point + k] = options.drawW[k]!
      columns.value[point + k] = options.value[k]!
    }
    columns.canPause[j] = job.options.canPause ? 1 : 0
    columns.priority[j] = job.priority
  })
  return columns
}

/** Stops at columns that are not what the types say. O(everything). */
export function checkPower(tree: PowerTree, jobs: PowerJobs): void {
  for (let at = 0; at < tree.parent.length; at++) {
    assert(tree.parent[at]! < at, `feeder ${at} comes before its parent ${tree.parent[at]!}`)
    assert(tree.ratioPer10k[at]! > 0, `feeder ${at} has ratio ${tree.ratioPer10k[at]!}`)
  }
  for (let job = 0; job + 1 < jobs.pointStart.length; job++) {
    const first = jobs.pointStart[job]!
    const end = jobs.pointStart[job + 1]!
    assert(end > first, `job ${job} has no point`)
    for (let k = first; k < end; k++) {
      const grantW = jobs.grantW[k]!
      assert(Number.isInteger(grantW) && grantW >= 0, `job ${job} has a point at ${grantW} W`)
      if (k === first) continue
      assert(grantW > jobs.grantW[k - 1]!, `job ${job}: grants do not rise at ${grantW} W`)
      assert(jobs.drawW[k]! >= jobs.drawW[k - 1]!, `job ${job}: draw falls at ${grantW} W`)
      assert(jobs.value[k]! >= jobs.value[k - 1]!, `job ${job}: value falls at ${grantW} W`)
    }
  }
}
