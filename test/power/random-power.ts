import {
  columnsOf, type PowerJob, type PowerJobs, type PowerTree,
} from '../../src/core/allocate-input.ts'
import { randomStream, type RandomStream } from '../../src/base/random.ts'

/** Random power trees and jobs for the allocator. */

export type PowerCase = { readonly tree: PowerTree; readonly jobs: PowerJobs }

type CaseShape = {
  readonly jobs: number
  readonly leaves: number
  readonly depth: number
  /** Whether curves are concave, whether jobs may pause, and whether targets of draw are set. */
  readonly isConcave: boolean
  readonly hasPause: boolean
  readonly hasDraw: boolean
  /** How much of the range between floor and top the limits leave, at least and at most. */
  readonly least: number
  readonly most: number
}

/** The random case of a number: 1 to 5 levels, 10 to 400 jobs, all kinds of curves and limits. */
export function caseOf(number: number, mostJobs = 400): PowerCase {
  const random = randomStream(number, 'allocate')
  const depth = 1 + random.below(5)
  const shape: CaseShape = {
    depth, leaves: depth === 1 ? 1 : 2 + random.below(15), jobs: 10 + random.below(mostJobs - 9),
    isConcave: random.below(2) === 0, hasPause: random.below(2) === 0,
    hasDraw: random.below(2) === 0, least: 0.1 + 0.4 * random.uniform(), most: 1,
  }
  return randomCase(random, shape)
}

/** A tree whose limits lie between what the floors and what the tops of the jobs need. */
function randomCase(random: RandomStream, shape: CaseShape): PowerCase {
  const parent = treeOf(random, shape)
  const feeders = parent.length
  const ratioPer10k = new Int32Array(feeders)
  const baseW = new Float64Array(feeders)
  for (let at = 0; at < feeders; at++) {
    ratioPer10k[at] = random.below(3) === 0 ? 10_000 : 10_000 + random.below(4000)
    baseW[at] = random.below(3) === 0 ? 0 : random.below(20_000)
  }
  const leaf = firstLeaf(parent)
  const list: PowerJob[] = []
  for (let job = 0; job < shape.jobs; job++) list.push(randomJob(random, shape, leaf, feeders))
  const jobs = columnsOf(list)
  const ends = [0, 1].map((end) => loads(parent, ratioPer10k, baseW, jobs, end))
  const draws = [0, 1].map((end) => loads(parent, ratioPer10k, baseW, jobs, end, true))
  const limitW = new Float64Array(feeders)
  const targetW = new Float64Array(feeders)
  for (let at = 0; at < feeders; at++) {
    const part = shape.least + (shape.most - shape.least) * random.uniform()
    limitW[at] = random.below(4) === 0 && at > 0 ? Infinity
      : Math.ceil(ends[0]![at]! + part * (ends[1]![at]! - ends[0]![at]!)) + 8 * feeders
    const drawPart = shape.least + (shape.most - shape.least) * random.uniform()
    targetW[at] = shape.hasDraw && random.below(3) === 0
      ? draws[0]![at]! + drawPart * (draws[1]![at]! - draws[0]![at]!) : Infinity
  }
  return { tree: { parent, ratioPer10k, baseW, limitW, targetW }, jobs }
}

function treeOf(random: RandomStream, { leaves, depth }: CaseShape): Int32Array {
  const levels: number[] = []
  for (let level = depth - 1, width = leaves; level >= 0; level--) {
    levels.unshift(level === 0 ? 1 : width)
    width = Math.max(1, Math.floor(width / (2 + random.below(3))))
  }
  const parent: number[] = []
  let above = -1
  for (const width of levels) {
    const first = parent.length
    for (let at = 0; at < width; at++) {
      const peers = first - above
      parent.push(above < 0 ? -1 : above + Math.floor((at * peers) / width))
    }
    above = first
  }
  return Int32Array.from(parent)
}

/** Feeders without children are the last ones. */
function firstLeaf(parent: Int32Array): number {
  return parent.length === 1 ? 0 : parent.at(-1)! + 1
}

function randomJob(
  random: RandomStream, shape: CaseShape, firstFeeder: number, feeders: number): PowerJob {
  const leaves = feeders - firstFeeder
  const wanted = Math.min(leaves, random.below(3) === 0 ? 1 + random.below(4) : 1)
  const start = random.below(leaves)
  const at = Array.from({ length: wanted }, (_, i) => firstFeeder + ((start + i) % leaves))
  const devices = at.map(() => 8 * (1 + random.below(8)))
  const sum = devices.reduce((a, b) => a + b, 0)
  const canPause = shape.hasPause && random.below(2) === 0
  const points = 2 + random.below(6)
  const grantW: number[] = canPause ? [random.below(2) * random.below(50)] : []
  const drawW: number[] = canPause ? [grantW[0]! * random.uniform()] : []
  const value: number[] = canPause ? [0] : []
  let watts = 80 + random.below(120)
  let worth = 0.1 + 0.4 * random.uniform()
  let slope = 0.002 + 0.004 * random.uniform()
  let draw = watts * (0.8 + 0.2 * random.uniform())
  const scale = sum * (0.5 + random.uniform())
  for (let k = 0; k < points; k++) {
    grantW.push(watts)
    drawW.push(draw)
    value.push(worth * scale)
    const step = 20 + random.below(100)
    watts += step
    slope = shape.isConcave ? slope * (0.4 + 0.5 * random.uniform()) : 0.006 * random.uniform()
    worth += slope * step
    draw += step * random.uniform()
  }
  return {
    feeders: at, devices, priority: random.below(5),
    options: { grantW, drawW, value, canPause },
  }
}

/** Watts at every feeder with all jobs at their first or last point; own sums, none of the code. */
function loads(
  parent: Int32Array, ratio: Int32Array, baseW: Float64Array, jobs: PowerJobs, end: number,
  isDraw = false): number[] {
  const sum = [...baseW]
  for (let job = 0; job + 1 < jobs.pointStart.length; job++) {
    const k = end === 0 ? jobs.pointStart[job]! : jobs.pointStart[job + 1]! - 1
    const watts = isDraw ? jobs.drawW[k]! : jobs.grantW[k]!
    for (let share = jobs.shareStart[job]!; share < jobs.shareStart[job + 1]!; share++) {
      sum[jobs.shareFeeder[share]!]! += watts * jobs.shareDevices[share]!
    }
  }
  for (let at = sum.length - 1; at > 0; at--) {
    const up = (sum[at]! * ratio[at]!) / 10_000
    sum[parent[at]!]! += isDraw ? up : Math.ceil(up)
  }
  return sum
}

/** Columns as rows again. */
export function jobsOf(jobs: PowerJobs): PowerJob[] {
  return Array.from(jobs.canPause, (canPause, job) => {
    const shares = [jobs.shareStart[job]!, jobs.shareStart[job + 1]!] as const
    const points = [jobs.pointStart[job]!, jobs.pointStart[job + 1]!] as const
    return {
      feeders: [...jobs.shareFeeder.subarray(...shares)],
      devices: [...jobs.shareDevices.subarray(...shares)],
      priority: jobs.priority[job]!,
      options: {
        grantW: [...jobs.grantW.subarray(...points)], drawW: [...jobs.drawW.subarray(...points)],
        value: [...jobs.value.subarray(...points)], canPause: canPause === 1,
      },
    }
  })
}
