import { smooth } from '../base/smooth.ts'
import { fitStep, throughputOf } from './curve-model.ts'
import type { StepModel } from './curve-model.ts'

/** What was measured of a device under caps, which rise. */
export type MeasuredPoints = {
  readonly capW: readonly number[]
  /** In any unit. */
  readonly throughput: readonly number[]
  /** Mean draw, where somebody metered it. */
  readonly drawW: readonly number[] | undefined
}

/** Clock of a device, as a share of its highest, under caps that rise. */
export type MeasuredClock = {
  readonly capW: readonly number[]
  readonly clock: readonly number[]
  readonly idleW: number
}

/**
 * The clock at any cap: smooth through the measured points, and from the lowest down to nothing at
 * idle, because a device that cannot clock lower works a part of the time.
 */
export function clockLaw({ capW, clock, idleW }: MeasuredClock): (capW: number) => number {
  const inside = smooth([idleW, ...capW], [0, ...clock])
  return (cap) => Math.max(LEAST_CLOCK, inside(cap))
}

/**
 * Throughput at any cap, in the unit of the points: smooth through them. Below the lowest it falls
 * as the clock does, the most that it can lose; above the highest it gains what the fitted step
 * says. Where less is drawn than a cap lets, it does nothing.
 */
export function throughputLaw(
  { capW, throughput, drawW }: MeasuredPoints, clockAt: (capW: number) => number,
): (capW: number) => number {
  const last = capW.length - 1
  const inside = smooth(capW, throughput)
  // From here on a cap is known to do nothing: it lets more than is drawn at the end of the points.
  const freeFrom = (end: number) => drawW === undefined ? Infinity : drawW[end]! / BOUND_RATIO
  const freeBelowW = freeFrom(0)
  const isFreeAbove = freeFrom(last) < capW[last]!
  let model: StepModel | undefined
  return (cap) => {
    if (cap < capW[0]! && cap < freeBelowW) {
      return throughput[0]! * clockAt(cap) / clockAt(Math.min(capW[0]!, freeBelowW))
    }
    if (cap <= capW[last]! || isFreeAbove) return inside(cap)
    model ??= fitStep(capW.map(clockAt), throughput)
    const gain = throughputOf(model, clockAt(cap)) / throughputOf(model, clockAt(capW[last]!))
    return throughput[last]! * gain
  }
}

/** Under a cap that binds, the mean draw is within 3 % of it (H100, arXiv 2604.11391; A100). */
const BOUND_RATIO = 0.95

/** At idle nothing is done; a cap there is a slip, and work at it must still end. */
const LEAST_CLOCK = 0.01
