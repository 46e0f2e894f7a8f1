import { rampedBy } from '../../base/units.ts'
import type { WaveJob } from '../../model/waveform.ts'
import { presentAt } from './job.ts'

/**
 * Power smoothing as the firmware of GB200 and GB300 does it (NVML `nvmlPowerSmoothing*`: a floor,
 * ramp-up and ramp-down rates, and a hysteresis before the fall). Below the floor or above the
 * fall the devices burn; above the rise the work waits.
 */
export class Smoothing {
  /** Watts·ms that were burnt beyond what was asked, and asked for but not drawn. */
  burntWms = 0
  withheldWms = 0
  private drawW: number
  private heldUntilMs = 0
  private readonly job: WaveJob
  private readonly stepMs: number
  private readonly upW: number
  private readonly downW: number

  constructor(job: WaveJob, stepMs: number, firstW: number) {
    this.job = job
    this.stepMs = stepMs
    this.upW = rampedBy(job.smoothing.upWPerMin, stepMs)
    this.downW = rampedBy(job.smoothing.downWPerMin, stepMs)
    this.drawW = Math.max(firstW, this.floorAt(0))
  }

  /** What the devices draw when so much is asked for. */
  next(askedW: number, atMs: number): number {
    const { end, smoothing } = this.job
    const wantedW = Math.max(askedW, this.floorAt(atMs))
    if (end.isHard && atMs >= end.atMs) {
      this.drawW = askedW
    } else if (wantedW >= this.drawW) {
      this.drawW = Math.min(wantedW, this.drawW + this.upW)
      this.heldUntilMs = atMs + smoothing.holdMs
    } else if (atMs >= this.heldUntilMs) {
      this.drawW = Math.max(wantedW, this.drawW - this.downW)
    }
    const beyondW = this.drawW - askedW
    if (beyondW > 0) this.burntWms += beyondW * this.stepMs
    else this.withheldWms -= beyondW * this.stepMs
    return this.drawW
  }

  /** The floor of the devices that work. */
  private floorAt(atMs: number): number {
    const { floorW } = this.job.smoothing
    return floorW === 0 ? 0 : floorW * presentAt(this.job, atMs)
  }
}
