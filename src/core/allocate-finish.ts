import { pointBelow, topGrantW, valueAt } from './allocate-curve.ts'
import { excessOf, raise, regrant, type Grants } from './allocate-grants.ts'
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
 * are within it or everyone is at the floor. O(jobs x log of them) for each row that is over.
 */
export function cut(prices: Prices, grants: Grants): void {
  const { rows } = grants
  for (let row = rows.feeder.length - 1; row >= 0; row--) {
    while (excessOf(grants, row) > 0 && cutRow(prices, grants, row)) continue
  }
}

type Step = { readonly job: number; readonly toW: number; readonly key: number }

function cutRow(prices: Prices, grants: Grants, row: number): boolean {
  const { jobs, rows, grantW } = grants
  const steps: Step[] = []
  for (let i = rows.start[row]!; i < rows.start[row + 1]!; i++) {
    const job = rows.job[i]!
    const toW = stepDown(prices, job, grantW[job]!)
    if (toW === grantW[job]) continue
    const lost = worthOf(prices, job, toW, grantW[job]!)
    steps.push({ job, toW, key: lost / ((grantW[job]! - toW) * rows.weight[i]!) })
  }
  steps.sort((a, b) => a.key - b.key || b.job - a.job)
  let hasMoved = false
  for (const { job, toW } of steps) {
    const excess = excessOf(grants, row)
    if (excess <= 0) break
    const perW = weightOf(grants, row, job)
    const isJump = toW === jobs.grantW[jobs.pointStart[job]!] && jobs.canPause[job] === 1
    const needW = rows.isDraw[row] === 0 ? Math.ceil(excess / perW) : grantW[job]! - toW
    regrant(grants, job, isJump ? toW : Math.max(toW, grantW[job]! - needW))
    hasMoved = true
  }
  return hasMoved
}

/** What a step is worth less what it costs at the prices. */
function worthOf({ jobs, grantCost }: Prices, job: number, lowW: number, highW: number): number {
  const worth = valueAt(jobs, job, highW) - valueAt(jobs, job, lowW)
  return worth - grantCost[job]! * (highW - lowW)
}

function weightOf({ rows }: Grants, row: number, job: number): number {
  for (let i = rows.jobStart[job]!; i < rows.jobStart[job + 1]!; i++) {
    if (rows.jobRow[i] === row) return rows.jobWeight[i]!
  }
  return 0
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
    const toW = stepUp(prices, job, fromW)
    if (toW === fromW || !hasRoom(grants, job)) continue
    const gain = valueAt(jobs, job, toW) - valueAt(jobs, job, fromW)
    steps.push({ job, toW, key: gain / (costOf(prices, job, fromW, toW)) })
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
  if (!raise(grants, job, toW, false)) return false
  if (valueAt(jobs, job, grantW[job]!) > valueAt(jobs, job, fromW)
    || prices.grantCost[job] === 0) return true
  regrant(grants, job, fromW)
  return false
}

/** Whether every row above a job has some room left. O(rows of the job). */
function hasRoom(grants: Grants, job: number): boolean {
  const { jobStart, jobRow } = grants.rows
  for (let i = jobStart[job]!; i < jobStart[job + 1]!; i++) {
    if (excessOf(grants, jobRow[i]!) >= 0) return false
  }
  return true
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

/** What a raise costs at the prices, never 0, so that the gain for it can be compared. */
function costOf(prices: Prices, job: number, fromW: number, toW: number): number {
  return (prices.grantCost[job]! + prices.drawCost[job]!) * (toW - fromW) + Number.MIN_VALUE
}
