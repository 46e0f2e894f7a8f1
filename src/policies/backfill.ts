import { gpusOn, plannedRunMs } from '../core/demand.ts'
import { nextNode } from '../core/free.ts'
import type { State } from '../core/state.ts'
import { LEVELS, PHASE, type Decision } from '../model/index.ts'
import type { IsBefore } from './pending.ts'
import type { Blocked } from './policy.ts'
import { sizeNow } from './size.ts'

/** What every backfill asks about jobs, pools and reservations. */

/** Jobs behind the blocked heads that one round looks at, as Slurm's bf_max_job_test does. */
export const LOOKED_AT_MOST = 500

/** When a job is expected to end if it starts now: what it kept from earlier runs is done. */
export function expectedEndAtMs(view: State, job: number): number {
  return view.totals.nowMs + plannedRunMs(view, job, gpusOn(view, job, sizeNow(view, job)))
}

/** Asks for nothing but devices: then a larger one fits nowhere that a smaller one does not. */
export function isPlainJob(view: State, job: number): boolean {
  const { jobs } = view.tables
  return jobs.gpus[job]! > 0 && jobs.nodes[job] === 0 && jobs.level[job] === LEVELS.length - 1
    && jobs.cpusPerNode[job] === 0 && jobs.memoryPerNodeGiB[job] === 0
}

/**
 * Whether a job, while it is blocked at the head of its pool, is given the nodes that it will need
 * as they fall free: no job behind it gets one of them, however short it is.
 */
export function isHero(view: State, job: number): boolean {
  return view.tables.jobs.hero[job] === 1
}

/**
 * Running jobs that come behind a hero and started while it waited, in one pool: what they hold is
 * lent, and the hero counts on it only when it is back. O(rows of jobs).
 */
export function startedBehind(
  view: State, hero: number, pool: number, isBefore: IsBefore): readonly number[] {
  const { jobs } = view.tables
  const list: number[] = []
  for (let job = 0; job < view.totals.jobRows; job++) {
    if (jobs.phase[job]! >= PHASE.starting && jobs.pool[job] === pool
      && jobs.startAtMs[job]! >= jobs.submitAtMs[hero]! && isBefore(view, hero, job)) list.push(job)
  }
  return list
}

/** Whether any node of a pool could take any job at all. */
export function hasFree(view: State, pool: number): boolean {
  const { gpus } = view.layout.pools[pool]!.system
  for (let key = gpus === 0 ? 0 : 1; key <= gpus + 1; key++) {
    if (nextNode(view, pool, key, 0) >= 0) return true
  }
  return false
}

/** Nodes whose release frees the watts that a job lacks: above, a leaf's watt is one or more. */
export function nodesForPower(view: State, found: Blocked['found'], pool: number): number {
  if (found.missing !== 'power') return 0
  const { chargeW, system } = view.layout.pools[pool]!
  const lackW = found.needW - found.haveW
  return Math.max(1, Math.ceil(lackW / Math.max(1, chargeW * system.gpus)))
}

/** The event that records a head's reservation, unless the state has it already. */
export function recordOf(
  view: State, job: number, domain: number, startAtMs: number): Decision | undefined {
  const { pools } = view.tables
  const pool = view.layout.domainPool[domain]!
  const isKnown = pools.reservedJob[pool] === job && pools.reservedAtMs[pool] === startAtMs
    && pools.reservedDomain[pool] === domain
  return isKnown ? undefined : { steps: [{ type: 'job.reserved', job, domain, startAtMs }] }
}
