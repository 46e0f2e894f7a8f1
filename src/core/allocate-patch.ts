import { columnsOf, type PowerJob, type PowerJobs } from './allocate-input.ts'

/** Columns of jobs, each known by an id; ids rise. */
export type KeyedColumns = { readonly ids: Int32Array, readonly jobs: PowerJobs }

/** A job that is new, is another now, or (without a row) is gone. */
export type Change = { readonly id: number, readonly row: PowerJob | undefined }

export const NO_COLUMNS: KeyedColumns = { ids: new Int32Array(0), jobs: columnsOf([]) }

/**
 * Columns with a few jobs changed: what lies between them is copied as it is, where to gather all
 * anew would look up each job's lists. `changes` come in the order of their ids, each once.
 * O(changes + what is copied).
 */
export function patchColumns(old: KeyedColumns, changes: readonly Change[]): KeyedColumns {
  const fresh = changes.filter(({ row }) => row !== undefined)
  const added = columnsOf(fresh.map(({ row }) => row!))
  const runs = runsOf(old.ids, changes)
  const count = runs.reduce((sum, { from, end }) => sum + end - from, 0)
  const shares = lengthOf(runs, old.jobs.shareStart, added.shareStart)
  const points = lengthOf(runs, old.jobs.pointStart, added.pointStart)
  const ids = new Int32Array(count)
  const jobs: PowerJobs = {
    shareStart: new Int32Array(count + 1), pointStart: new Int32Array(count + 1),
    shareFeeder: new Int32Array(shares), shareDevices: new Int32Array(shares),
    grantW: new Float64Array(points), drawW: new Float64Array(points),
    value: new Float64Array(points),
    canPause: new Uint8Array(count), priority: new Float64Array(count),
  }
  let at = 0
  for (const { isNew, from, end } of runs) {
    const { jobs: source } = isNew ? { jobs: added } : old
    if (isNew) ids[at] = fresh[from]!.id
    else ids.set(old.ids.subarray(from, end), at)
    jobs.canPause.set(source.canPause.subarray(from, end), at)
    jobs.priority.set(source.priority.subarray(from, end), at)
    const share = copyStarts(source.shareStart, jobs.shareStart, from, end, at)
    copy(['shareFeeder', 'shareDevices'], source, jobs, share)
    const point = copyStarts(source.pointStart, jobs.pointStart, from, end, at)
    copy(['grantW', 'drawW', 'value'], source, jobs, point)
    at += end - from
  }
  return { ids, jobs }
}

/** Columns with more jobs behind them. O(all of it). */
export function appendColumns(jobs: PowerJobs, more: readonly PowerJob[]): PowerJobs {
  if (more.length === 0) return jobs
  const count = jobs.canPause.length
  const ids = Int32Array.from({ length: count }, (_, at) => at)
  return patchColumns({ ids, jobs }, more.map((row, at) => ({ id: count + at, row }))).jobs
}

/** Jobs one after another that are taken from the old columns, or one from the new ones. */
type Run = { readonly isNew: boolean, readonly from: number, readonly end: number }

function runsOf(ids: Int32Array, changes: readonly Change[]): Run[] {
  const runs: Run[] = []
  let from = 0
  let fresh = 0
  for (const { id, row } of changes) {
    const at = placeOf(ids, id, from)
    if (at > from) runs.push({ isNew: false, from, end: at })
    from = ids[at] === id ? at + 1 : at
    if (row !== undefined) runs.push({ isNew: true, from: fresh, end: ++fresh })
  }
  if (from < ids.length) runs.push({ isNew: false, from, end: ids.length })
  return runs
}

/** Where an id is or would be, from a place on. O(log of ids). */
function placeOf(ids: Int32Array, id: number, from: number): number {
  let low = from
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (ids[middle]! < id) low = middle + 1
    else high = middle
  }
  return low
}

function lengthOf(runs: readonly Run[], old: Int32Array, added: Int32Array): number {
  return runs.reduce((sum, { isNew, from, end }) => {
    const starts = isNew ? added : old
    return sum + starts[end]! - starts[from]!
  }, 0)
}

/** Entries that move from one place in a column to another. */
type Move = { readonly from: number, readonly end: number, readonly to: number }

/** Starts of a run, moved to where its entries go; which those are. */
function copyStarts(
  source: Int32Array, into: Int32Array, from: number, end: number, at: number): Move {
  const to = into[at]!
  const by = to - source[from]!
  for (let job = from; job < end; job++) into[at + 1 + job - from] = source[job + 1]! + by
  return { from: source[from]!, end: source[end]!, to }
}

type Column = 'shareFeeder' | 'shareDevices' | 'grantW' | 'drawW' | 'value'

function copy(
  columns: readonly Column[], source: PowerJobs, into: PowerJobs, { from, end, to }: Move): void {
  for (const column of columns) into[column].set(source[column].subarray(from, end), to)
}
