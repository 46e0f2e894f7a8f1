import { AliasTable } from '../../base/alias.ts'
import { randomStream, type RandomStream } from '../../base/random.ts'
import { fromHours } from '../../base/units.ts'
import type { Layout } from '../../core/layout.ts'
import type { FaultClass } from '../../model/index.ts'

/** One fault: its class, and the nodes that it reaches. */
export type Fault = {
  readonly class: FaultClass
  /** first, end, first, end, … */
  readonly ranges: readonly number[]
  /** The device that failed, where the class is of devices; else -1. */
  readonly device: number
  /** How long the repair takes, or the slow time. */
  readonly repairMs: number
}

/** Stands where a fault was that is repaired: its slot is used again. */
export const CLOSED: Fault = {
  class: {
    name: '', ratePerHour: 0, unit: 'node', reach: 'none', repairMs: [0, 0], slowRatio: 1,
  },
  ranges: [], device: -1, repairMs: 0,
}

/**
 * Faults of a whole fleet as one stream: the hazards of all components add up, an alias table
 * says whose fault it is, and the component is drawn evenly. One pending event however many
 * components there are.
 */
export class Faults {
  private readonly classes: readonly FaultClass[]
  private readonly counts: readonly number[]
  private readonly table: AliasTable | undefined
  private readonly meanMs: number
  private readonly random: RandomStream
  private readonly layout: Layout

  constructor(layout: Layout, seed: number) {
    this.layout = layout
    this.random = randomStream(seed, 'faults')
    this.classes = layout.plant.failures.classes.filter((each) => each.ratePerHour > 0)
    this.counts = this.classes.map((each) => unitsOf(layout, each))
    const rates = this.classes.map((each, at) => each.ratePerHour * this.counts[at]!)
    const sum = rates.reduce((total, rate) => total + rate, 0)
    this.table = sum > 0 ? new AliasTable(rates) : undefined
    this.meanMs = sum > 0 ? fromHours(1 / sum) : Infinity
  }

  /** Time until the next fault; Infinity where nothing fails. Whole ms. */
  next(): number {
    return this.table === undefined ? Infinity
      : Math.ceil(this.random.exponential(this.meanMs))
  }

  draw(): Fault {
    const at = this.table!.draw(this.random)
    const faultClass = this.classes[at]!
    const unit = this.random.below(this.counts[at]!)
    const [least, most] = faultClass.repairMs
    const repairMs = Math.round(least + this.random.uniform() * (most - least))
    const device = faultClass.unit === 'device' ? unit : -1
    return { class: faultClass, ranges: this.rangesOf(faultClass, unit), device, repairMs }
  }

  private rangesOf(faultClass: FaultClass, unit: number): number[] {
    const { plant } = this.layout
    if (faultClass.unit === 'feeder' || faultClass.reach === 'feeder') {
      return nodesBelow(
        this.layout, faultClass.unit === 'feeder' ? unit : this.feederOf(faultClass, unit))
    }
    if (faultClass.unit === 'rack') {
      return [plant.racks[unit]!.firstNode, plant.racks[unit]!.endNode]
    }
    const node = this.nodeOf(faultClass, unit)
    if (faultClass.reach !== 'rack') return [node, node + 1]
    const rack = plant.racks[this.layout.rackOfNode[node]!]!
    return [rack.firstNode, rack.endNode]
  }

  private nodeOf(faultClass: FaultClass, unit: number): number {
    return faultClass.unit === 'device' ? nodeOfDevice(this.layout, unit) : unit
  }

  private feederOf(faultClass: FaultClass, unit: number): number {
    const rack = faultClass.unit === 'rack' ? unit
      : this.layout.rackOfNode[this.nodeOf(faultClass, unit)]!
    return this.layout.feederOfRack[rack]!
  }
}

/** Node ranges of all racks below a feeder, neighbours joined. O(racks × depth). */
export function nodesBelow(layout: Layout, feeder: number): number[] {
  const ranges: number[] = []
  for (const rack of layout.plant.racks) {
    let at = rack.feeder
    while (at > feeder) at = layout.feederParent[at]!
    if (at !== feeder) continue
    if (ranges.at(-1) === rack.firstNode) ranges[ranges.length - 1] = rack.endNode
    else ranges.push(rack.firstNode, rack.endNode)
  }
  return ranges
}

/** Node that holds a device. O(log nodes). */
export function nodeOfDevice(layout: Layout, device: number): number {
  let low = 0
  let high = layout.plant.nodes - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (layout.firstDevice[middle]! <= device) low = middle
    else high = middle - 1
  }
  return low
}

/** Mean repair of faults that take nodes down, each class by how often it strikes; ms. */
export function meanRepairMs(layout: Layout): number {
  let rates = 0
  let sum = 0
  for (const each of layout.plant.failures.classes) {
    if (each.reach === 'slow' || each.reach === 'none') continue
    const rate = each.ratePerHour * unitsOf(layout, each)
    rates += rate
    sum += rate * (each.repairMs[0] + each.repairMs[1]) / 2
  }
  return rates > 0 ? sum / rates : 0
}

function unitsOf(layout: Layout, each: FaultClass): number {
  switch (each.unit) {
    case 'device': return layout.devices
    case 'node': return layout.plant.nodes
    case 'rack': return layout.plant.racks.length
    case 'feeder': return layout.plant.feeders.length
  }
}
