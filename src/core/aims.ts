import { LIMIT_KINDS, PHASE, type Placement } from '../model/index.ts'
import { placementOf } from './allocation.ts'
import { drawOf } from './caps.ts'
import { biasW, doubtW, type DoubtAhead } from './doubt.ts'
import { leastSinceW, RAMP_WINDOW_MS } from './history.ts'
import { isReturning, leastLimitsW, leastOfCourseW, lowerToLimits } from './limits.ts'
import { isStale, isUnheard } from './meters.ts'
import { devicesAt, eachDeviation } from './spread.ts'
import type { State } from './state.ts'
import { surgeSinceW, type Raise } from './surge.ts'

/**
 * What draw is aimed at: below the targets of the grid by a margin, no faster up than the rules and
 * the return from a target allow, and below limits where they are sold over.
 */

const TARGET = LIMIT_KINDS.indexOf('target')

/**
 * A target is held within 1 % of the draw from which it began: what is asked to be 25 % less is
 * 25.0 to 26.0 % less. The aim is the middle, as far from too much as from too little.
 */
const BAND_RATIO = 0.01
const MIDDLE = 0.5
/** What may not be passed by anything that goes up lies so far inside the band. */
const EDGE = 0.1

/** The aim is so many deviations of what is in doubt below the edge, where that is further. */
const SURE = 3
/** And what goes up stays so many below the edge. */
const EDGE_SURE = 2

/** What is in doubt comes off the aim up to this share: a deeper dip is no better. */
const DOUBT_MOST_RATIO = 0.015

/** A rise is expected, and may be off by what curves are off: a job that starts by two of that. */
const RISE_SHARE = 0.85

/**
 * The aim in the middle of the band; or its upper edge, which nothing that goes up may pass, no
 * faster than what rises may.
 */
export type Aim = 'middle' | 'edge'

/**
 * Writes the most that may be booked as drawn at each feeder between two times; Infinity where
 * nothing says so. What meters say is drawn beyond what is booked is taken off. O(feeders + rows).
 */
export function drawAims(
  state: State, fromMs: number, untilMs: number, aim: Aim, into: Float64Array,
  options: AimOptions = {}): void {
  into.fill(Infinity)
  lowerToAims(state, fromMs, untilMs, aim, into, options)
}

/** Lowers `into` where something says so. O(rows). */
export function lowerToAims(
  state: State, fromMs: number, untilMs: number, aim: Aim, into: Float64Array,
  { stepW = noStep, ahead, raise }: AimOptions): void {
  const { limits, feeders } = state.tables
  for (let row = 0; row < state.totals.limitRows; row++) {
    if (limits.kind[row] !== TARGET) continue
    const feeder = limits.feeder[row]!
    const watts = leastOfCourseW(state, row, fromMs, untilMs)
    if (watts === Infinity || isStale(state, feeder)) continue
    const aimW = watts - marginW(state, row, aim, ahead) - biasW(state, feeder, ahead)
    const isHeld = aim === 'edge' && isUnheard(state, feeder)
    const mostW = isHeld ? Math.min(aimW, feeders.drawW[feeder]!) : aimW
    into[feeder] = Math.min(into[feeder]!, mostW)
  }
  if (aim === 'middle') return
  for (const rise of rises(state)) {
    const { feeder } = rise
    const roomW = roomToRiseW(state, rise, raise)
    // What cannot go up in steps that are small enough goes up alone, when all else is still.
    const mostW = hasNoRise(state, feeder) ? Math.max(roomW, stepW(feeder)) : roomW
    into[feeder] = Math.min(into[feeder]!, feeders.drawW[feeder]! + mostW)
  }
}

type AimOptions = {
  /** Least step up at a feeder, W, of a job that cannot do with less; 0: there is none. */
  readonly stepW?: (feeder: number) => number
  /** What is in doubt once what is aimed at is so. */
  readonly ahead?: DoubtAhead | undefined
  /** What goes up is the raise of a cap, with so many devices below a feeder. */
  readonly raise?: RaiseAt | undefined
}

type RaiseAt = { readonly raise: Raise, readonly devicesAt: (feeder: number) => number }

function noStep(): number {
  return 0
}

/** Watts by which a target's aim lies below it. O(1). */
function marginW(state: State, row: number, aim: Aim, ahead?: DoubtAhead): number {
  const { limits } = state.tables
  const fromW = limits.fromW[row]!
  const allW = doubtW(state, limits.feeder[row]!, ahead)
  const unsureW = Math.min(allW, DOUBT_MOST_RATIO * fromW)
  const innerW = EDGE * BAND_RATIO * fromW
  const edgeW = innerW + EDGE_SURE * unsureW
  if (aim === 'edge') return edgeW
  const middleW = Math.max(MIDDLE * BAND_RATIO * fromW, innerW + SURE * unsureW)
  // What is down is booked as drawn. So much is free until it comes back, and is a margin then.
  const downW = state.tables.feeders.downW[limits.feeder[row]!]!
  return Math.max(edgeW, middleW - downW)
}

/** So near to its aim, as a share of the draw from which a target began, all is well. Guess. */
const STILL_RATIO = 0.0005

/**
 * Whether what is expected, once all orders are carried out, lies in the band of every target
 * between two times. O(rows, and racks of jobs with open orders).
 */
export function isOnTarget(state: State, fromMs: number, untilMs: number): boolean {
  const { limits } = state.tables
  for (let row = 0; row < state.totals.limitRows; row++) {
    if (limits.kind[row] !== TARGET) continue
    const feeder = limits.feeder[row]!
    const watts = leastOfCourseW(state, row, fromMs, untilMs)
    if (watts === Infinity) continue
    if (isStale(state, feeder)) return false
    const slackW = watts - orderedDrawW(state, feeder) - biasW(state, feeder)
    const middleW = marginW(state, row, 'middle')
    const edgeW = marginW(state, row, 'edge')
    // Where nodes are down the middle may be the edge.
    const awayW = Math.max((middleW - edgeW) / 2, STILL_RATIO * limits.fromW[row]!)
    if (slackW < middleW - awayW || slackW > middleW + awayW) return false
  }
  return true
}

/** Watts by which draw at a feeder may be ordered down at a time. */
export type Fall = { readonly feeder: number, mostW: number }

/**
 * In a target caps are exchanged between jobs a little at a time, since what goes down acts before
 * what goes up: by a hundredth of the draw from which it began, more by what must come down, less
 * by what is missing already, since what came down before may not be made up for yet, and by what
 * the aim lies below the middle of the band for the sake of what is in doubt. Nothing is
 * exchanged while orders are on their way, or while what goes up has to wait for a reading. What
 * waits for watts starts at once or not at all, so what it draws may come down at once as well.
 */
export function falls(
  state: State, fromMs: number, untilMs: number, claimedW?: Float64Array): Fall[] {
  const { limits } = state.tables
  const found: Fall[] = []
  for (let row = 0; row < state.totals.limitRows; row++) {
    if (limits.kind[row] !== TARGET) continue
    const feeder = limits.feeder[row]!
    const watts = leastOfCourseW(state, row, fromMs, untilMs)
    if (watts === Infinity || isStale(state, feeder)) continue
    const middleW = marginW(state, row, 'middle')
    const overW = orderedDrawW(state, feeder) + biasW(state, feeder) + middleW - watts
    const isStill = state.totals.openCaps === 0 && !isUnheard(state, feeder)
    const { fromW } = limits
    const bandW = BAND_RATIO * fromW[row]!
      - Math.max(0, middleW - MIDDLE * BAND_RATIO * fromW[row]!)
    const swapW = !isStill ? 0 : Math.max(0, bandW) + (claimedW?.[feeder] ?? 0)
    found.push({ feeder, mostW: Math.max(0, overW + swapW) })
  }
  return found
}

/** What is expected at a feeder when every open order of a cap is in force. O(jobs + racks). */
export function orderedDrawW(state: State, feeder: number): number {
  const { jobs, feeders } = state.tables
  if (state.totals.openCaps === 0) return feeders.drawW[feeder]!
  return drawUnderW(state, feeder, jobs.orderedW, (job) => jobs.capAtMs[job] !== 0)
}

/** What is expected at a feeder with all jobs at their safe caps. O(jobs + racks). */
export function safeDrawW(state: State, feeder: number): number {
  const { jobs } = state.tables
  return drawUnderW(state, feeder, jobs.safeW, (job) => jobs.gpus[job]! > 0)
}

/** What is expected at a feeder with some jobs under other caps. O(jobs + their racks). */
function drawUnderW(
  state: State, feeder: number, capW: ArrayLike<number>, isCapped: (job: number) => boolean,
): number {
  const { jobs, feeders } = state.tables
  let watts = feeders.drawW[feeder]!
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (jobs.phase[job]! < PHASE.starting || !isCapped(job)) continue
    const pool = state.layout.pools[jobs.pool[job]!]!
    const byW = drawOf(state, job, pool, capW[job]!) - jobs.drawW[job]!
    if (byW !== 0) watts += byW * devicesAt(state, placementOf(state, job), feeder)
  }
  return watts
}

/**
 * Writes the most that may be granted at each feeder between two times. A target whose meter is
 * silent counts among them: what is granted there counts as drawn. O(feeders + rows).
 */
export function grantMost(
  state: State, fromMs: number, untilMs: number, into: Float64Array): void {
  into.set(state.layout.feederLimitW)
  lowerToGrants(state, fromMs, untilMs, into)
}

/** Lowers `into` where something says so. O(rows). */
export function lowerToGrants(
  state: State, fromMs: number, untilMs: number, into: Float64Array): void {
  lowerToLimits(state, fromMs, untilMs, false, into)
  if (state.totals.targets === 0) return
  const { limits } = state.tables
  for (let row = 0; row < state.totals.limitRows; row++) {
    const feeder = limits.feeder[row]!
    if (limits.kind[row] !== TARGET || !isStale(state, feeder)) continue
    const watts = Math.floor(leastOfCourseW(state, row, fromMs, untilMs))
    into[feeder] = Math.min(into[feeder]!, watts)
  }
}

/** A job that comes to draw at its placement, or ceases to (-1), with its deviation there. */
export type Swing = { readonly placement: Placement, readonly sdW: number, readonly sign: number }

/**
 * Writes the most that may be drawn on average under the limits between two times so that they are
 * passed no oftener than is allowed, once these jobs swing as well. O(feeders + rows + racks).
 */
export function soldOverMost(
  state: State, fromMs: number, untilMs: number, swings: readonly Swing[], into: Float64Array,
): void {
  const { variance } = state.tables.feeders
  const { overDeviations } = state.layout
  const more = new Float64Array(into.length)
  for (const { placement, sdW, sign } of swings) {
    eachDeviation(state, placement, sdW, (feeder, watts) => {
      more[feeder] = more[feeder]! + sign * watts * watts
    })
  }
  leastLimitsW(state, fromMs, untilMs, false, into)
  for (let feeder = 0; feeder < into.length; feeder++) {
    const sdW = Math.sqrt(Math.max(0, variance[feeder]! + more[feeder]!))
    into[feeder] = into[feeder]! - overDeviations * sdW - biasW(state, feeder)
  }
}

/** A feeder whose draw may rise by so many watts within a minute. */
type Rise = { readonly feeder: number, readonly byW: number }

/** Rules of sites, and returns from targets while they last and for a while after. O(rows). */
export function rises(state: State): Rise[] {
  const { layout, totals, tables } = state
  const { limits } = tables
  const found: Rise[] = []
  if (totals.isPowered === 0) return found
  if (layout.isRamped) {
    layout.plant.sites.forEach(({ feeder }, site) => {
      const rampW = layout.plant.power.rampUpWPerMin[site]!
      if (rampW < Infinity) found.push({ feeder, byW: rampW })
    })
  }
  if (totals.returnUntilMs <= totals.nowMs) return found
  for (let row = 0; row < totals.limitRows; row++) {
    if (!isReturning(state, row)) continue
    const rampMs = limits.endAtMs[row]! - limits.holdEndAtMs[row]!
    const byW = (limits.fromW[row]! - limits.watts[row]!) / rampMs * RAMP_WINDOW_MS
    found.push({ feeder: limits.feeder[row]!, byW })
  }
  return found
}

/** Whether nothing rose at a feeder within a minute, nor is about to. O(1). */
function hasNoRise(state: State, feeder: number): boolean {
  const sinceMs = state.totals.nowMs - RAMP_WINDOW_MS
  return leastSinceW(state, feeder, sinceMs) >= state.tables.feeders.drawW[feeder]!
}

/**
 * Watts by which draw may be booked higher now: what rose within a minute counts, and what raises
 * may bring beyond what is booked for them. O(1).
 */
function roomToRiseW(state: State, { feeder, byW }: Rise, at?: RaiseAt): number {
  const sinceMs = state.totals.nowMs - RAMP_WINDOW_MS
  const surgeW = surgeSinceW(state, feeder, sinceMs, at?.devicesAt(feeder) ?? 0, at?.raise)
  const mostW = Math.floor(Math.min(RISE_SHARE * byW, byW - surgeW))
  return Math.max(0, leastSinceW(state, feeder, sinceMs) + mostW
    - state.tables.feeders.drawW[feeder]!)
}
