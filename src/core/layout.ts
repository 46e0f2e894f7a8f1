import { bitsetWords } from '../base/bitset.ts'
import { assert } from '../base/assert.ts'
import { normalQuantile } from '../base/math.ts'
import type { Plant, System } from '../model/site.ts'
import { RATIO_ONE } from '../model/power.ts'
import { quotaTreeOf, type QuotaTree } from './quota.ts'
import { cellsLayoutOf, type CellsLayout } from './supply-cells.ts'

/**
 * The plant as columns that never change: shared by a state and all its forks. Domains are the
 * topology of one pool each, so a row that holds racks of two pools is two domains; the ids of a
 * pool's racks, rows, halls and sites are contiguous, in that order.
 */
export type Layout = {
  readonly plant: Plant
  readonly rackOfNode: Int32Array
  readonly firstDevice: Int32Array
  readonly poolOfRack: Int32Array
  readonly siteOfRack: Int32Array
  readonly feederOfRack: Int32Array
  /** The node after a rack's last one. */
  readonly endNodeOfRack: Int32Array
  /** Domain of each rack, and for each domain its parent, children, level and pool. */
  readonly domainOfRack: Int32Array
  readonly parent: Int32Array
  readonly firstChild: Int32Array
  readonly endChild: Int32Array
  readonly place: Int32Array
  readonly domainPool: Int32Array
  readonly domainNodes: Int32Array
  readonly domains: number
  readonly pools: readonly PoolLayout[]
  /** Pools by queue and device type: see `usablePools`. */
  readonly usable: readonly (readonly number[])[]
  /** Device type of the first of those pools that has devices, or -1: see `baseDevice`. */
  readonly bases: Int32Array
  readonly devices: number
  /** Training throughput by device type: see speeds.ts. */
  readonly speeds: Float64Array
  readonly quotas: QuotaTree
  /** GPUs for one core of the factory: what a core counts in fair share; 1 without GPUs. */
  readonly gpusPerCore: number
  /** Words of the column that holds every index of free capacity. */
  readonly indexWords: number
  readonly tallies: number
  readonly feederParent: Int32Array
  readonly feederRatio: Int32Array
  readonly feederLimitW: Float64Array
  readonly feederBaseW: Float64Array
  /** Largest grant that a feeder could ever carry: everything at its rated cap. */
  readonly nameplateW: Float64Array
  /** Grant that a feeder carries when nothing runs. */
  readonly idleGrantW: Float64Array
  /** Watts that are drawn at a feeder itself when nothing runs, and there with all below it. */
  readonly drawBaseW: Float64Array
  readonly idleDrawW: Float64Array
  /** Whether a site has a rule of how fast its draw may rise. */
  readonly isRamped: boolean
  /** Where the state keeps what is known of supplies. */
  readonly supplyCells: CellsLayout
  /** Deviations that draw must stay below limits; -1 where what is granted counts. */
  readonly overDeviations: number
}

export type PoolLayout = {
  readonly system: System
  /** Nodes of the pool lie in [firstNode, endNode), perhaps with others between them. */
  readonly firstNode: number
  readonly endNode: number
  /** Where the node sets by free devices start, and words of each set. */
  readonly nodeBits: number
  readonly nodeWords: number
  /** By level 1 (rack) to 4 (site): its domains and its index by count of free nodes. */
  readonly levels: readonly LevelLayout[]
  /** Watts above idle that one device is charged. */
  readonly chargeW: number
  /** Whether any feeder above its racks could be overloaded at all. */
  readonly canBind: boolean
  /** Those that could: their limit is below their nameplate. */
  readonly binding: readonly Binding[]
  /** Most devices that the best site's own limit could carry above its idle load. */
  readonly mostGpusByPower: number
  /** Every feeder above one of its racks. */
  readonly feedersAbove: ReadonlySet<number>
  /** Root feeders of its sites, and the least watts there for a watt at one of its racks. */
  readonly roots: readonly { readonly feeder: number, readonly leastRatio: number }[]
}

/** A feeder that could be overloaded, and the most watts there for a watt at a rack below it. */
export type Binding = {
  readonly feeder: number
  readonly mostRatio: number
  /** Feeders on the longest way from a rack up to it. */
  readonly depth: number
}

export type LevelLayout = {
  readonly firstDomain: number
  readonly endDomain: number
  /** Most nodes of one domain. */
  readonly mostNodes: number
  /** A set of domains for each count of free nodes; then the set of counts that occur. */
  readonly bits: number
  readonly words: number
  readonly countBits: number
  readonly tally: number
}

type Domain = { parent: number, first: number, end: number, place: number, nodes: number }

/** Compiles a plant. O(nodes + racks × pools). */
export function layoutOf(plant: Plant): Layout {
  const nodeColumns = nodesOf(plant)
  const { breachRatio } = plant.power
  const space = { words: 0, tallies: 0 }
  const domains: Domain[] = []
  const domainPool: number[] = []
  const domainOfRack = new Int32Array(plant.racks.length)
  const feeders = feedersOf(plant)
  const pools = plant.pools.map((pool, index) => {
    const before = domains.length
    const levels = domainsOf(plant, index, domains, domainOfRack)
    while (domainPool.length < domains.length) domainPool.push(index)
    assert(domains.length > before, `pool ${pool.name} has no rack`)
    return poolOf(plant, index, levels, domains, space, feeders)
  })
  const usable = plant.queues.flatMap((queue) => [-1, ...plant.devices.keys()].map((device) =>
    queue.pools.filter((pool) => device < 0 || pools[pool]!.system.device === device)))
  const column = (pick: (domain: Domain) => number) => Int32Array.from(domains, pick)
  return {
    plant,
    isRamped: plant.power.rampUpWPerMin.some((rampW) => rampW < Infinity),
    overDeviations: breachRatio > 0 ? normalQuantile(Math.min(0.5, breachRatio)) : -1,
    ...nodeColumns,
    poolOfRack: Int32Array.from(plant.racks, (rack) => rack.pool),
    siteOfRack: Int32Array.from(plant.racks, (rack) => siteOf(plant, rack.row)),
    feederOfRack: Int32Array.from(plant.racks, (rack) => rack.feeder),
    endNodeOfRack: Int32Array.from(plant.racks, (rack) => rack.endNode),
    domainOfRack,
    parent: column((domain) => domain.parent),
    firstChild: column((domain) => domain.first),
    endChild: column((domain) => domain.end),
    place: column((domain) => domain.place),
    domainNodes: column((domain) => domain.nodes),
    domainPool: Int32Array.from(domainPool),
    domains: domains.length,
    pools,
    usable,
    bases: Int32Array.from(usable, (some) => some.reduce((found, pool) =>
      found < 0 ? pools[pool]!.system.device : found, -1)),
    speeds: Float64Array.from(plant.devices, (_, device) =>
      plant.systems.find((system) => system.device === device)?.speed ?? 1),
    quotas: quotaTreeOf(plant.queues),
    gpusPerCore: plant.gpus === 0 ? 1 : plant.gpus / Math.max(1, coresOf(plant)),
    indexWords: space.words,
    tallies: space.tallies,
    supplyCells: cellsLayoutOf(plant),
    ...feeders,
  }
}

/** Node sets of a pool by what is free: 0 to `gpus` devices, and one above for wholly free. */
export function nodeKeys(system: System): number {
  return system.gpus + 2
}

/** Pools that a queue's jobs of a device type (-1 for any) may use, in the queue's order. */
export function usablePools(layout: Layout, queue: number, device: number): readonly number[] {
  return layout.usable[queue * (layout.plant.devices.length + 1) + device + 1] ?? []
}

/** Device type for which the times of a queue's jobs of a device type (-1 for any) are meant. */
export function baseDevice(layout: Layout, queue: number, device: number): number {
  return layout.bases[queue * (layout.plant.devices.length + 1) + device + 1]!
}

function nodesOf(plant: Plant) {
  const rackOfNode = new Int32Array(plant.nodes)
  const firstDevice = new Int32Array(plant.nodes + 1)
  let device = 0
  plant.racks.forEach((rack, index) => {
    const { gpus } = systemOf(plant, rack.pool)
    assert(gpus <= 32, 'a node has at most 32 devices, one bit each')
    for (let node = rack.firstNode; node < rack.endNode; node++) {
      rackOfNode[node] = index
      firstDevice[node] = device
      device += gpus
    }
  })
  firstDevice[plant.nodes] = device
  return { rackOfNode, firstDevice, devices: device }
}

function coresOf(plant: Plant): number {
  return plant.racks.reduce((sum, { pool, firstNode, endNode }) =>
    sum + (endNode - firstNode) * systemOf(plant, pool).cpus, 0)
}

function systemOf(plant: Plant, pool: number): System {
  return plant.systems[plant.pools[pool]!.system]!
}

function siteOf(plant: Plant, row: number): number {
  return plant.halls[plant.rows[row]!.hall]!.site
}

/** Appends the pool's domains: its racks, then its rows, halls and sites. */
function domainsOf(plant: Plant, pool: number, domains: Domain[], domainOfRack: Int32Array) {
  const levels = []
  let first = domains.length
  plant.racks.forEach((rack, index) => {
    if (rack.pool !== pool) return
    domainOfRack[index] = domains.length
    const nodes = rack.endNode - rack.firstNode
    domains.push({ parent: -1, first: rack.firstNode, end: rack.endNode, place: index, nodes })
  })
  levels.push({ first, end: domains.length })
  const above = [
    (place: number) => plant.racks[place]!.row,
    (place: number) => plant.rows[place]!.hall,
    (place: number) => plant.halls[place]!.site,
  ]
  for (const placeAbove of above) {
    const children = levels.at(-1)!
    first = domains.length
    for (let child = children.first; child < children.end; child++) {
      const place = placeAbove(domains[child]!.place)
      let last = domains.at(-1)!
      if (domains.length === first || last.place !== place) {
        last = { parent: -1, first: child, end: child, place, nodes: 0 }
        domains.push(last)
      }
      last.end = child + 1
      last.nodes += domains[child]!.nodes
      domains[child]!.parent = domains.length - 1
    }
    levels.push({ first, end: domains.length })
  }
  return levels
}

function poolOf(
  plant: Plant,
  pool: number,
  levels: readonly { first: number, end: number }[],
  domains: readonly Domain[],
  space: { words: number, tallies: number },
  feeders: ReturnType<typeof feedersOf>,
): PoolLayout {
  const system = systemOf(plant, pool)
  const racks = plant.racks.filter((rack) => rack.pool === pool)
  const firstNode = racks[0]!.firstNode
  const endNode = racks.at(-1)!.endNode
  const nodeWords = bitsetWords(endNode - firstNode)
  const nodeBits = space.words
  space.words += nodeWords * nodeKeys(system)
  const levelLayouts = levels.map(({ first, end }) => {
    let mostNodes = 0
    for (let domain = first; domain < end; domain++) {
      mostNodes = Math.max(mostNodes, domains[domain]!.nodes)
    }
    const words = bitsetWords(end - first)
    const bits = space.words
    const countBits = bits + words * (mostNodes + 1)
    space.words = countBits + bitsetWords(mostNodes + 1)
    const tally = space.tallies
    space.tallies += mostNodes + 1
    return { firstDomain: first, endDomain: end, mostNodes, bits, words, countBits, tally }
  })
  const feedersAbove = new Set<number>()
  for (const rack of racks) {
    for (let at = rack.feeder; at >= 0; at = feeders.feederParent[at]!) feedersAbove.add(at)
  }
  const binding = bindingOf(racks, feeders)
  const canBind = binding.length > 0
  const roots = rootsOf(plant, racks, feeders)
  const chargeW = system.deviceRatedW - system.deviceIdleW
  const most = roots.map(({ feeder, leastRatio }) => {
    const roomW = feeders.feederLimitW[feeder]! - feeders.idleGrantW[feeder]!
    return chargeW > 0 ? Math.floor(roomW / (chargeW * leastRatio)) : Infinity
  })
  return {
    system, firstNode, endNode, nodeBits, nodeWords, levels: levelLayouts, chargeW, canBind,
    binding,
    feedersAbove, roots,
    mostGpusByPower: canBind ? Math.max(...most) : Infinity,
  }
}

function bindingOf(racks: Plant['racks'], feeders: ReturnType<typeof feedersOf>): Binding[] {
  const { feederParent, feederRatio, feederLimitW, nameplateW } = feeders
  const found = new Map<number, Binding>()
  for (const rack of racks) {
    let mostRatio = 1
    let depth = 0
    for (let at = rack.feeder; at >= 0; at = feederParent[at]!) {
      if (feederLimitW[at]! < nameplateW[at]!) {
        const known = found.get(at) ?? { mostRatio: 0, depth: 0 }
        found.set(at, {
          feeder: at,
          mostRatio: Math.max(known.mostRatio, mostRatio),
          depth: Math.max(known.depth, depth),
        })
      }
      mostRatio *= Math.max(1, feederRatio[at]! / RATIO_ONE)
      depth++
    }
  }
  return [...found.values()]
}

function rootsOf(
  plant: Plant, racks: Plant['racks'], feeders: ReturnType<typeof feedersOf>,
): { feeder: number, leastRatio: number }[] {
  const least = new Map<number, number>()
  for (const rack of racks) {
    const { feeder } = plant.sites[siteOf(plant, rack.row)]!
    let ratio = 1
    for (let at = rack.feeder; at !== feeder; at = feeders.feederParent[at]!) {
      ratio *= feeders.feederRatio[at]! / RATIO_ONE
    }
    least.set(feeder, Math.min(ratio, least.get(feeder) ?? Infinity))
  }
  return Array.from(least, ([feeder, leastRatio]) => ({ feeder, leastRatio }))
}

function feedersOf(plant: Plant) {
  const count = plant.feeders.length
  const idleGrantW = Float64Array.from(plant.feeders, (feeder) => feeder.baseW)
  const nameplateW = Float64Array.from(idleGrantW)
  const drawBaseW = drawBaseOf(plant)
  const idleDrawW = drawBaseW.slice()
  for (const rack of plant.racks) {
    const system = systemOf(plant, rack.pool)
    const devices = (rack.endNode - rack.firstNode) * system.gpus
    nameplateW[rack.feeder] = nameplateW[rack.feeder]!
      + devices * (system.deviceRatedW - system.deviceIdleW)
  }
  for (let at = count - 1; at >= 0; at--) {
    const { parent, ratioPer10k } = plant.feeders[at]!
    assert(parent < at, 'parents come before their children')
    if (parent < 0) continue
    for (const watts of [idleGrantW, nameplateW, idleDrawW]) {
      watts[parent] = watts[parent]! + Math.ceil((watts[at]! * ratioPer10k) / RATIO_ONE)
    }
  }
  return {
    feederParent: Int32Array.from(plant.feeders, (feeder) => feeder.parent),
    feederRatio: Int32Array.from(plant.feeders, (feeder) => feeder.ratioPer10k),
    feederLimitW: Float64Array.from(plant.feeders, (feeder) => feeder.limitW),
    feederBaseW: Float64Array.from(plant.feeders, (feeder) => feeder.baseW),
    nameplateW,
    idleGrantW,
    drawBaseW,
    idleDrawW,
  }
}

/** Idle nodes at what they draw and not at their rating; what else there is as it is granted. */
function drawBaseOf(plant: Plant): Float64Array {
  const watts = Float64Array.from(plant.feeders, (feeder) => feeder.baseW)
  for (const { pool, feeder, firstNode, endNode } of plant.racks) {
    const { gpus, deviceIdleW, deviceRatedW, nodeIdleW, nodeRatedW } = systemOf(plant, pool)
    const overheadW = nodeRatedW - gpus * (deviceRatedW - deviceIdleW)
    const nodes = endNode - firstNode
    watts[feeder] = Math.max(0, watts[feeder]! - nodes * overheadW) + nodes * nodeIdleW
  }
  for (let feeder = 0; feeder < watts.length; feeder++) watts[feeder] = Math.round(watts[feeder]!)
  return watts
}
