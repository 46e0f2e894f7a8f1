import type { Curves } from './curve.ts'
import type { Feeder, PlannedLimit, PowerPlan } from './power.ts'
import type { Queue } from './queue.ts'
import type { FailurePlan } from './failure.ts'
import type { Cooling } from './cooling.ts'
import type { Supply } from './supply.ts'

/**
 * The plant, resolved: what a factory file and the catalogue say together. Children are
 * contiguous: the racks of a row are [firstRack, endRack), and so on up to the site, so that
 * containment is two comparisons. Plain data, small: a row for each rack, none for a node.
 */
export type Plant = {
  readonly name: string
  readonly systems: readonly System[]
  /** Names of the device types that the systems hold, e.g. "H100"; jobs ask for them by index. */
  readonly devices: readonly string[]
  readonly sites: readonly Site[]
  readonly halls: readonly Hall[]
  readonly rows: readonly Row[]
  readonly racks: readonly Rack[]
  readonly pools: readonly Pool[]
  readonly speeds: Speeds
  readonly curves: Curves
  readonly power: PowerPlan
  /** Limits and budgets over time, beside those of the feeders. */
  readonly limits: readonly PlannedLimit[]
  readonly feeders: readonly Feeder[]
  readonly queues: readonly Queue[]
  /** Time in which past use of the factory counts half, where the order is by fair share. */
  readonly usageHalfLifeMs: number
  readonly failures: FailurePlan
  readonly nodes: number
  readonly gpus: number
}

export type Site = {
  readonly name: string
  readonly firstHall: number
  readonly endHall: number
  /** Root of the site's power tree. */
  readonly feeder: number
  /** What gives it its watts, where the file says. */
  readonly supplies?: readonly Supply[]
  /** Whether it has no grid that follows its load, so that a reserve must spin. */
  readonly isIslanded?: boolean
}

export type Hall = {
  readonly name: string
  readonly site: number
  readonly firstRow: number
  readonly endRow: number
  /** Where its cooling depends on the weather; its feeder's ratio is then that of the worst. */
  readonly cooling?: Cooling
}

export type Row = {
  readonly name: string
  readonly hall: number
  readonly firstRack: number
  readonly endRack: number
}

export type Rack = {
  readonly name: string
  readonly row: number
  readonly pool: number
  /** Leaf of the power tree that feeds this rack. */
  readonly feeder: number
  readonly firstNode: number
  readonly endNode: number
}

/** Racks of one system that serve the same queues. A gang never spans two pools. */
export type Pool = {
  readonly name: string
  readonly system: number
}

/** How fast the device types of the plant train, by class of work. */
export type Speeds = {
  /** The device of the catalogue whose speed is 1. */
  readonly reference: string
  /** Speeds in the order of `Plant.devices`; the first class is that of all other work. */
  readonly classes: readonly { readonly name: string, readonly byDevice: readonly number[] }[]
}

/** One kind of node and the rack it comes in. Watts are of one device or of one whole node. */
export type System = {
  readonly name: string
  /** Index in `Plant.devices`, or -1 for a node without GPUs. */
  readonly device: number
  readonly gpus: number
  readonly cpus: number
  readonly memoryGiB: number
  /** The domain in which devices talk over NVLink (or Infinity Fabric): its node or its rack. */
  readonly linkDomain: 'node' | 'rack'
  /** Training throughput of a device against the reference's, of the first class of work. */
  readonly speed: number
  readonly deviceIdleW: number
  /** Highest power cap of a device: what a job is charged for each device, until capped. */
  readonly deviceRatedW: number
  /** Node with its devices idle, in training, and at its rating; a rack of them is rounded up. */
  readonly nodeIdleW: number
  readonly nodeTypicalW: number
  readonly nodeRatedW: number
}
