import { NONE } from '../base/id.ts'
import { isQueued } from '../core/apply.ts'
import type { State } from '../core/state.ts'
import { firstItem, itemsBefore, sumOf, Walk } from '../core/tree.ts'
import { PHASE } from '../model/index.ts'

/**
 * Pending jobs in their order. Each lane keeps its own jobs sorted; which lane goes next is for a
 * comparator of jobs to say. Nothing else decides who comes before whom.
 */

/** Whether one job goes before another; within a lane it must agree with rank and number. */
export type IsBefore = (view: State, job: number, other: number) => boolean

/** Smaller ranks first, then smaller numbers. */
export const byRank: IsBefore = (view, job, other) => {
  const { rank, number } = view.tables.jobs
  return rank[job]! < rank[other]!
    || (rank[job] === rank[other] && number[job]! < number[other]!)
}

/** The first job of a lane, or -1. O(log of the lane). */
export function headOf(view: State, lane: number): number {
  return jobOf(view, firstItem(view, view.tables.lanes.root[lane]!))
}

/** The first job of each lane, or -1 where it is empty. */
export function headsOf(view: State): number[] {
  const heads: number[] = []
  for (let lane = 0; lane < view.totals.lanes; lane++) heads.push(headOf(view, lane))
  return heads
}

/** The lane whose head goes first, or -1 when no lane has one. O(lanes). */
export function nextLane(view: State, heads: readonly number[], isBefore: IsBefore): number {
  let best: number = NONE
  for (let lane = 0; lane < heads.length; lane++) {
    const job = heads[lane]!
    if (job === NONE) continue
    if (best === NONE || isBefore(view, job, heads[best]!)) best = lane
  }
  return best
}

/** The first pending jobs of all lanes in their order, at most `most`. O(most × lanes). */
export function pendingInOrder(view: State, most: number, isBefore: IsBefore): number[] {
  const walks: Walk[] = []
  for (let lane = 0; lane < view.totals.lanes; lane++) {
    const root = view.tables.lanes.root[lane]!
    if (root !== NONE) walks.push(new Walk(view, root))
  }
  const heads = walks.map((walk) => jobOf(view, walk.peek()))
  const list: number[] = []
  while (list.length < most) {
    const lane = nextLane(view, heads, isBefore)
    if (lane < 0) break
    list.push(heads[lane]!)
    walks[lane]!.next()
    heads[lane] = jobOf(view, walks[lane]!.peek())
  }
  return list
}

/**
 * Of the first `most` pending jobs those that may have become startable since the last round, in
 * their order: all of them when something was freed, else those that came since then.
 */
export function candidates(view: State, most: number, isBefore: IsBefore): readonly number[] {
  const { totals, tables, layout } = view
  const { jobs, lanes } = tables
  if (totals.isFreed === 0 && totals.jobsSeen - totals.decidedNumber === 1) {
    const job = totals.newestJob
    if (jobs.number[job] !== totals.jobsSeen || jobs.phase[job] !== PHASE.pending
      || !isQueued(view, job)) return []
    let before = 0
    for (let lane = 0; lane < totals.lanes; lane++) {
      const root = lanes.root[lane]!
      before += lane === jobs.lane[job] ? itemsBefore(view, root, layout.plant.nodes + job)
        : sumOf(view, root)
    }
    return before < most ? [job] : []
  }
  return pendingInOrder(view, most, isBefore).filter((job) => isCandidate(view, job))
}

/** Whether a job may have become startable since the last round. */
export function isCandidate({ totals, tables }: State, job: number): boolean {
  return totals.isFreed === 1 || tables.jobs.number[job]! > totals.decidedNumber
}

function jobOf(view: State, item: number): number {
  return item === NONE ? NONE : item - view.layout.plant.nodes
}
