import { placementOf } from '../core/allocation.ts'
import { poolsOf } from '../core/blocker.ts'
import { PAUSED_W } from '../core/caps.ts'
import { gpusOn, leastNodesOf, nodesIn, plannedRunMs, shapeOfJob } from '../core/demand.ts'
import { safeUntilMs } from '../core/guard.ts'
import { expectedLossMs } from '../core/loss.ts'
import { nodesOf } from '../core/shape.ts'
import { speedOn } from '../core/speeds.ts'
import type { State } from '../core/state.ts'
import { closedNodes, isClosed } from '../core/windows.ts'
import { PHASE, type Decision, type Placement } from '../model/index.ts'
import type { PlacePolicy } from './policy.ts'
import { makeRoom, placeAfresh, soundOnly, type Victim } from './room.ts'
import { startAt } from './size.ts'

/**
 * Jobs that can run on fewer nodes: they give nodes to a blocked job, never below the least that
 * they can run on, and take more when nobody waits for them and it pays. Each change stops and
 * starts the job from its checkpoint, so one that was resized just now is left alone.
 */

/** The decision that starts a job on nodes that elastic ones can spare, if they are enough. */
export function shrinkFor(view: State, job: number, place: PlacePolicy): Decision | undefined {
  const need = needOf(view, job)
  const victims = elasticJobs(view)
    .filter((other) => poolsOf(view, job).includes(view.tables.jobs.pool[other]!))
    .flatMap((other): Victim[] => {
      const placement = placementOf(view, other)
      const nodes = nodesIn(placement.spans)
      const rest = Math.max(leastNodesOf(view, other), nodes - need)
      const keeps = firstNodes(view, other, placement, rest)
      return rest === nodes || keeps === undefined ? [] : [{ job: other, keeps }]
    })
  return makeRoom(view, job, victims, place, 'waits', () => true)
}

/** The decision that gives an elastic job more nodes where that pays, or undefined. */
export function growthOf(view: State, place: PlacePolicy): Decision | undefined {
  if (view.totals.shrunk === 0) return undefined
  const { jobs } = view.tables
  for (const job of elasticJobs(view)) {
    if (jobs.heldGpus[job] === jobs.gpus[job]) continue
    const grown = growOne(view, job, place)
    if (grown !== undefined) return grown
  }
  return undefined
}

/** A larger or faster place for one job, where it is done sooner for all it loses by stopping. */
function growOne(view: State, job: number, place: PlacePolicy): Decision | undefined {
  const { jobs } = view.tables
  const found = placeAfresh(view, job, place)
  if (found === undefined) return undefined
  const { placement } = found
  const before = paceOf(view, job, placementOf(view, job))
  const after = paceOf(view, job, placement)
  // Of one that runs for longer than it was to nobody knows what is left: nothing is sure to pay.
  const restMs = Math.max(0, jobs.expectedEndAtMs[job]! - view.totals.nowMs)
  const grownMs = restMs * before / after + expectedLossMs(view, job)
  if (grownMs >= restMs * GAIN_RATIO) return undefined
  return soundOnly(view, [{ type: 'job.preempted', job }, startAt(job, found)])
}

/** Speed of a job on a placement; 1 for each node of the type that its times are meant for. */
function paceOf(view: State, job: number, { pool, spans }: Placement): number {
  return nodesIn(spans) * speedOn(view, job, pool)
}

/** A change must save a tenth of what is left at least, since what is left is only expected. */
const GAIN_RATIO = 0.9

/** Placed elastic jobs that may be resized now, by number. O(jobs). */
function elasticJobs(view: State): number[] {
  const { jobs } = view.tables
  const { nowMs } = view.totals
  const found: number[] = []
  for (let job = 0; job < view.totals.jobRows; job++) {
    if (jobs.phase[job]! < PHASE.starting || leastNodesOf(view, job) === 0) continue
    if (jobs.startAtMs[job] === nowMs || safeUntilMs(view, job) > nowMs) continue
    // A job starts at work: to resize one that is paused would be to let it go on.
    const isPaused = jobs.capW[job] === PAUSED_W || jobs.orderedW[job] === PAUSED_W
    if (jobs.gpus[job]! > 0 && isPaused) continue
    found.push(job)
  }
  return found.sort((a, b) => jobs.number[a]! - jobs.number[b]!)
}

/** Nodes that a job needs at its full size, in the first of its pools that it fits. */
function needOf(view: State, job: number): number {
  for (const pool of poolsOf(view, job)) {
    const shape = shapeOfJob(view, job, pool)
    if (shape !== undefined) return nodesOf(shape)
  }
  return 0
}

/**
 * The first nodes of a job's placement that still serve, as a placement; undefined where too few
 * do. On fewer nodes it runs longer, perhaps into a window.
 */
function firstNodes(
  view: State, job: number, { pool, spans }: Placement, nodes: number): Placement | undefined {
  const { flags } = view.tables.nodes
  const endAtMs = view.totals.nowMs + plannedRunMs(view, job, gpusOn(view, job, nodes), pool)
  const closed = closedNodes(view, view.tables.jobs.queue[job]!, endAtMs)
  const kept: number[] = []
  let left = nodes
  for (let at = 0; at < spans.length; at += 3) {
    for (let node = spans[at]!; node < spans[at + 1]! && left > 0; node++) {
      if (flags[node] !== 0 || isClosed(closed, node)) continue
      if (kept.length > 0 && kept.at(-2) === node && kept.at(-1) === spans[at + 2]) {
        kept[kept.length - 2] = node + 1
      } else {
        kept.push(node, node + 1, spans[at + 2]!)
      }
      left--
    }
  }
  return left > 0 ? undefined : { pool, spans: kept }
}
