import { exp } from '../../base/math.ts'
import { energyOf, meanPower } from '../../base/units.ts'
import type { WaveBattery } from '../../model/waveform.ts'
import { RampLimiter } from '../../supply/ramp-limiter.ts'

/**
 * A battery between the site and the grid. A ramp limiter says what the grid should see; the
 * battery's power follows the difference with its time constant, within its power and what it
 * holds. Losses are taken half on the way in and half on the way out.
 */
export class Battery {
  /** Positive when it gives. */
  outputW = 0
  chargeJ: number
  lostJ = 0
  /** The furthest that it was from what it should give: too slow, too weak, empty or full. */
  worstMissW = 0
  private readonly spec: WaveBattery
  private readonly limiter: RampLimiter
  private readonly followShare: number
  private readonly oneWayRatio: number
  private readonly stepMs: number

  constructor(spec: WaveBattery, stepMs: number, firstW: number) {
    this.spec = spec
    this.stepMs = stepMs
    this.chargeJ = spec.energyJ * spec.chargeRatio
    const { upWPerMin, downWPerMin, returnMs } = spec
    this.limiter = new RampLimiter({ upWPerMin, downWPerMin, returnMs }, stepMs, firstW)
    this.followShare = spec.responseMs > 0 ? 1 - exp(-stepMs / spec.responseMs) : 1
    this.oneWayRatio = Math.sqrt(spec.efficiencyRatio)
  }

  /** One step: returns what is taken from the grid for a load of the site. */
  next(siteW: number): number {
    const { powerW } = this.spec
    const wantedW = siteW - this.limiter.next(siteW)
    const aimW = Math.min(powerW, Math.max(-powerW, wantedW))
    this.outputW += (aimW - this.outputW) * this.followShare
    this.outputW = this.withinCharge(this.outputW)
    this.worstMissW = Math.max(this.worstMissW, Math.abs(wantedW - this.outputW))
    const movedJ = energyOf(this.outputW, this.stepMs)
    const storedJ = movedJ > 0 ? -movedJ / this.oneWayRatio : -movedJ * this.oneWayRatio
    this.chargeJ += storedJ
    this.lostJ -= storedJ + movedJ
    // The limiter brings back what the battery holds, losses and misses included.
    this.limiter.storedWms = this.aboveMiddleWms()
    return siteW - this.outputW
  }

  get chargeRatio(): number {
    return this.chargeJ / this.spec.energyJ
  }

  private aboveMiddleWms(): number {
    const { energyJ, chargeRatio } = this.spec
    return meanPower(this.chargeJ - energyJ * chargeRatio, 1)
  }

  /** Neither empty nor full can it go on. */
  private withinCharge(watts: number): number {
    const mostW = meanPower(this.chargeJ, this.stepMs) * this.oneWayRatio
    const leastW = -meanPower(this.spec.energyJ - this.chargeJ, this.stepMs) / this.oneWayRatio
    return Math.min(mostW, Math.max(leastW, watts))
  }
}
