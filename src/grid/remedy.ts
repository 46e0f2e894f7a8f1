import { energyOf, fromMinutes, fromSeconds, rampOf, rampTime } from '../base/units.ts'
import type { PowerTrace } from '../model/power-trace.ts'
import type { UtilityRule } from '../model/rule.ts'
import { RampLimiter } from '../supply/ramp-limiter.ts'
import { leastOf } from './band.ts'
import type { Part } from './part.ts'
import { rampOfLimit } from './ramp.ts'
import { scoreRule, type Score } from './rules.ts'
import { evenly, samplingOf, type Stretch } from './stretch.ts'

/** What would make a trace obey a rule. */
export type Remedy = {
  /** The ramps that the grid then sees at most. */
  readonly upWPerMin: number
  readonly downWPerMin: number
  /** Storage that a causal ramp limiter needs for this trace, without losses or response time. */
  readonly storageW: number
  readonly storageJ: number
  /** Whether the trace ends while the store still gives or takes, so that more may be needed. */
  readonly endsAtWork: boolean
  /** What a single step of `storageW` takes in one direction: ΔP²/2r. */
  readonly oneStepJ: number
  /** How long the largest change takes when it is staged at the ramp instead: ΔP/r. */
  readonly stagingMs: number
  /** The parts that failed and would not with it, and those that still would. */
  readonly mended: readonly string[]
  readonly left: readonly string[]
}

/**
 * Finds a store for a trace that fails: runs a causal ramp limiter over it at the ramp that the
 * rule comes to, scores what the grid would see, and halves the ramp where that still fails.
 * Undefined where nothing failed that a store could mend. O(readings), some scores of the trace.
 */
export function remedyOf(rule: UtilityRule, trace: PowerTrace, score: Score): Remedy | undefined {
  const failed = failedOf(score)
  if (failed.length === 0) return undefined
  let found: Remedy | undefined
  let ratio = 1
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const ramps = rampsOf(rule, score.peakW, ratio)
    if (ramps === undefined) return undefined
    const store = buffered(trace, ramps, score)
    const after = failedOf(scoreRule(rule, store.grid, score.peakW))
    const slower = Math.min(ramps.upWPerMin, ramps.downWPerMin)
    found = {
      ...ramps,
      storageW: store.powerW,
      storageJ: store.energyJ,
      endsAtWork: store.endW > store.powerW * AT_WORK_RATIO,
      oneStepJ: energyOf(store.powerW, rampTime(store.powerW, slower)) / 2,
      stagingMs: rampTime(store.powerW, slower),
      mended: failed.filter((part) => !after.includes(part)),
      left: after,
    }
    if (after.length === 0) return found
    ratio /= 2
  }
  return found
}

/** A few halvings: what does not pass at an eighth of the rule's ramp is not mended by ramps. */
const MOST_ROUNDS = 4

type Ramps = { readonly upWPerMin: number, readonly downWPerMin: number }

/** The slowest ramp that a part of the rule comes to, each way; undefined where none does. */
function rampsOf({ ramps, steps, bands }: UtilityRule, peakW: number, ratio: number,
): Ramps | undefined {
  const both = Math.min(
    ...steps.map((one) => rampOf(leastOf(one.changeW, one.peakRatio, peakW), one.windowMs)),
    ...bands.map((one) => rampOf(leastOf(one.swingW, one.peakRatio, peakW), BAND_MS)))
  const way = (direction: 'up' | 'down') => ratio * Math.min(both, ...ramps
    .filter((one) => one.direction === direction || one.direction === 'both')
    .map((one) => rampOfLimit(one, peakW)))
  const [upWPerMin, downWPerMin] = [way('up'), way('down')]
  const slower = Math.min(upWPerMin, downWPerMin)
  if (!Number.isFinite(slower) || slower <= 0) return undefined
  // A rule for one way only leaves the other free; a store needs some ramp for it.
  return {
    upWPerMin: Number.isFinite(upWPerMin) ? upWPerMin : slower,
    downWPerMin: Number.isFinite(downWPerMin) ? downWPerMin : slower,
  }
}

/**
 * A ramp that begins sends r·0.73 s through a filter of the second order at 0.1 Hz: exp(-π/4)/2πf.
 * A start and a stop within one window add up; four seconds leave room for ripple.
 */
const BAND_MS = 4000

type Store = {
  readonly grid: PowerTrace
  readonly powerW: number
  readonly energyJ: number
  /** Mean power of the store in the last seconds: ripple does not count. */
  readonly endW: number
}

/** A store that gives more than that at the end has not yet carried its load through a step. */
const AT_WORK_RATIO = 0.2

const END_MS = fromSeconds(20)

/** What the grid sees behind a ramp limiter without losses, and what the store gives and holds. */
function buffered(trace: PowerTrace, ramps: Ramps, { mostW, leastW }: Score): Store {
  const { stepMs, stretches } = samplingOf(trace)
  const even = stretches.map((one) => evenly(one, stepMs))
  const slower = Math.min(ramps.upWPerMin, ramps.downWPerMin)
  // Four times as long as the largest change takes, or the way back would be a change of its own.
  const returnMs = Math.max(LEAST_RETURN_MS, 4 * rampTime(mostW - leastW, slower))
  let powerW = 0
  let energyJ = 0
  const grids = even.map((stretch): Stretch => {
    const limiter = new RampLimiter({ ...ramps, returnMs }, stepMs, stretch.valueW[0]!)
    const valueW = new Float64Array(stretch.valueW.length)
    let most = 0
    let least = 0
    for (let at = 0; at < valueW.length; at++) {
      const loadW = stretch.valueW[at]!
      const gridW = limiter.next(loadW)
      valueW[at] = gridW
      powerW = Math.max(powerW, Math.abs(gridW - loadW))
      most = Math.max(most, limiter.storedWms)
      least = Math.min(least, limiter.storedWms)
    }
    energyJ = Math.max(energyJ, energyOf(most - least, 1))
    return { atMs: stretch.atMs, valueW }
  })
  const endW = Math.abs(meanOfEnd(even.at(-1)!, stepMs) - meanOfEnd(grids.at(-1)!, stepMs))
  return { grid: joined(grids), powerW, energyJ, endW }
}

function meanOfEnd({ valueW }: Stretch, stepMs: number): number {
  const last = valueW.subarray(-Math.max(1, Math.ceil(END_MS / stepMs)))
  return last.reduce((sum, watts) => sum + watts, 0) / last.length
}

const LEAST_RETURN_MS = fromMinutes(15)

function joined(stretches: readonly Stretch[]): PowerTrace {
  const only = stretches.length === 1 ? stretches[0]! : undefined
  if (only !== undefined) return { atMs: only.atMs, powerW: only.valueW }
  const length = stretches.reduce((sum, { atMs }) => sum + atMs.length, 0)
  const atMs = new Float64Array(length)
  const powerW = new Float64Array(length)
  let from = 0
  for (const stretch of stretches) {
    atMs.set(stretch.atMs, from)
    powerW.set(stretch.valueW, from)
    from += stretch.atMs.length
  }
  return { atMs, powerW }
}

function failedOf({ parts }: Score): string[] {
  return parts.filter(({ verdict, unit }: Part) => verdict === 'failed' && unit !== 'share')
    .map(({ part }) => part)
}
