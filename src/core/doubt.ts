import { NONE } from '../base/id.ts'
import { fromMinutes } from '../base/units.ts'
import type { Placement } from '../model/job.ts'
import { eachDeviation } from './spread.ts'
import type { State } from './state.ts'

/**
 * How far off what is expected may be, and what meters tell of it. Each job may be off its curve by
 * itself (`unknown` is the sum of their squares), and the mean of what readings were off by
 * (`offW`) is itself uncertain (`offVariance`). What is believed lies between the two: nothing is
 * off, and all that was read is so. (A Kalman filter of one state, its prior kept apart.)
 */

/**
 * How far off a job may be, as a share of what it draws: curves of the catalogue are within 6 % at
 * points that were left out (docs/curves.md); 5 % is taken as one deviation.
 */
const CURVE_ERROR = 0.05

/** Guess: what nobody modelled, as a share of all that is drawn: a meter, a pump, a fan. */
const REST_ERROR = 0.002

/** What caps that are not in force yet would add, by feeder: see doubt-ahead.ts. */
export type DoubtAhead = {
  readonly unknown: Float64Array
  readonly offVariance: Float64Array
  /** Watts by which what readings were off by grows with what jobs draw. */
  readonly offW: Float64Array
  /** Watts of what is off that the caps hold back, and the part of the variance they leave. */
  readonly heldW: Float64Array
  readonly leftRatio: Float64Array
}

/** Watts that a feeder draws beyond what is booked there, as believed. O(1). */
export function biasW(state: State, feeder: number, ahead?: DoubtAhead): number {
  const { offW, offVariance } = state.tables.feeders
  if (offVariance[feeder] === NONE) return 0
  const prior = priorOf(state, feeder) + (ahead?.unknown[feeder] ?? 0)
  const sum = prior + offVariance[feeder]! + (ahead?.offVariance[feeder] ?? 0)
  const allW = sum === 0 ? 0 : (offW[feeder]! + (ahead?.offW[feeder] ?? 0)) * (prior / sum)
  return allW - (ahead?.heldW[feeder] ?? 0)
}

/** One deviation of that, in watts. O(1). */
export function doubtW(state: State, feeder: number, ahead?: DoubtAhead): number {
  const { offVariance } = state.tables.feeders
  const prior = priorOf(state, feeder) + (ahead?.unknown[feeder] ?? 0)
  const leftRatio = ahead?.leftRatio[feeder] ?? 1
  if (offVariance[feeder] === NONE) return Math.sqrt(Math.max(0, prior * leftRatio))
  const off = offVariance[feeder]! + silentVariance(state, feeder)
    + (ahead?.offVariance[feeder] ?? 0)
  const sum = prior + off
  return sum <= 0 ? 0 : Math.sqrt(Math.max(0, prior * (off / sum) * leftRatio))
}

/**
 * How fast draw drifts away from what was learnt, as a share a minute: in the Phoenix event it
 * drifted 1.6 kW of 65 kW in 150 minutes under caps that stood still.
 */
const DRIFT_PER_MIN = 0.00016

/** What may have drifted in a while, in square watts. O(1). */
export function driftVariance(state: State, feeder: number, ms: number): number {
  const driftW = DRIFT_PER_MIN * state.tables.feeders.drawW[feeder]! * (ms / fromMinutes(1))
  return driftW * driftW
}

/** What may have drifted since something was learnt. O(1). */
function silentVariance(state: State, feeder: number): number {
  const { tables, totals } = state
  const row = tables.feeders.history[feeder]!
  if (row === NONE) return 0
  const learntAtMs = tables.histories.learntAtMs[row]!
  return learntAtMs === NONE ? 0 : driftVariance(state, feeder, totals.nowMs - learntAtMs)
}

/** What may be off before any reading, in square watts. O(1). */
export function priorOf({ tables }: State, feeder: number): number {
  const { unknown, drawW } = tables.feeders
  const restW = REST_ERROR * drawW[feeder]!
  return unknown[feeder]! + restW * restW
}

/** How far a device's draw may be off, where it is known at another draw. */
export function unsureOf(drawW: number, knownW: number): number {
  return CURVE_ERROR * Math.abs(drawW - knownW)
}

/**
 * A job comes (1) or goes (-1): what readings were off by said nothing of it, or did so.
 * O(racks × depth).
 */
export function doubtJob(state: State, placement: Placement, unsureW: number, sign: number): void {
  eachDeviation(state, placement, unsureW, (feeder, watts) => {
    const { unknown, offW, offVariance } = state.tables.feeders
    const its = watts * watts
    if (sign < 0 && offVariance[feeder] !== NONE) {
      offW[feeder] = offW[feeder]! - biasW(state, feeder) * (its / priorOf(state, feeder))
    }
    unknown[feeder] = unknown[feeder]! + sign * its
    if (offVariance[feeder] !== NONE) offVariance[feeder] = offVariance[feeder]! + its
  })
}

/** A job is known as it draws now: nothing of it is in doubt. O(racks × depth). */
export function doubtKnown(state: State, placement: Placement, beforeW: number): void {
  const { unknown } = state.tables.feeders
  eachDeviation(state, placement, beforeW, (feeder, watts) => {
    unknown[feeder] = unknown[feeder]! - watts * watts
  })
}

/**
 * Watts by which a job's part of what is off at a feeder grows, when it may be off by `afterW`
 * instead of `beforeW` there: a job that is off its curve is so in proportion to its draw. O(1).
 */
export function offGrowthW(
  state: State, feeder: number, beforeW: number, afterW: number): number {
  const prior = priorOf(state, feeder)
  return prior <= 0 ? 0 : biasW(state, feeder) * (beforeW / prior) * (afterW - beforeW)
}

/** A job may be off by more or less, since it draws something else. O(racks × depth). */
export function doubtMove(
  state: State, placement: Placement, beforeW: number, afterW: number, movedW: number): void {
  const { unknown, offW, offVariance } = state.tables.feeders
  eachDeviation(state, placement, beforeW, (feeder, watts) => {
    if (offVariance[feeder] === NONE) return
    const growthW = offGrowthW(state, feeder, watts, watts * (afterW / beforeW))
    offW[feeder] = offW[feeder]! + growthW
  })
  eachDeviation(state, placement, beforeW, (feeder, watts) => {
    unknown[feeder] = unknown[feeder]! - watts * watts
  })
  eachDeviation(state, placement, afterW, (feeder, watts) => {
    unknown[feeder] = unknown[feeder]! + watts * watts
  })
  eachDeviation(state, placement, movedW, (feeder, watts) => {
    if (offVariance[feeder] === NONE) return
    offVariance[feeder] = offVariance[feeder]! + watts * watts
  })
}
