import { smooth } from '../base/smooth.ts'
import { clockOf, drawOf, fitDraw, fitStep, throughputOf } from './curve-model.ts'
import type { StepModel } from './curve-model.ts'

/** What was measured of a device under caps, which rise. */
export type MeasuredPoints = {
  readonly capW: readonly number[]
  /** In any unit. */
  readonly throughput: readonly number[]
  /** Mean draw, where somebody metered it. */
  readonly drawW: readonly number[] | undefined
}

/** Clock of a device, as a share of its highest, and its draw, under caps that rise. */
export type MeasuredClock = {
  readonly capW: readonly number[]
  readonly clock: readonly number[]
  readonly drawW: readonly number[]
}

/**
 * The clock at any cap: smooth through the measured points. Below the lowest a device draws what it
 * may, so the clock is the one that the fitted draw says.
 */
export function clockLaw({ capW, clock, drawW }: MeasuredClock): (capW: number) => number {
  const fitted = fitDraw(clock, drawW)
  const leastW = drawOf(fitted, LEAST_CLOCK)
  const inside = smooth(capW, clock)
  const miss = clock[0]! / clockOf(fitted, capW[0]!)
  return (cap) =>
    cap < capW[0]! ? miss * clockOf(fitted, Math.max(leastW, cap)) : inside(cap)
}

/**
 * Throughput at any cap, in the unit of the points: smooth through them. Below the lowest it falls
 * as the clock does, the most that it can lose. Above the highest it gains what the fitted step
 * says, but nothing where less is drawn there than the cap lets.
 */
export function throughputLaw(
  { capW, throughput, drawW }: MeasuredPoints, clockAt: (capW: number) => number,
): (capW: number) => number {
  const last = capW.length - 1
  const inside = smooth(capW, throughput)
  const isFree = drawW !== undefined && drawW[last]! < FREE_RATIO * capW[last]!
  let model: StepModel | undefined
  return (cap) => {
    if (cap < capW[0]!) return throughput[0]! * clockAt(cap) / clockAt(capW[0]!)
    if (cap <= capW[last]! || isFree) return inside(cap)
    model ??= fitStep(capW.map(clockAt), throughput)
    const gain = throughputOf(model, clockAt(cap)) / throughputOf(model, clockAt(capW[last]!))
    return throughput[last]! * gain
  }
}

/** Under a cap that binds, measured means are within 3 % of it (H100, arXiv 2604.11391; A100). */
const FREE_RATIO = 0.95

/** Clocks below this share of the highest are outside what any device runs at. */
const LEAST_CLOCK = 0.05
