import { poolsOf } from '../core/blocker.ts'
import { safeUntilMs } from '../core/guard.ts'
import { expectedLossMs } from '../core/loss.ts'
import type { State } from '../core/state.ts'
import { PHASE, type Decision } from '../model/index.ts'
import type { Blocked, ConsolidatePolicy, PlacePolicy } from './policy.ts'
import { makeRoom, type Victim } from './room.ts'

/**
 * Consolidation: enough nodes are free for a gang, but not together. Running jobs move out of its
 * way, each to free nodes elsewhere, in the decision that starts the gang, and only where that
 * pays: what they lose on all their devices is less than what the gang would wait on all of its.
 */
export const stay: ConsolidatePolicy = {
  name: 'none', summary: 'a job that runs stays where it is', isOn: false,
}

export const move: ConsolidatePolicy = {
  name: 'move', summary: 'running jobs move where that lets a gang start and pays', isOn: true,
}

/** Moves that one gang may cause: more of them are a storm of restarts, not a tidy-up. */
const MOVES_MOST = 32

export function consolidateFor(
  view: State, job: number, found: Blocked['found'], place: PlacePolicy): Decision | undefined {
  if (found.missing !== 'topology' && found.missing !== 'devices') return undefined
  const decision = makeRoom(view, job, movable(view, job), place, 'moves', () => true)
  if (decision === undefined) return undefined
  const moved = decision.steps.flatMap((step) => step.type === 'job.preempted' ? [step.job] : [])
  if (moved.length > MOVES_MOST) return undefined
  const { jobs } = view.tables
  const lost = moved.reduce((sum, other) =>
    sum + jobs.heldGpus[other]! * expectedLossMs(view, other), 0)
  const gained = jobs.gpus[job]! * waitOf(view, moved)
  return lost < gained ? decision : undefined
}

/** Placed jobs of the pools of a gang that may be moved, those first that lose least. O(jobs). */
function movable(view: State, gang: number): Victim[] {
  const { jobs } = view.tables
  const { nowMs } = view.totals
  const pools = poolsOf(view, gang)
  const found: { job: number, lost: number }[] = []
  for (let job = 0; job < view.totals.jobRows; job++) {
    if (jobs.phase[job]! < PHASE.starting || !pools.includes(jobs.pool[job]!)) continue
    if (jobs.heldGpus[job] === 0 || jobs.heldGpus[job]! >= jobs.gpus[gang]!) continue
    if (jobs.startAtMs[job] === nowMs || safeUntilMs(view, job) > nowMs) continue
    const lost = jobs.heldGpus[job]! * expectedLossMs(view, job)
    found.push({ job, lost })
  }
  found.sort((a, b) => a.lost - b.lost || jobs.number[b.job]! - jobs.number[a.job]!)
  return found.map(({ job }) => ({ job, keeps: undefined }))
}

/** How long the gang would wait until all of those that stand in its way have ended. */
function waitOf(view: State, moved: readonly number[]): number {
  const { expectedEndAtMs } = view.tables.jobs
  const lastMs = moved.reduce((most, job) => Math.max(most, expectedEndAtMs[job]!), 0)
  return Math.max(0, lastMs - view.totals.nowMs)
}
