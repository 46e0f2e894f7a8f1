import { convert } from '../../core/ledger.ts'
import type { State } from '../../core/state.ts'
import { RATIO_ONE } from '../../model/index.ts'

/**
 * What is truly drawn at each feeder: mean, in whole watts as the ledger adds them up, and variance
 * over time. Changes come at the racks of a job and go up its feeders; nothing is swept.
 */
export class FeederDraw {
  readonly meanW: Float64Array
  /** Square watts: devices of one job move together, jobs do not. */
  readonly variance: Float64Array
  private readonly ratioPer10k: Int32Array
  private readonly parent: Int32Array
  private readonly state: State
  private readonly over: Over
  /** Watts of deviation that one job has at each feeder that it touches, while it is added up. */
  private readonly deviationW: Float64Array

  /** An idle factory. Of `watched` feeders the time above their limits is counted. */
  constructor(state: State, watched: readonly number[]) {
    const { layout } = state
    const feeders = layout.plant.feeders.length
    this.meanW = layout.idleDrawW.slice()
    this.variance = new Float64Array(feeders)
    this.ratioPer10k = layout.feederRatio.slice()
    this.parent = layout.feederParent
    this.state = state
    this.deviationW = new Float64Array(feeders)
    this.over = {
      isWatched: new Uint8Array(feeders), sinceMs: new Float64Array(feeders).fill(-1),
      ms: new Float64Array(feeders), mostW: new Float64Array(feeders), nowMs: state.totals.nowMs,
    }
    for (const feeder of watched) this.over.isWatched[feeder] = 1
    this.limitsMoved(state.totals.nowMs, watched)
  }

  /** Adds watts at a leaf from `atMs` on; returns the watts that it makes at its root. O(depth). */
  charge(atMs: number, leaf: number, watts: number): number {
    this.over.nowMs = atMs
    let by = watts
    for (let at = leaf; by !== 0; at = this.parent[at]!) {
      const before = this.meanW[at]!
      const after = before + by
      this.meanW[at] = after
      if (this.over.isWatched[at] === 1) this.look(at)
      if (this.parent[at]! < 0) return by
      const ratio = this.ratioPer10k[at]!
      if (ratio !== RATIO_ONE) by = convert(ratio, after) - convert(ratio, before)
    }
    return 0
  }

  /**
   * Adds the variance of a job with so many devices at each leaf, or takes it away; a device's
   * deviation is `sdW`. `leaves` is leaf, devices, leaf, devices, … O(leaves × depth).
   */
  spread(leaves: Int32Array, sdW: number, sign: number): void {
    if (sdW === 0) return
    const { deviationW, parent } = this
    const { feederRatio } = this.state.layout
    const touched: number[] = []
    for (let leaf = 0; leaf < leaves.length; leaf += 2) {
      let by = leaves[leaf + 1]! * sdW
      for (let at = leaves[leaf]!; at >= 0; at = parent[at]!) {
        if (deviationW[at] === 0) touched.push(at)
        deviationW[at] = deviationW[at]! + by
        by *= feederRatio[at]! / RATIO_ONE
      }
    }
    for (const at of touched) {
      // Whole watts: what is added is taken away again to the last bit.
      const watts = Math.round(deviationW[at]!)
      this.variance[at] = Math.max(0, this.variance[at]! + sign * watts * watts)
      deviationW[at] = 0
    }
  }

  /** The weather changes what a feeder takes of its parent; returns the watts more at its root. */
  changeRatio(atMs: number, feeder: number, ratioPer10k: number): number {
    const watts = this.meanW[feeder]!
    const by = convert(ratioPer10k, watts) - convert(this.ratioPer10k[feeder]!, watts)
    this.ratioPer10k[feeder] = ratioPer10k
    const above = this.parent[feeder]!
    return above < 0 ? 0 : this.charge(atMs, above, by)
  }

  rootOf(feeder: number): number {
    let at = feeder
    while (this.parent[at]! >= 0) at = this.parent[at]!
    return at
  }

  /** Limits may be others from `atMs` on. O(feeders that are watched). */
  limitsMoved(atMs: number, watched: readonly number[]): void {
    this.over.nowMs = atMs
    for (const feeder of watched) this.look(feeder)
  }

  /** Time in which a feeder's mean draw was above its limit up to `atMs`, and the most watts. */
  overOf(feeder: number, atMs: number): { readonly ms: number, readonly mostW: number } {
    const sinceMs = this.over.sinceMs[feeder]!
    const openMs = sinceMs < 0 ? 0 : atMs - sinceMs
    return { ms: this.over.ms[feeder]! + openMs, mostW: this.over.mostW[feeder]! }
  }

  private look(feeder: number): void {
    const { over } = this
    const byW = this.meanW[feeder]! - this.state.tables.feeders.limitW[feeder]!
    const sinceMs = over.sinceMs[feeder]!
    if (byW > 0) {
      if (sinceMs < 0) over.sinceMs[feeder] = over.nowMs
      if (byW > over.mostW[feeder]!) over.mostW[feeder] = byW
    } else if (sinceMs >= 0) {
      over.ms[feeder] = over.ms[feeder]! + over.nowMs - sinceMs
      over.sinceMs[feeder] = -1
    }
  }
}

/** Since when each watched feeder is above its limit (-1: it is not), for how long in all. */
type Over = {
  readonly isWatched: Uint8Array
  readonly sinceMs: Float64Array
  readonly ms: Float64Array
  readonly mostW: Float64Array
  nowMs: number
}
