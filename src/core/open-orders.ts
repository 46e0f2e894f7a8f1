import {
  PHASE, type JobCapped, type JobStarted, type Placement, type Step,
} from '../model/index.ts'
import { grantMost, soldOverMost } from './aims.ts'
import { placementOf } from './allocation.ts'
import { chargeAt, drawOf } from './caps.ts'
import { draftOf, powerNeed } from './headroom.ts'
import { Draft, forEachRack, isSoldOver } from './ledger.ts'
import type { State } from './state.ts'
import { NEVER_MS } from './windows.ts'

/** Orders of caps that are given and not answered yet. */

/** An answer may take so many times as long as the machinery should at most, before it is lost. */
const PATIENCE = 2

/** When an order of a job counts as lost and is given again (I8); NEVER_MS where none is open. */
function overdueAtMs({ tables, layout }: State, job: number): number {
  const sinceMs = tables.jobs.capAtMs[job]!
  if (sinceMs === 0) return NEVER_MS
  const { power, failures } = layout.plant
  // A job that is coming up pauses when it is up; one that hangs says nothing until that is found.
  const { launchMs, loadMs, detectMs } = failures
  return sinceMs + PATIENCE * (power.capMs + power.pauseMs + launchMs + loadMs + detectMs)
}

export function isOverdue(state: State, job: number): boolean {
  return overdueAtMs(state, job) <= state.totals.nowMs
}

/** When the first open order counts as lost; NEVER_MS where none is open. O(open orders). */
export function firstOverdueAtMs(state: State): number {
  let atMs = NEVER_MS
  if (state.totals.openCaps === 0) return atMs
  const { margins } = state
  for (let job = margins.nextOpen(state, -1); job >= 0; job = margins.nextOpen(state, job)) {
    atMs = Math.min(atMs, overdueAtMs(state, job))
  }
  return atMs
}

/**
 * Whether an order, or a start in the place of others, takes back what meets a limit that fell: a
 * feeder that grants too much would do so still when all orders are in force (I4a). O(feeders above
 * the job) where none grants too much, else O(racks of jobs with open orders).
 */
export function undoesPlan(
  state: State, step: JobCapped | JobStarted, earlier: readonly Step[]): boolean {
  const { jobs, feeders } = state.tables
  const isStart = step.type === 'job.started'
  const placement = isStart ? step : placementOf(state, step.job)
  const pool = state.layout.pools[placement.pool]!
  const isUp = isStart || chargeAt(pool, state, step.capW)
    > chargeAt(pool, state, jobs.orderedW[step.job]!)
  if (!isUp) return false
  const over = feedersAbove(state, placement)
    .filter((feeder) => feeders.grantW[feeder]! > feeders.limitW[feeder]!)
  if (over.length === 0) return false
  const draft = draftOf(state)
  const floor = new Draft(feeders.floorW.length)
  floor.clear('floorW')
  const ordered = new Map<number, number>()
  const stopped = new Set<number>()
  for (const one of [...earlier, step]) {
    if (one.type === 'job.preempted') stopped.add(one.job)
    else if (one.type === 'job.capped') ordered.set(one.job, one.capW)
    else if (one.type === 'job.started') {
      const need = powerNeed(state, one.job, one.pool, 0, one.capW)
      add(state, draft, one, need.chargeW)
      add(state, floor, one, need.floorW)
    }
  }
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (jobs.phase[job]! < PHASE.starting || jobs.gpus[job] === 0) continue
    const capW = ordered.get(job)
    if (!stopped.has(job) && capW === undefined && jobs.capAtMs[job] === 0) continue
    const own = state.layout.pools[jobs.pool[job]!]!
    const afterW = stopped.has(job) ? 0 : chargeAt(own, state, capW ?? jobs.orderedW[job]!)
    add(state, draft, placementOf(state, job), afterW - jobs.chargeW[job]!)
    if (stopped.has(job)) add(state, floor, placementOf(state, job), -jobs.floorW[job]!)
  }
  return over.some((feeder) => feeders.grantW[feeder]! + draft.at(feeder)
    > Math.max(feeders.limitW[feeder]!, feeders.floorW[feeder]! + floor.at(feeder)))
}

/**
 * Feeders that are above what limits them between two times, targets aside, even when every open
 * order is in force: what is below them must come down. O(jobs + feeders + rows).
 */
export function feedersOver(state: State, fromMs: number, untilMs: number): ReadonlySet<number> {
  const { layout, totals, tables } = state
  const { jobs } = tables
  const ledger = isSoldOver(state) ? 'drawW' : 'grantW'
  const most = new Float64Array(layout.feederParent.length)
  if (ledger === 'drawW') soldOverMost(state, fromMs, untilMs, [], most)
  else grantMost(state, fromMs, untilMs, most)
  const draft = draftOf(state, ledger)
  for (let job = 0; totals.openCaps > 0 && job < totals.jobRows; job++) {
    if (jobs.capAtMs[job] === 0 || jobs.phase[job]! < PHASE.starting) continue
    const pool = layout.pools[jobs.pool[job]!]!
    const orderedW = jobs.orderedW[job]!
    add(state, draft, placementOf(state, job), ledger === 'grantW'
      ? chargeAt(pool, state, orderedW) - jobs.chargeW[job]!
      : drawOf(state, job, pool, orderedW) - jobs.drawW[job]!)
  }
  const over = new Set<number>()
  most.forEach((watts, feeder) => {
    if (tables.feeders[ledger][feeder]! + draft.at(feeder) > watts) over.add(feeder)
  })
  return over
}

function add(state: State, draft: Draft, placement: Placement, perDeviceW: number): void {
  if (perDeviceW === 0) return
  forEachRack(state, placement, (rack, devices) => {
    draft.add(state, state.layout.feederOfRack[rack]!, devices * perDeviceW)
  })
}

/** Each feeder above a placement, once. O(racks × depth). */
export function feedersAbove(state: State, placement: Placement): number[] {
  const found = new Set<number>()
  forEachRack(state, placement, (rack) => {
    const { feederParent, feederOfRack } = state.layout
    for (let at = feederOfRack[rack]!; at >= 0; at = feederParent[at]!) found.add(at)
  })
  return [...found]
}
