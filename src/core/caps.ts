import { NONE } from '../base/id.ts'
import { drawAt, drawSdAt, speedAt, type Curve } from '../model/index.ts'
import type { PoolLayout } from './layout.ts'
import type { State } from './state.ts'

/**
 * What a job's devices are charged, could be held to, and are expected to draw under a cap, in
 * watts above an idle device; and what is believed of its throughput. A cap of 0 stands for
 * paused: the job does nothing and stays loaded.
 */

export const PAUSED_W = 0

/** Most caps under which a job's behaviour is kept: a curve through more is no better. */
const SEEN_MOST = 8

/** The curve of a job's class on a pool's devices. O(1). */
export function curveOn(state: State, job: number, pool: PoolLayout): Curve {
  const { byClass } = state.layout.plant.curves
  return (byClass[state.tables.jobs.curve[job]!] ?? byClass[0]!)[pool.system.device]!
}

/** Lowest cap that its devices take; where it is promised throughput, that keeps the promise. */
export function leastCapW(state: State, job: number, pool: PoolLayout): number {
  return leastFor(curveOn(state, job, pool), state.tables.jobs.leastSpeed[job]!,
    (capW) => speedOfJob(state, job, pool, capW))
}

/** Lowest cap of a curve at which so much throughput is kept, by `speedOf`. O(log of its range). */
export function leastFor(
  curve: Curve, promised: number, speedOf: (capW: number) => number): number {
  const lowest = curve.capW[0]!
  if (promised <= speedOf(lowest)) return lowest
  let low = lowest
  let high = curve.capW.at(-1)!
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (speedOf(middle) >= promised) high = middle
    else low = middle
  }
  return high
}

/** Whether a job may be paused: it was promised nothing. */
export function isPausable(state: State, job: number): boolean {
  return state.tables.jobs.leastSpeed[job] === 0
}

/** Cap that a placed job is charged for, where it is below its devices' rating; else NONE. */
export function capBelowRating({ layout, tables: { jobs } }: State, job: number): number {
  if (jobs.gpus[job] === 0) return NONE
  const capW = jobs.capW[job]!
  return capW < layout.pools[jobs.pool[job]!]!.system.deviceRatedW ? capW : NONE
}

/** Watts above idle that one device is charged under a cap. O(1). */
export function chargeAt({ system }: PoolLayout, state: State, capW: number): number {
  const watts = capW === PAUSED_W ? state.layout.plant.curves.pausedW[system.device]! : capW
  return Math.max(0, Math.ceil(watts) - system.deviceIdleW)
}

/** Watts above idle that one device can be held to whatever happens. O(log of the cap range). */
export function floorOf(state: State, job: number, pool: PoolLayout): number {
  if (isPausable(state, job)) return chargeAt(pool, state, PAUSED_W)
  return chargeAt(pool, state, leastCapW(state, job, pool))
}

/** Watts above idle that one device, with its share of the node, is expected to draw. O(seen). */
export function drawOf(state: State, job: number, pool: PoolLayout, capW: number): number {
  if (capW === PAUSED_W) return chargeAt(pool, state, PAUSED_W)
  const deviceW = deviceDrawW(state, job, pool, capW)
  return withHostW(curveOn(state, job, pool), pool, { capW, deviceW })
}

/** Standard deviation of what one device draws under a cap, whole watts. O(points). */
export function sdOf(state: State, job: number, pool: PoolLayout, capW: number): number {
  return capW === PAUSED_W ? 0 : Math.round(drawSdAt(curveOn(state, job, pool), capW))
}

/** The cap of a device and what it draws by itself under it, watts. */
type DeviceUnderCap = { readonly capW: number, readonly deviceW: number }

/**
 * Watts above idle of one device with its share of the node: no more than what is granted for them,
 * since a node draws no more than its rating, less what its caps take off that. O(1).
 */
export function withHostW(
  curve: Curve, pool: PoolLayout, { capW, deviceW }: DeviceUnderCap): number {
  const { gpus, deviceIdleW, deviceRatedW, nodeIdleW, nodeRatedW } = pool.system
  const rangeW = (nodeRatedW - nodeIdleW) / gpus - (deviceRatedW - deviceIdleW)
  const mostW = Math.max(0, Math.floor(rangeW)) + capW
  return Math.round(Math.min(hostW(curve, pool) + deviceW, mostW) - deviceIdleW)
}

/** What a node draws more for each device at work than the device itself. O(1). */
function hostW(curve: Curve, { system }: PoolLayout): number {
  const perDeviceW = (system.nodeTypicalW - system.nodeIdleW) / system.gpus
  return Math.max(0, perDeviceW - (curve.drawW.at(-1)! - system.deviceIdleW))
}

/** Throughput of a job under a cap, as believed: what it has shown, else its class. O(seen). */
export function speedOfJob(state: State, job: number, pool: PoolLayout, capW: number): number {
  if (capW === PAUSED_W) return 0
  const curve = curveOn(state, job, pool)
  const plain = speedAt(curve, capW)
  if (state.tables.jobs.firstSeen[job] === NONE) return plain
  return Math.min(1, plain * ratioUnder(state, job, capW, (row) =>
    state.tables.seen.speed[row]! / speedAt(curve, state.tables.seen.capW[row]!)))
}

/** Watts that one device is expected to draw under a cap, by what the job has shown. O(seen). */
export function deviceDrawW(state: State, job: number, pool: PoolLayout, capW: number): number {
  const curve = curveOn(state, job, pool)
  const plain = drawAt(curve, capW)
  if (state.tables.jobs.firstSeen[job] === NONE) return plain
  return Math.min(capW, plain * ratioUnder(state, job, capW, (row) =>
    state.tables.seen.drawW[row]! / drawAt(curve, state.tables.seen.capW[row]!)))
}

/**
 * How far a job is off its class under a cap: between two of the caps that it has been seen at in a
 * straight line, beyond the outer ones as there.
 */
function ratioUnder(
  state: State, job: number, capW: number, ratioAt: (row: number) => number): number {
  const { seen, jobs } = state.tables
  let below: number = NONE
  let above: number = NONE
  for (let row = jobs.firstSeen[job]!; row !== NONE; row = seen.next[row]!) {
    // Rows lie in the order of their caps.
    if (seen.capW[row]! <= capW) below = row
    else if (above === NONE) above = row
  }
  if (below === NONE) return ratioAt(above)
  if (above === NONE) return ratioAt(below)
  const share = (capW - seen.capW[below]!) / (seen.capW[above]! - seen.capW[below]!)
  return ratioAt(below) + share * (ratioAt(above) - ratioAt(below))
}

/** What is seen of a speed and of whole watts may be off by no more than rounding. */
const ROUNDING_SPEED = 1e-9
const ROUNDING_W = 0.5

/** Whether a job has shown nothing that its class does not do. O(seen). */
export function isAsItsClass(state: State, job: number, pool: PoolLayout): boolean {
  const { seen, jobs } = state.tables
  const curve = curveOn(state, job, pool)
  for (let row = jobs.firstSeen[job]!; row !== NONE; row = seen.next[row]!) {
    const capW = seen.capW[row]!
    if (Math.abs(seen.speed[row]! - speedAt(curve, capW)) > ROUNDING_SPEED) return false
    if (Math.abs(seen.drawW[row]! - drawAt(curve, capW)) > ROUNDING_W) return false
  }
  return true
}

/** Keeps what a job has shown under a cap; of too many the nearest cap gives way. O(SEEN_MOST). */
export function addSeen(
  state: State, job: number, capW: number, speed: number, drawW: number): void {
  const { totals, arena } = state
  let before: number = NONE
  let count = 0
  let nearest: number = NONE
  const old = state.tables.seen
  for (let row = state.tables.jobs.firstSeen[job]!; row !== NONE; row = old.next[row]!) {
    count++
    const awayW = Math.abs(old.capW[row]! - capW)
    if (nearest === NONE || awayW < Math.abs(old.capW[nearest]! - capW)) nearest = row
    if (old.capW[row]! < capW) before = row
  }
  const isSame = nearest !== NONE && old.capW[nearest] === capW
  let row = isSame || count >= SEEN_MOST ? nearest : totals.freeSeenRow
  const isNew = !isSame && count < SEEN_MOST
  if (isNew && row === NONE) {
    row = totals.seenRows++
    arena.grow('seen', totals.seenRows)
  } else if (isNew) {
    totals.freeSeenRow = old.next[row]!
  }
  const { seen, jobs } = state.tables
  if (isNew) {
    const next = before === NONE ? jobs.firstSeen[job]! : seen.next[before]!
    seen.next[row] = next
    if (before === NONE) jobs.firstSeen[job] = row
    else seen.next[before] = row
  }
  seen.capW[row] = capW
  seen.speed[row] = speed
  seen.drawW[row] = Math.round(drawW)
}

/** Forgets what a job that ends has shown. */
export function dropSeen(state: State, job: number): void {
  const { seen, jobs } = state.tables
  for (let row = jobs.firstSeen[job]!; row !== NONE;) {
    const next = seen.next[row]!
    seen.next[row] = state.totals.freeSeenRow
    state.totals.freeSeenRow = row
    row = next
  }
  jobs.firstSeen[job] = NONE
}
