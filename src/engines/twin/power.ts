import type { State } from '../../core/state.ts'
import { forEachRackOf } from './draw.ts'
import { FeederDraw } from './feeder-draw.ts'
import { facilityRatio, Meter } from './meter.ts'
import type { Profile } from './profiles.ts'

/**
 * What one device of a job draws above idle, with its share of the node, in the part of the time in
 * which it is busy; and its standard deviation.
 */
export type DeviceDraw = {
  readonly watts: number, readonly busyRatio: number, readonly sdW: number,
}

const NOTHING: DeviceDraw = { watts: 0, busyRatio: 1, sdW: 0 }

/**
 * What the factory truly draws. Everywhere its sites are metered; where power is looked at more
 * closely (`isClose`) every feeder is, with the variance of its draw.
 */
export class Power {
  readonly meter: Meter
  readonly feeders: FeederDraw | undefined
  /** Feeders of which samples and time above their limit are counted: the roots come first. */
  readonly watched: readonly number[]
  /** Feeders that somebody asked to be watched. */
  readonly named: readonly number[]
  private readonly state: State
  private readonly ratios: Float64Array
  /** By row: leaf, devices, leaf, devices, … of the present run. */
  private readonly leaves: Int32Array[] = []

  /** Of an idle factory. `named` feeders are watched beside the roots and those that could bind. */
  constructor(state: State, isClose: boolean, named: readonly number[]) {
    const { layout } = state
    this.state = state
    this.named = named
    this.watched = isClose ? watchedOf(state, named) : []
    this.feeders = isClose ? new FeederDraw(state, this.watched) : undefined
    this.meter = new Meter(layout, state.totals.nowMs, this.feeders?.meanW)
    this.ratios = Float64Array.from(layout.plant.racks, (_, rack) => facilityRatio(layout, rack))
  }

  /** A job that came up draws what its devices do, in watts at each of its racks. O(its racks). */
  begin(atMs: number, row: number, run: Profile, draw: DeviceDraw): void {
    const { layout } = this.state
    if (this.feeders !== undefined) {
      const leaves: number[] = []
      forEachRackOf(this.state, row, (rack, devices) => {
        leaves.push(layout.feederOfRack[rack]!, devices)
        run.site = layout.siteOfRack[rack]!
      })
      this.leaves[row] = Int32Array.from(leaves)
      run.deviceW = 0
      run.deviceSdW = 0
      return this.change(atMs, row, run, draw)
    }
    let itW = 0
    let facilityW = 0
    forEachRackOf(this.state, row, (rack, devices) => {
      const watts = Math.round(devices * draw.watts * draw.busyRatio)
      itW += watts
      facilityW += Math.round(watts * this.ratios[rack]!)
      run.site = layout.siteOfRack[rack]!
    })
    run.drawW = itW
    run.facilityW = facilityW
    this.meter.change(atMs, run.site, itW, facilityW)
  }

  /** The devices of a job draw something else from now on. O(its racks × depth). */
  change(atMs: number, row: number, run: Profile, draw: DeviceDraw): void {
    const { sdW } = draw
    const watts = draw.watts * draw.busyRatio
    const { feeders } = this
    const leaves = this.leaves[row]!
    let itW = 0
    let facilityW = 0
    for (let at = 0; at < leaves.length; at += 2) {
      const devices = leaves[at + 1]!
      const byW = Math.round(devices * watts) - Math.round(devices * run.deviceW)
      itW += byW
      facilityW += feeders!.charge(atMs, leaves[at]!, byW)
    }
    feeders!.spread(leaves, run.deviceSdW, -1)
    feeders!.spread(leaves, sdW, 1)
    run.deviceW = watts
    run.deviceSdW = sdW
    run.drawW = run.drawW + itW
    run.facilityW = run.facilityW + facilityW
    this.meter.change(atMs, run.site, itW, facilityW)
  }

  /** A run ends: its devices are idle. */
  end(atMs: number, row: number, run: Profile): void {
    if (this.feeders === undefined) {
      this.meter.change(atMs, run.site, -run.drawW, -run.facilityW)
    } else {
      this.change(atMs, row, run, NOTHING)
    }
    run.drawW = 0
    run.facilityW = 0
  }

  /** Idle draw of nodes that are switched off for repair (-1), or on again (1). */
  idle(atMs: number, first: number, end: number, sign: number): void {
    const { layout } = this.state
    for (let node = first; node < end; node++) {
      const rack = layout.rackOfNode[node]!
      const itW = sign * Math.round(layout.pools[layout.poolOfRack[rack]!]!.system.nodeIdleW)
      const facilityW = this.feeders === undefined
        ? sign * Math.round(Math.abs(itW) * this.ratios[rack]!)
        : this.feeders.charge(atMs, layout.feederOfRack[rack]!, itW)
      this.meter.change(atMs, layout.siteOfRack[rack]!, itW, facilityW)
    }
  }

  /** The weather, or another cooling, where power is looked at closely. */
  changeRatio(atMs: number, feeder: number, ratioPer10k: number): void {
    const byW = this.feeders!.changeRatio(atMs, feeder, ratioPer10k)
    const root = this.feeders!.rootOf(feeder)
    const site = this.state.layout.plant.sites.findIndex((each) => each.feeder === root)
    this.meter.change(atMs, site, 0, byW)
  }
}

function watchedOf({ layout }: State, named: readonly number[]): number[] {
  const roots = layout.plant.sites.map((site) => site.feeder)
  const binding = layout.pools.flatMap((pool) => pool.binding.map(({ feeder }) => feeder))
  return [...new Set([...roots, ...named, ...binding])]
}
