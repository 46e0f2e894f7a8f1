import { exp } from '../base/math.ts'
import { fromSeconds, rampedBy } from '../base/units.ts'

/** What a store does for a load so that the grid sees no steeper ramp than these. */
export type RampLimits = {
  /** Watts a minute, above 0. */
  readonly upWPerMin: number
  readonly downWPerMin: number
  /** How slowly the store goes back to its middle, ms: longer for less power beside the load's. */
  readonly returnMs: number
}

/**
 * Says at each step of fixed length what to take from the grid. It is causal: it knows the load
 * until now and nothing of what comes. The grid follows the mean of the load over some seconds, so
 * that it does not chase ripple, plus what brings the store back to its middle; neither may move
 * it faster than the ramps. A step of D watts that stays takes D²/2r and a little.
 */
export class RampLimiter {
  /** What is taken from the grid. */
  gridW: number
  /** What the store holds above its middle, in W·ms, without losses. */
  storedWms = 0
  private meanW: number
  private readonly meanShare: number
  private readonly upW: number
  private readonly downW: number
  private readonly stepMs: number
  private readonly returnMs: number

  constructor(limits: RampLimits, stepMs: number, firstW: number) {
    this.gridW = firstW
    this.meanW = firstW
    this.meanShare = 1 - exp(-stepMs / MEAN_MS)
    this.upW = rampedBy(limits.upWPerMin, stepMs)
    this.downW = rampedBy(limits.downWPerMin, stepMs)
    this.stepMs = stepMs
    this.returnMs = Math.max(limits.returnMs, stepMs)
  }

  /** The next step of the load: returns the watts from the grid. */
  next(loadW: number): number {
    this.meanW += (loadW - this.meanW) * this.meanShare
    const wantedW = this.meanW - this.storedWms / this.returnMs - this.gridW
    this.gridW += Math.min(this.upW, Math.max(-this.downW, wantedW))
    this.storedWms += (this.gridW - loadW) * this.stepMs
    return this.gridW
  }
}

/** Longer than the steps of training, 0.5 to 3 s (arXiv 2508.14318), and shorter than a ramp. */
const MEAN_MS = fromSeconds(10)
