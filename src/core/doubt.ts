import { NONE } from '../base/id.ts'
import { placementOf } from './allocation.ts'
import { eachDeviation } from './spread.ts'
import type { State } from './state.ts'

/**
 * How far off what is expected at a feeder may be. It grows with what changed there since its
 * meter could tell: a job that starts, and caps that move. Each job is off its curve by itself, so
 * their squares add up; the steps of one job lie on one curve, so they do not count one by one.
 */

/**
 * How far off an expectation may be, as a share of what changed: curves of the catalogue are within
 * 6 % at points that were left out (docs/curves.md); 5 % is taken as one deviation.
 */
export const CURVE_ERROR = 0.05

/** What a placed job draws is known at `knownW` a device: it draws more or less than that now. */
export function doubtMove(state: State, job: number, beforeW: number, afterW: number): void {
  const knownW = state.tables.jobs.knownW[job]!
  const before = (beforeW - knownW) * (beforeW - knownW)
  const after = (afterW - knownW) * (afterW - knownW)
  if (after > before) add(state, job, after - before)
}

/** A job starts: nothing is known of it but its class. */
export function doubtStart(state: State, job: number): void {
  const { drawW, knownW } = state.tables.jobs
  knownW[job] = drawW[job]!
  add(state, job, drawW[job]! * drawW[job]!)
}

/** What a job draws now is known: what was in doubt of it is so no more. */
export function endDoubt(state: State, job: number): void {
  const { drawW, knownW } = state.tables.jobs
  const movedW = drawW[job]! - knownW[job]!
  knownW[job] = drawW[job]!
  add(state, job, -movedW * movedW)
}

/** Adds square watts of a device to the doubts of the feeders that are kept. */
function add(state: State, job: number, square: number): void {
  if (square === 0 || state.totals.histories === 0) return
  const { doubtW, history } = state.tables.feeders
  eachDeviation(state, placementOf(state, job), 1, (feeder, devices) => {
    if (history[feeder] === NONE) return
    const byW2 = CURVE_ERROR * CURVE_ERROR * devices * devices * square
    doubtW[feeder] = Math.sqrt(Math.max(0, doubtW[feeder]! * doubtW[feeder]! + byW2))
  })
}
