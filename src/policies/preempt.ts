import { coresOf, gpusOn, leastNodesOf } from '../core/demand.ts'
import { safeUntilMs } from '../core/guard.ts'
import { expectedLossMs } from '../core/loss.ts'
import {
  borrowedBy, chargeQuota, rootOf, RESOURCES, usedOf, type Resource,
} from '../core/quota.ts'
import type { State } from '../core/state.ts'
import { poolsOf } from '../core/blocker.ts'
import { PHASE, type Decision } from '../model/index.ts'
import { makeRoom, type Victim } from './room.ts'
import type { IsTakable, PlacePolicy, PreemptPolicy } from './policy.ts'

/**
 * Preemption: a blocked job takes the nodes of others that a policy lets it take, in a decision
 * that stops them and starts it. Those go first that were stopped least often before, then those
 * of lowest priority, then those that lose least work (loss.ts), over all their devices. Nobody
 * is taken within the least run time that was promised.
 */
export function* preemptFor(
  view: State, job: number, place: PlacePolicy, policy: PreemptPolicy,
): Generator<Decision, boolean, boolean> {
  const { nowMs, wakeAtMs } = view.totals
  const isTakable = policy.takes(view, job)
  if (isTakable === undefined) return false
  const all = victimsOf(view, job, isTakable)
  const ready = all.filter((victim) => safeUntilMs(view, victim) <= nowMs)
  const decision = makeRoom(
    view, job, byCost(view, ready), place, 'waits', isTakable)
  if (decision !== undefined) return yield decision
  // Some may be taken later: then it is worth another look.
  const dueMs = all.reduce((least, victim) => {
    const atMs = safeUntilMs(view, victim)
    return atMs > nowMs ? Math.min(least, atMs) : least
  }, wakeAtMs)
  if (dueMs < wakeAtMs) yield { steps: [{ type: 'round.due', atMs: dueMs }] }
  return false
}

/** Running jobs whose nodes or quota the job could use, that the policy lets it take. O(jobs). */
function victimsOf(view: State, job: number, isTakable: IsTakable): number[] {
  const { jobs } = view.tables
  const { quotas } = view.layout
  const pools = poolsOf(view, job)
  const root = rootOf(quotas, jobs.queue[job]!)
  const victims: number[] = []
  for (let other = 0; other < view.totals.jobRows; other++) {
    if (jobs.phase[other]! < PHASE.starting || jobs.startAtMs[other] === view.totals.nowMs) continue
    const isUseful = pools.includes(jobs.pool[other]!)
      || rootOf(quotas, jobs.queue[other]!) === root
    if (isUseful && isTakable(view, other)) victims.push(other)
  }
  return victims
}

function byCost(view: State, victims: readonly number[]): Victim[] {
  const { jobs } = view.tables
  const costs = victims.map((job) => ({
    job, priority: priorityOf(view, job),
    lost: Math.max(1, jobs.heldGpus[job]!) * expectedLossMs(view, job),
  }))
  costs.sort((a, b) => jobs.preempted[a.job]! - jobs.preempted[b.job]!
    || a.priority - b.priority || a.lost - b.lost || jobs.number[b.job]! - jobs.number[a.job]!)
  return costs.map(({ job }) => ({ job, keeps: undefined }))
}

/** A job's priority with its queue's. */
export function priorityOf(view: State, job: number): number {
  const { jobs } = view.tables
  return jobs.priority[job]! + view.layout.plant.queues[jobs.queue[job]!]!.priority
}

/**
 * Whether a job stays within what the queues up to (not with) `above` own, so that it takes back
 * and does not borrow. `above` is -1 for all queues of its tree.
 */
export function isWithinOwn(view: State, job: number, above: number): boolean {
  const { quotas } = view.layout
  const { jobs } = view.tables
  const nodes = leastNodesOf(view, job) || jobs.nodes[job]!
  const needs: Record<Resource, number> = {
    gpus: gpusOn(view, job, nodes), cores: coresOf(view, job),
  }
  return RESOURCES.every((resource) => {
    if (needs[resource] === 0) return true
    const used = usedOf(view, resource).slice()
    chargeQuota(quotas, used, jobs.queue[job]!, resource, needs[resource])
    for (let at = jobs.queue[job]!; at >= 0 && at !== above; at = quotas.parent[at]!) {
      if (borrowedBy(quotas, used, at, resource) > 0) return false
    }
    return true
  })
}
