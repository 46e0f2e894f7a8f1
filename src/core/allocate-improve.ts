import { totalValue } from './allocate-curve.ts'
import { cut, fill } from './allocate-finish.ts'
import { isFeasible, regrant, type Grants } from './allocate-grants.ts'
import { hullOf, type Prices } from './allocate-prices.ts'

/** Trials at most: a small instance needs a few for each feeder that binds. */
const TRIALS = 600
/** So many jobs are tried at most in all trials: of many jobs one is worth little. */
const TRIED_JOBS = 600_000
/** Nothing is tried where the value is this close to the bound: a third of what is promised. */
const ENOUGH = 3e-4

/**
 * Rounding leaves a few jobs on the wrong side of a gap where nothing can be set. Each job that the
 * prices leave near such a gap is put on its other side, the rest is cut and filled around it,
 * and that is kept where it is worth more. O(trials x jobs below the feeders that bind).
 */
export function improve(prices: Prices, grants: Grants, boundValue: number): void {
  if (!isFeasible(grants)) return
  const search = { prices, grants, value: totalValue(grants.jobs, grants.grantW), trials: 0 }
  const most = Math.min(TRIALS, TRIED_JOBS / grants.grantW.length)
  const isDone = (): boolean => (
    boundValue - search.value <= ENOUGH * boundValue || search.trials >= most)
  for (let hasGained = true; hasGained && !isDone();) {
    hasGained = false
    const turns = turnsOf(prices, grants)
    for (let at = 0; at < turns.length && !isDone(); at++) {
      if (tryTurns(search, [turns[at]!])) hasGained = true
    }
    // Two together only where one alone no longer helps, the nearest first.
    for (let sum = 1; !hasGained && sum < PAIRED && !isDone(); sum++) {
      for (let low = 0; low < sum - low && !isDone(); low++) {
        const high = sum - low
        if (high >= turns.length || turns[low]!.job === turns[high]!.job) continue
        if (!tryTurns(search, [turns[low]!, turns[high]!])) continue
        hasGained = true
        break
      }
    }
  }
}

/** Pairs of turns are tried while their places in the order add up to less than this. */
const PAIRED = 40

type Search = {
  readonly prices: Prices
  readonly grants: Grants
  value: number
  trials: number
}

/** Makes turns, cuts and fills the rest around them, and keeps that where it is worth more. */
function tryTurns(search: Search, turns: readonly Turn[]): boolean {
  const { prices, grants } = search
  if (turns.every(({ job, toW }) => grants.grantW[job] === toW)) return false
  search.trials++
  const before = save(grants)
  for (const { job, toW } of turns) regrant(grants, job, toW)
  cut(prices, grants, turns.map(({ job }) => job))
  fill(prices, grants)
  const now = totalValue(grants.jobs, grants.grantW)
  if (now > search.value * (1 + 1e-12) && isFeasible(grants)) {
    search.value = now
    return true
  }
  restore(grants, before)
  return false
}

type Turn = { readonly job: number; readonly toW: number; readonly lost: number }

/** The other points of each job's hull that cost it least at the prices, cheapest first. */
function turnsOf(prices: Prices, { jobs, grantW }: Grants): Turn[] {
  const turns: Turn[] = []
  const { line, grantCost, drawCost } = prices
  for (let job = 0; job < grantW.length; job++) {
    if (grantCost[job] === 0 && drawCost[job] === 0) continue
    const size = hullOf(prices, job)
    let best = -Infinity
    for (let i = 0; i < size; i++) best = Math.max(best, jobs.value[line.hull[i]!]! - line.x[i]!)
    const worth = jobs.value[jobs.pointStart[job + 1]! - 1]!
    for (let i = 0; i < size; i++) {
      const k = line.hull[i]!
      const lost = best - (jobs.value[k]! - line.x[i]!)
      if (lost > NEAR * worth || jobs.grantW[k] === grantW[job]) continue
      turns.push({ job, toW: jobs.grantW[k]!, lost })
    }
  }
  return turns.sort((a, b) => a.lost - b.lost || a.job - b.job || a.toW - b.toW)
}

/** A point that loses more than this part of the job's value against its best is not tried. */
const NEAR = 0.1

type Saved = { grantW: Float64Array; loadW: Float64Array; drawW: Float64Array }

function save({ grantW, loadW, drawW }: Grants): Saved {
  return { grantW: grantW.slice(), loadW: loadW.slice(), drawW: drawW.slice() }
}

function restore({ grantW, loadW, drawW }: Grants, saved: Saved): void {
  grantW.set(saved.grantW)
  loadW.set(saved.loadW)
  drawW.set(saved.drawW)
}
