import { randomStream, type RandomStream } from '../../base/random.ts'
import type { State } from '../../core/state.ts'
import { LIMIT_KINDS, type Report } from '../../model/index.ts'
import type { FeederDraw } from './feeder-draw.ts'
import type { Power } from './power.ts'
import { TIMER, type Timers } from './timers.ts'

/** A sample that is so many deviations away is taken not to happen: once in a billion. */
const FAR = 6

const TARGET = LIMIT_KINDS.indexOf('target')

/** What samples of a feeder's draw came to. */
export type Breaches = {
  readonly feeder: number
  readonly samples: number
  readonly breaches: number
  /** Most watts that a sample, and that the mean draw was above the limit. */
  readonly worstOverW: number
  readonly meanOverW: number
  /** Time in which the mean draw was above the limit. */
  readonly overMs: number
}

/**
 * Meters of feeders: each is read every so often, and the reading is known a while later. Draw
 * varies around its mean by what its devices do, and a reading is a little wrong besides.
 */
export class Meters {
  private readonly state: State
  private readonly power: Power
  private readonly feeders: FeederDraw
  private readonly timers: Timers
  private readonly random: RandomStream
  private readonly silentUntilMs: Float64Array
  private readonly samples: Float64Array
  private readonly breaches: Float64Array
  private readonly worstOverW: Float64Array
  /** Readings that are not known yet, a list for each time. */
  private readonly waiting: Report[][] = []
  private limitEdgeMs = -1

  constructor(state: State, power: Power, feeders: FeederDraw, timers: Timers, seed: number) {
    this.state = state
    this.power = power
    this.feeders = feeders
    this.timers = timers
    this.random = randomStream(seed, 'meters')
    const count = state.layout.plant.feeders.length
    this.silentUntilMs = new Float64Array(count)
    this.samples = new Float64Array(count)
    this.breaches = new Float64Array(count)
    this.worstOverW = new Float64Array(count)
    const { meterEveryMs } = state.layout.plant.power
    const next = Math.floor(state.totals.nowMs / meterEveryMs) + 1
    timers.push(next * meterEveryMs, TIMER.meter, 0, 0)
  }

  /** A meter says nothing until then. */
  silence(feeder: number, untilMs: number): void {
    this.silentUntilMs[feeder] = Math.max(this.silentUntilMs[feeder]!, untilMs)
  }

  /** All meters are read. O(feeders that are watched + rows of limits). */
  read(atMs: number, reports: Report[]): void {
    const { meterEveryMs, meterDelayMs } = this.state.layout.plant.power
    this.timers.push(atMs + meterEveryMs, TIMER.meter, 0, 0)
    const told = this.told()
    const readings: Report[] = []
    const { watched } = this.power
    for (const feeder of [...watched, ...told.filter((each) => !watched.includes(each))]) {
      const isTold = told.includes(feeder)
      const drawW = this.sample(feeder, isTold)
      if (!isTold || atMs < this.silentUntilMs[feeder]!) continue
      readings.push({ type: 'meter', feeder, drawW: this.reading(drawW), observedAtMs: atMs })
    }
    if (meterDelayMs === 0) return void reports.push(...readings)
    this.waiting.push(readings)
    this.timers.push(atMs + meterDelayMs, TIMER.reading, 0, 0)
  }

  /** The oldest readings are known. */
  hear(reports: Report[]): void {
    reports.push(...this.waiting.shift()!)
  }

  /** Notices that other limits hold than when it last looked. */
  lookAtLimits(atMs: number): void {
    const { nextLimitAtMs, limits } = this.state.totals
    const edge = nextLimitAtMs + limits
    if (edge === this.limitEdgeMs) return
    this.limitEdgeMs = edge
    this.feeders.limitsMoved(atMs, this.power.watched)
  }

  /** By feeder that is watched, roots first. */
  counts(atMs: number): Breaches[] {
    return this.power.watched.map((feeder) => {
      const { ms: overMs, mostW: meanOverW } = this.feeders.overOf(feeder, atMs)
      return {
        feeder, samples: this.samples[feeder]!, breaches: this.breaches[feeder]!,
        worstOverW: this.worstOverW[feeder]!, meanOverW, overMs,
      }
    })
  }

  /** Feeders whose meters are reported: roots, those that were named, and those with a target. */
  private told(): number[] {
    const { layout, tables, totals } = this.state
    const { kind, feeder, endAtMs } = tables.limits
    const found = [...new Set([
      ...layout.plant.sites.map((site) => site.feeder), ...this.power.named])]
    for (let row = 0; row < totals.limitRows; row++) {
      const isTarget = kind[row] === TARGET && endAtMs[row]! > totals.nowMs
      if (isTarget && !found.includes(feeder[row]!)) found.push(feeder[row]!)
    }
    return found
  }

  /** What is drawn at an instant: no more than is granted, since the devices hold their caps. */
  private sample(feeder: number, isTold: boolean): number {
    const { limitW, grantW } = this.state.tables.feeders
    const meanW = this.feeders.meanW[feeder]!
    const variance = this.feeders.variance[feeder]!
    const marginW = limitW[feeder]! - meanW
    this.samples[feeder]!++
    const isFar = marginW > 0 && marginW * marginW > FAR * FAR * variance
    if (isFar && !isTold) return meanW
    const swingW = variance === 0 ? 0 : Math.sqrt(variance) * this.random.normal()
    const drawW = Math.min(meanW + swingW, Math.max(meanW, grantW[feeder]!))
    if (drawW > limitW[feeder]!) {
      this.breaches[feeder]!++
      this.worstOverW[feeder] = Math.max(this.worstOverW[feeder]!, drawW - limitW[feeder]!)
    }
    return drawW
  }

  private reading(drawW: number): number {
    const { meterErrorRatio } = this.state.layout.plant.power
    const factor = meterErrorRatio === 0 ? 1 : 1 + meterErrorRatio * this.random.normal()
    return Math.max(0, Math.round(drawW * factor))
  }
}
