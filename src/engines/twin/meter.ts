import { assert } from '../../base/assert.ts'
import { energyOf } from '../../base/units.ts'
import type { Layout } from '../../core/layout.ts'
import { RATIO_ONE } from '../../model/index.ts'

/** Interval in which energy is added up and checked, as utilities settle it. */
const SETTLE_MS = 900_000

/**
 * What the twin's factory draws, by site: constant between changes, in whole watts, so that the
 * energy of an interval is an exact whole number of W·ms. IT is what nodes draw; facility is what
 * the root feeder draws: IT and base loads, each with the losses and cooling above it.
 */
export class Meter {
  readonly itW: Float64Array
  readonly lossW: Float64Array
  readonly facilityW: Float64Array
  /** W·ms of the whole run and of the open interval, by site. */
  private readonly inWms: Float64Array
  private readonly outWms: Float64Array
  private readonly lostWms: Float64Array
  private sinceMs: number
  private settledMs: number
  energyJ = 0
  /** Settlement intervals in which energy in was not energy out plus losses (I11). */
  broken = 0

  /** From `atMs` on. Where the draw of each feeder is kept, that of an idle factory is given. */
  constructor(layout: Layout, atMs = 0, meanW?: Float64Array) {
    this.sinceMs = atMs
    this.settledMs = atMs
    const sites = layout.plant.sites.length
    this.itW = new Float64Array(sites)
    this.lossW = new Float64Array(sites)
    this.facilityW = new Float64Array(sites)
    this.inWms = new Float64Array(sites)
    this.outWms = new Float64Array(sites)
    this.lostWms = new Float64Array(sites)
    const idle = meanW === undefined ? idleLoads(layout) : loadsOf(layout, meanW)
    for (const load of idle) this.change(atMs, load.site, load.itW, load.facilityW)
  }

  /** Adds to the draw of a site from `atMs` on. Whole watts; negative to take away. */
  change(atMs: number, site: number, itW: number, facilityW: number): void {
    this.advance(atMs)
    this.itW[site] = this.itW[site]! + itW
    this.lossW[site] = this.lossW[site]! + (facilityW - itW)
    this.facilityW[site] = this.facilityW[site]! + facilityW
  }

  /** Accounts for the time up to `atMs`, settling each interval that ends before it. */
  advance(atMs: number): void {
    while (this.settledMs + SETTLE_MS <= atMs) {
      this.integrate(this.settledMs + SETTLE_MS)
      this.settle()
    }
    this.integrate(atMs)
  }

  /** Draw of all sites now. */
  totalW(): number {
    let sum = 0
    for (let site = 0; site < this.facilityW.length; site++) sum += this.facilityW[site]!
    return sum
  }

  /** Closes the last, short interval. */
  finish(atMs: number): void {
    this.advance(atMs)
    this.settle()
  }

  private integrate(atMs: number): void {
    const ms = atMs - this.sinceMs
    assert(ms >= 0, 'I1 a meter goes forward in time')
    if (ms === 0) return
    for (let site = 0; site < this.itW.length; site++) {
      this.inWms[site] = this.inWms[site]! + this.facilityW[site]! * ms
      this.outWms[site] = this.outWms[site]! + this.itW[site]! * ms
      this.lostWms[site] = this.lostWms[site]! + this.lossW[site]! * ms
    }
    this.sinceMs = atMs
  }

  private settle(): void {
    for (let site = 0; site < this.itW.length; site++) {
      if (this.inWms[site] !== this.outWms[site]! + this.lostWms[site]!) this.broken++
      this.energyJ += energyOf(this.inWms[site]!, 1)
      this.inWms[site] = 0
      this.outWms[site] = 0
      this.lostWms[site] = 0
    }
    this.settledMs += SETTLE_MS
  }
}

/** Facility watts for watts at a rack: through every feeder above it. */
export function facilityRatio(layout: Layout, rack: number): number {
  let ratio = 1
  for (let at = layout.feederOfRack[rack]!; at >= 0; at = layout.feederParent[at]!) {
    if (layout.feederParent[at]! >= 0) ratio *= layout.feederRatio[at]! / RATIO_ONE
  }
  return ratio
}

/** The same by site where the mean draw of each feeder is kept: what the ledger says, exactly. */
function loadsOf(
  layout: Layout, meanW: Float64Array): { site: number, itW: number, facilityW: number }[] {
  return layout.plant.sites.map(({ feeder }, site) => {
    const facilityW = meanW[feeder]!
    let itW = 0
    for (let at = 0; at < meanW.length; at++) {
      let root = at
      while (layout.feederParent[root]! >= 0) root = layout.feederParent[root]!
      if (root === feeder) itW += layout.drawBaseW[at]!
    }
    return { site, itW, facilityW }
  })
}

/** Draw of an idle factory: nodes at idle, and every base load that is not of nodes. */
function idleLoads(layout: Layout): { site: number, itW: number, facilityW: number }[] {
  const { plant } = layout
  const extraW = Float64Array.from(layout.feederBaseW)
  const loads: { site: number, itW: number, facilityW: number }[] = []
  plant.racks.forEach((rack, id) => {
    const { system } = layout.pools[rack.pool]!
    const nodes = rack.endNode - rack.firstNode
    const overheadW = system.nodeRatedW - system.gpus * system.deviceRatedW
      + system.gpus * system.deviceIdleW
    extraW[rack.feeder] = Math.max(0, extraW[rack.feeder]! - nodes * overheadW)
    const itW = Math.round(nodes * system.nodeIdleW)
    const facilityW = Math.round(itW * facilityRatio(layout, id))
    loads.push({ site: layout.siteOfRack[id]!, itW, facilityW })
  })
  const siteOfRoot = new Map(plant.sites.map((site, id) => [site.feeder, id]))
  for (let feeder = 0; feeder < extraW.length; feeder++) {
    let ratio = 1
    let at = feeder
    for (; layout.feederParent[at]! >= 0; at = layout.feederParent[at]!) {
      ratio *= layout.feederRatio[at]! / RATIO_ONE
    }
    const itW = Math.round(extraW[feeder]!)
    const site = siteOfRoot.get(at)
    if (site !== undefined) loads.push({ site, itW, facilityW: Math.round(itW * ratio) })
  }
  return loads
}
