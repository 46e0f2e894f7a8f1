import { NONE } from '../base/id.ts'
import type { Placement } from '../model/job.ts'
import { curveOn, deviceDrawW, drawOf, PAUSED_W, withHostW } from './caps.ts'
import { unsureOf } from './doubt.ts'
import { surgedBeforeW } from './history.ts'
import type { PoolLayout } from './layout.ts'
import { eachDeviation } from './spread.ts'
import type { State } from './state.ts'

/**
 * What raises of caps may bring beyond what is booked for them. A device that drew all of its cap
 * has not shown what it would draw: with each watt of cap it may take a watt, where its curve books
 * two thirds of one. Devices that caps hold are off to one side, so what each may bring adds up.
 */

/** Deviations of a curve that a raise may be off by. */
const SURE = 3

/** A device that draws so much of its cap is held by it. Guess: how well caps are kept. */
const HELD_RATIO = 0.99

/**
 * Watts that a device of a placed job may bring beyond what is booked by its orders on their way,
 * if its cap is raised to so much. O(points + seen).
 */
export function surgeAfterW(state: State, job: number, pool: PoolLayout, capW: number): number {
  const { jobs } = state.tables
  const byW = beyondW(state, job, pool, capW) - beyondW(state, job, pool, jobs.capW[job]!)
  return Math.max(0, jobs.surgeW[job]! + byW)
}

/** What a device may draw beyond what is booked, in whole watts as that is: at most its cap. */
function beyondW(state: State, job: number, pool: PoolLayout, capW: number): number {
  if (capW === PAUSED_W) return 0
  const deviceW = deviceDrawW(state, job, pool, capW)
  const unsureW = SURE * unsureOf(deviceW, shownW(state, job))
  const most = { capW, deviceW: Math.min(capW, deviceW + unsureW) }
  return withHostW(curveOn(state, job, pool), pool, most) - drawOf(state, job, pool, capW)
}

/** What a device drew under the highest cap that it was seen at; 0 where the cap held it. */
function shownW({ tables: { seen, jobs } }: State, job: number): number {
  let shown = 0
  for (let row = jobs.firstSeen[job]!; row !== NONE; row = seen.next[row]!) {
    shown = seen.drawW[row]! < HELD_RATIO * seen.capW[row]! ? seen.drawW[row]! : 0
  }
  return shown
}

/** Whether anything says how fast draw may rise, now or later. O(1). */
export function areRisesBound({ layout, totals }: State): boolean {
  return layout.isRamped || totals.returnUntilMs > totals.nowMs
}

/** Sets what a device of a job may bring by orders on their way. O(racks × depth). */
export function setSurge(state: State, job: number, placement: Placement, surgeW: number): void {
  const { surgeW: before } = state.tables.jobs
  addSurge(state, placement, before[job]!, -1, 'surge')
  addSurge(state, placement, surgeW, 1, 'surge')
  before[job] = surgeW
}

/** The orders of a job are in force: what they may have brought is there. O(racks × depth). */
export function surged(state: State, job: number, placement: Placement): void {
  addSurge(state, placement, state.tables.jobs.surgeW[job]!, 1, 'surged')
  setSurge(state, job, placement, 0)
}

function addSurge(
  state: State, placement: Placement, surgeW: number, sign: number,
  column: 'surge' | 'surged'): void {
  const sum = state.tables.feeders[column]
  eachDeviation(state, placement, surgeW, (feeder, watts) => {
    sum[feeder] = sum[feeder]! + sign * watts
  })
}

/** A raise that is asked about: what a device of it may bring, by the orders before and with it. */
export type Raise = { readonly beforeW: number, readonly afterW: number }

/**
 * Watts that raises may have brought a feeder since a time, and may yet, beyond what is booked;
 * with one raise more of so many devices there. O(1).
 */
export function surgeSinceW(
  state: State, feeder: number, sinceMs: number, devices: number, raise?: Raise): number {
  const { surge, surged: all } = state.tables.feeders
  const recentW = all[feeder]! - surgedBeforeW(state, feeder, sinceMs)
  const ownW = raise === undefined ? 0 : devices * (raise.afterW - raise.beforeW)
  return Math.max(0, surge[feeder]! + recentW + ownW)
}
