import { RATIO_ONE } from '../model/power.ts'
import { drawLoads, grantLoads } from './allocate-loads.ts'
import type { PowerJobs, PowerTree } from './allocate-input.ts'

/**
 * The limits that can bind at all, each a row: a feeder's limit of grants, or its target of draw.
 * A feeder that carries every job at its top is none, so most of a large tree drops out here.
 */
export type Rows = {
  readonly feeder: Int32Array
  readonly isDraw: Uint8Array
  /** Watts left for jobs: the limit less the base load. */
  readonly roomW: Float64Array
  /** Nearest row above of the same kind, or -1; rows above come first. */
  readonly above: Int32Array
  /** Watts at a root for a watt at the row's feeder. */
  readonly toRoot: Float64Array
  /** Jobs of a row, and watts at its feeder for a watt on each device of the job. */
  readonly start: Int32Array
  readonly job: Int32Array
  readonly weight: Float64Array
  /** The same by job: where its rows begin, which they are, with their watts. */
  readonly jobStart: Int32Array
  readonly jobRow: Int32Array
  readonly jobWeight: Float64Array
}

/**
 * Rows of a tree for its jobs. O(feeders + shares x rows above each); for jobs for which it was
 * asked before, in a tree with other limits on the same feeders, O(feeders).
 */
export function rowsOf(tree: PowerTree, jobs: PowerJobs): Rows {
  const tops = topsOf(tree, jobs)
  const list: Kind[] = [
    kindOf(tree, tree.limitW, tops.loadW, 0), kindOf(tree, tree.targetW, tops.drawW, 1),
  ]
  const same = tops.joined.find(({ kinds }) => kinds.every(({ feeders }, kind) => (
    feeders.length === list[kind]!.feeders.length
    && feeders.every((feeder, at) => feeder === list[kind]!.feeders[at]))))
  if (same === undefined) {
    const rows = join(list, tops.toRoot, tops.baseW, tree, jobs)
    tops.joined.push({ kinds: list, rows })
    return rows
  }
  const { rows } = same
  return {
    ...rows, roomW: Float64Array.from(rows.feeder, (feeder, row) => (
      (rows.isDraw[row] === 0 ? tree.limitW : tree.targetW)[feeder]! - tops.baseW[feeder]!)),
  }
}

/** What follows from jobs and a tree whatever limits it: control solves several times for each. */
type Tops = {
  readonly tree: PowerTree
  /** As they were: the tree's may change in place. */
  readonly ratioPer10k: Int32Array
  /** Watts at each feeder with every job at its top. */
  readonly loadW: Float64Array
  readonly drawW: Float64Array
  readonly toRoot: Float64Array
  /** Base loads, as `linearBase` has them. */
  readonly baseW: Float64Array
  readonly joined: { readonly kinds: readonly Kind[], readonly rows: Rows }[]
}

const known = new WeakMap<PowerJobs, Tops>()

function topsOf(tree: PowerTree, jobs: PowerJobs): Tops {
  const before = known.get(jobs)
  const isSame = before?.tree.parent === tree.parent && before.tree.baseW === tree.baseW
    && before.ratioPer10k.every((ratio, at) => ratio === tree.ratioPer10k[at])
  if (isSame) return before
  const { parent, ratioPer10k } = tree
  const toRoot = new Float64Array(parent.length)
  for (let at = 0; at < parent.length; at++) {
    const above = parent[at]!
    toRoot[at] = above < 0 ? 1 : toRoot[above]! * (ratioPer10k[at]! / RATIO_ONE)
  }
  const tops = {
    tree, ratioPer10k: ratioPer10k.slice(), toRoot, baseW: linearBase(tree), joined: [],
    loadW: grantLoads(tree, jobs, topOf(jobs, jobs.grantW)),
    drawW: drawLoads(tree, jobs, topOf(jobs, jobs.drawW)),
  }
  known.set(jobs, tops)
  return tops
}

/** Rows of one kind: the feeders that can bind, and for each feeder the nearest at or above it. */
type Kind = {
  readonly feeders: readonly number[]
  readonly nearest: Int32Array
  readonly limitW: Float64Array
  readonly isDraw: number
}

function kindOf(
  { parent }: PowerTree, limitW: Float64Array, topW: Float64Array, isDraw: number): Kind {
  const nearest = new Int32Array(parent.length)
  const feeders: number[] = []
  for (let at = 0; at < parent.length; at++) {
    const above = parent[at]!
    nearest[at] = above < 0 ? -1 : nearest[above]!
    if (topW[at]! <= limitW[at]!) continue
    nearest[at] = feeders.length
    feeders.push(at)
  }
  return { feeders, nearest, limitW, isDraw }
}

/** Base loads as they add up without rounding: the relaxed problem, whose bound holds. */
function linearBase({ parent, ratioPer10k, baseW }: PowerTree): Float64Array {
  const loadW = Float64Array.from(baseW)
  for (let at = loadW.length - 1; at >= 0; at--) {
    const above = parent[at]!
    if (above >= 0) loadW[above] = loadW[above]! + loadW[at]! * (ratioPer10k[at]! / RATIO_ONE)
  }
  return loadW
}

function topOf({ pointStart }: PowerJobs, column: Float64Array): Float64Array {
  const top = new Float64Array(pointStart.length - 1)
  for (let job = 0; job < top.length; job++) top[job] = column[pointStart[job + 1]! - 1]!
  return top
}

function join(
  kinds: readonly Kind[], toRoot: Float64Array, baseW: Float64Array, { parent }: PowerTree,
  jobs: PowerJobs): Rows {
  const count = kinds.reduce((sum, kind) => sum + kind.feeders.length, 0)
  const rows = {
    feeder: new Int32Array(count), isDraw: new Uint8Array(count), roomW: new Float64Array(count),
    above: new Int32Array(count), toRoot: new Float64Array(count),
  }
  let at = 0
  const entries: Entries = { row: [], job: [], weight: [] }
  for (const { feeders, nearest, limitW, isDraw } of kinds) {
    const first = at
    for (const feeder of feeders) {
      const above = parent[feeder]!
      const row = above < 0 ? -1 : nearest[above]!
      rows.feeder[at] = feeder
      rows.isDraw[at] = isDraw
      rows.roomW[at] = limitW[feeder]! - baseW[feeder]!
      rows.above[at] = row < 0 ? -1 : first + row
      rows.toRoot[at] = toRoot[feeder]!
      at++
    }
    if (feeders.length > 0) gather(entries, rows, nearest, first, toRoot, jobs)
  }
  const row = grouped(entries.row, entries.job, entries.weight, count)
  const job = grouped(entries.job, entries.row, entries.weight, jobs.pointStart.length - 1)
  return {
    ...rows, start: row.start, job: row.other, weight: row.weight,
    jobStart: job.start, jobRow: job.other, jobWeight: job.weight,
  }
}

type Entries = { readonly row: number[]; readonly job: number[]; readonly weight: number[] }

/** Which jobs are below which row, with their watts there. */
function gather(
  { row, job, weight }: Entries, { above, toRoot }: Pick<Rows, 'above' | 'toRoot'>,
  nearest: Int32Array, first: number, feederToRoot: Float64Array, jobs: PowerJobs): void {
  const { shareStart, shareFeeder, shareDevices } = jobs
  const seenAt = new Int32Array(above.length).fill(-1)
  for (let j = 0; j + 1 < shareStart.length; j++) {
    const from = row.length
    const end = shareStart[j + 1]!
    for (let share = shareStart[j]!; share < end; share++) {
      const feeder = shareFeeder[share]!
      const rootW = shareDevices[share]! * feederToRoot[feeder]!
      const nearestRow = nearest[feeder]!
      for (let at = nearestRow < 0 ? -1 : first + nearestRow; at >= 0; at = above[at]!) {
        const seen = seenAt[at]!
        if (seen >= from) {
          weight[seen] = weight[seen]! + rootW / toRoot[at]!
          continue
        }
        seenAt[at] = row.length
        row.push(at)
        job.push(j)
        weight.push(rootW / toRoot[at]!)
      }
    }
  }
}

/** Entries by one of their two ids, in their order. O(entries). */
function grouped(
  by: readonly number[], others: readonly number[], weights: readonly number[], count: number) {
  const start = new Int32Array(count + 1)
  for (let i = 0; i < by.length; i++) start[by[i]! + 1]!++
  for (let at = 0; at < count; at++) start[at + 1] = start[at + 1]! + start[at]!
  const next = start.slice()
  const other = new Int32Array(by.length)
  const weight = new Float64Array(by.length)
  for (let i = 0; i < by.length; i++) {
    const at = next[by[i]!]!++
    other[at] = others[i]!
    weight[at] = weights[i]!
  }
  return { start, other, weight }
}
