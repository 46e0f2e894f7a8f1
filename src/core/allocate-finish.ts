import {
  drawAt, floorGrantW, leastGrantW, pointBelow, topGrantW, valueAt,
} from './allocate-curve.ts'
import {
  excessOf, raise, regrant, roomFor, weightAt, type Grants,
} from './allocate-grants.ts'
import { hullOf, type Prices } from './allocate-prices.ts'

/** From places on the hull to whole watts: round down, cut what is over, fill what is left. */

/** The whole-watt grant at or below where the prices put each job. O(points). */
export function roundDown(prices: Prices): Float64Array {
  const { jobs } = prices
  const { hull } = prices.line
  const grantW = new Float64Array(prices.grantW.length)
  for (let job = 0; job < grantW.length; job++) {
    const size = hullOf(prices, job)
    const at = prices.grantW[job]! + 1e-6
    let i = 0
    while (i + 1 < size && jobs.grantW[hull[i + 1]!]! <= at) i++
    const low = hull[i]!
    const isFree = i + 1 < size && hull[i + 1] === low + 1
      && !(jobs.canPause[job] === 1 && low === jobs.pointStart[job])
    grantW[job] = isFree ? Math.floor(at) : jobs.grantW[low]!
  }
  return grantW
}

/**
 * Lowers jobs below rows that are over their limit, those first that lose least by it, until all
 * are within it or everyone but the spared jobs is at the floor. O(jobs x log of them) for each
 * row that is over.
 */
export function cut(prices: Prices, grants: Grants, spared: readonly number[] = []): void {
  const { rows } = grants
  for (let row = rows.feeder.length - 1; row >= 0; row--) {
    while (excessOf(grants, row) > 0 && cutRow(prices, grants, row, spared)) continue
  }
}

type Step = { readonly job: number; readonly toW: number; readonly key: number }

function cutRow(
  prices: Prices, grants: Grants, row: number, spared: readonly number[]): boolean {
  const { rows, grantW } = grants
  const steps: Step[] = []
  for (let i = rows.start[row]!; i < rows.start[row + 1]!; i++) {
    const job = rows.job[i]!
    const toW = stepDown(prices, job, grantW[job]!)
    const freedW = wattsOf(grants, row, job, toW, grantW[job]!) * rows.weight[i]!
    if (toW === grantW[job] || freedW <= 0 || spared.includes(job)) continue
    steps.push({ job, toW, key: netOf(prices, job, toW, grantW[job]!) / freedW })
  }
  steps.sort((a, b) => a.key - b.key || b.job - a.job)
  let hasMoved = false
  for (const { job, toW } of steps) {
    const excess = excessOf(grants, row)
    if (excess <= 0) break
    lower(grants, row, job, toW, excess)
    hasMoved = true
  }
  return hasMoved
}

/** Lowers a job towards a grant by as much as its row needs; to a pause all the way. O(depth). */
export function lower(grants: Grants, row: number, job: number, toW: number, excess: number): void {
  const { jobs } = grants
  const fromW = grants.grantW[job]!
  const isPause = toW === leastGrantW(jobs, job) && jobs.canPause[job] === 1
  const perW = weightAt(grants, row, job) * wattsOf(grants, row, job, toW, fromW) / (fromW - toW)
  const needW = Math.ceil(excess / perW - 1e-9)
  regrant(grants, job, isPause ? toW : Math.max(toW, fromW - Math.max(1, needW)))
}

/** Watts of the row's kind on each device between two grants of a job. */
function wattsOf(
  { jobs, rows }: Grants, row: number, job: number, lowW: number, highW: number): number {
  if (rows.isDraw[row] === 0) return highW - lowW
  return drawAt(jobs, job, highW) - drawAt(jobs, job, lowW)
}

/** What a job gains between two grants, less what it pays. */
function netOf(prices: Prices, job: number, lowW: number, highW: number): number {
  const { jobs } = prices
  const worth = valueAt(jobs, job, highW) - valueAt(jobs, job, lowW)
  return worth - costOf(prices, job, lowW, highW)
}

/** What a job pays between two grants. */
function costOf(prices: Prices, job: number, lowW: number, highW: number): number {
  const { jobs, grantCost, drawCost } = prices
  const cost = grantCost[job]! * (highW - lowW)
  if (drawCost[job] === 0) return cost
  return cost + drawCost[job]! * (drawAt(jobs, job, highW) - drawAt(jobs, job, lowW))
}

/** Next grant below, on the hull where it is above one; the grant itself at the floor. */
function stepDown(prices: Prices, job: number, grantW: number): number {
  const { grantW: points, pointStart } = prices.jobs
  const size = hullOf(prices, job)
  for (let i = size - 1; i >= 0; i--) {
    const at = points[prices.line.hull[i]!]!
    if (at < grantW) return at
  }
  const below = pointBelow(prices.jobs, job, grantW)
  if (points[below]! < grantW) return points[below]!
  return points[Math.max(pointStart[job]!, below - 1)]!
}

/** Rounds of filling: each raises every job by at most one step of its hull. */
const ROUNDS = 64

/**
 * Raises jobs where there is room, those first that gain most for what they cost, then the lowest
 * id, until none can be raised. O(jobs x (points + rows above)) a round.
 */
export function fill(prices: Prices, grants: Grants): void {
  for (let round = 0; round < ROUNDS; round++) {
    if (!fillOnce(prices, grants)) return
  }
}

function fillOnce(prices: Prices, grants: Grants): boolean {
  const { jobs, grantW } = grants
  const steps: Step[] = []
  for (let job = 0; job < grantW.length; job++) {
    const fromW = grantW[job]!
    if (fromW >= topGrantW(jobs, job)) continue
    // Most often there is no room at all, and to see that takes no hull.
    const isPaused = jobs.canPause[job] === 1 && fromW === leastGrantW(jobs, job)
    if (!isPaused && !hasRoom(grants, job, fromW + 1)) continue
    const toW = stepUp(prices, job, fromW)
    if (toW === fromW) continue
    if (isPaused && !hasRoom(grants, job, Math.min(toW, floorGrantW(jobs, job)))) continue
    const gain = valueAt(jobs, job, toW) - valueAt(jobs, job, fromW)
    steps.push({ job, toW, key: gain / (costOf(prices, job, fromW, toW) + Number.MIN_VALUE) })
  }
  steps.sort((a, b) => (a.key === b.key ? a.job - b.job : b.key - a.key))
  let hasMoved = false
  for (const { job, toW } of steps) {
    if (raiseStep(prices, grants, job, toW)) hasMoved = true
  }
  return hasMoved
}

/** Raises a job to a point of its hull, or as far as it can be set and is worth anything. */
function raiseStep(prices: Prices, grants: Grants, job: number, toW: number): boolean {
  const { jobs, grantW } = grants
  const fromW = grantW[job]!
  if (raise(grants, job, toW, true)) return true
  const first = jobs.pointStart[job]!
  if (jobs.canPause[job] === 1 && fromW === jobs.grantW[first]) {
    const floorW = jobs.grantW[first + 1]!
    return floorW < toW && raise(grants, job, floorW, true)
  }
  // Point by point: only between neighbours is draw a straight line.
  for (let k = pointBelow(jobs, job, fromW) + 1; jobs.grantW[k]! <= toW; k++) {
    if (k === jobs.pointStart[job + 1]! || !raise(grants, job, jobs.grantW[k]!, false)) break
    if (grantW[job]! < jobs.grantW[k]!) break
  }
  if (grantW[job] === fromW) return false
  if (valueAt(jobs, job, grantW[job]!) > valueAt(jobs, job, fromW)) return true
  if (costOf(prices, job, fromW, toW) === 0) return true
  regrant(grants, job, fromW)
  return false
}

function hasRoom(grants: Grants, job: number, toW: number): boolean {
  return roomFor(grants, job, toW) >= toW - grants.grantW[job]!
}

/** Next grant of the hull above; where all that is left is worth nothing and costs nothing, all. */
function stepUp(prices: Prices, job: number, grantW: number): number {
  const { grantW: points } = prices.jobs
  const size = hullOf(prices, job)
  for (let i = 0; i < size; i++) {
    const at = points[prices.line.hull[i]!]!
    if (at > grantW) return at
  }
  const isFree = prices.grantCost[job] === 0 && prices.drawCost[job] === 0
  return isFree ? topGrantW(prices.jobs, job) : grantW
}
