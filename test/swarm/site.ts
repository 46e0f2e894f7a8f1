/** Builds a small random plant: every shape that a factory file could come to, and tighter ones. */
import { toyCurves, toyPower } from '../toy-curves.ts'
import type { RandomStream } from '../../src/base/random.ts'
import type { FailurePlan, FaultClass, Feeder, Plant, Pool, Queue, Quota, Rack, Row, System }
  from '../../src/model/index.ts'
import { NO_FAILURES, NO_QUOTA, RATIO_ONE } from '../../src/model/index.ts'
import type { Feature } from './features.ts'
import { between, chance, pick, some } from './random-choice.ts'

/** Can be made harmless while the run goes on, so that a factory comes to rest. */
type LooseClass = { -readonly [Key in keyof FaultClass]: FaultClass[Key] }

export type SwarmPlant = {
  readonly plant: Plant
  /** How the twin fails: as the plant says, until it is calm. */
  readonly failures: FailurePlan
  /** From now on faults still strike, and change nothing. */
  readonly calm: () => void
}

export function randomPlant(random: RandomStream, has: (feature: Feature) => boolean): SwarmPlant {
  const devices = ['A', 'B', 'C']
  const systems = Array.from({ length: has('mixed') ? between(random, 2, 3) : 1 }, (_, at) =>
    randomSystem(random, has, at, at > 0 && has('cpu nodes') && chance(random, 0.5)))
  const pools = randomPools(random, systems)
  const ground = randomGround(random, has, pools.length)
  const racks: Rack[] = []
  const feeders: Feeder[] = []
  const rangeW: number[] = []
  const sites = layFeeders(random, has, { ground, pools, systems, racks, feeders, rangeW })
  setLimits(random, has('limits'), feeders, rangeW)
  const classes = has('faults') ? randomClasses(random) : []
  const failures = has('delays') || has('faults') ? randomFailures(random, has, classes)
    : NO_FAILURES
  const nodes = racks.at(-1)!.endNode
  const plant: Plant = {
    name: 'swarm', systems, devices, sites, halls: ground.halls, rows: ground.rows, racks, pools,
    speeds: { reference: devices[0] ?? '', classes: [] },
    curves: toyCurves(systems), power: toyPower(sites.length), limits: [],
    feeders, queues: randomQueues(random, has, pools.length), failures: structuredClone(failures),
    nodes,
    usageHalfLifeMs: pick(random, [60_000, 86_400_000]),
    gpus: racks.reduce((sum, rack) => sum
      + (rack.endNode - rack.firstNode) * systems[pools[rack.pool]!.system]!.gpus, 0),
  }
  return { plant, failures, calm: () => { for (const each of classes) calmClass(each) } }
}

function calmClass(each: LooseClass): void {
  each.reach = 'slow'
  each.slowRatio = 1
}

function randomSystem(
  random: RandomStream, has: (feature: Feature) => boolean, at: number, isCpuOnly: boolean,
): System {
  const gpus = isCpuOnly ? 0 : pick(random, [1, 2, 4, 8])
  const deviceIdleW = between(random, 0, 90)
  const deviceRatedW = deviceIdleW + between(random, 1, 700)
  const nodeRatedW = gpus * deviceRatedW + between(random, 0, 3000)
  const nodeIdleW = Math.min(nodeRatedW, gpus * deviceIdleW + between(random, 0, 400))
  return {
    name: `system${at}`,
    device: isCpuOnly ? -1 : at,
    gpus,
    cpus: pick(random, [2, 7, 16, 64]),
    memoryGiB: pick(random, [3, 64, 512]),
    linkDomain: pick(random, ['node', 'rack'] as const),
    speed: has('speeds') ? pick(random, [0.4, 1, 2.2]) : 1,
    deviceIdleW: isCpuOnly ? 0 : deviceIdleW,
    deviceRatedW: isCpuOnly ? 0 : deviceRatedW,
    nodeIdleW,
    nodeTypicalW: between(random, nodeIdleW, nodeRatedW),
    nodeRatedW,
  }
}

/** One or two pools of each system. */
function randomPools(random: RandomStream, systems: readonly System[]): Pool[] {
  return systems.flatMap((system, at) =>
    Array.from({ length: chance(random, 0.3) ? 2 : 1 }, (_, copy) =>
      ({ name: `${system.name}-${copy}`, system: at })))
}

type Ground = {
  readonly halls: { name: string, site: number, firstRow: number, endRow: number }[]
  readonly rows: Row[]
  /** Pool of each rack. */
  readonly poolOfRack: number[]
}

/** Sites, halls, rows and racks; racks of several pools lie mixed in a row now and then. */
function randomGround(
  random: RandomStream, has: (feature: Feature) => boolean, pools: number): Ground {
  const ground: Ground = { halls: [], rows: [], poolOfRack: [] }
  const sites = has('sites') ? between(random, 2, 3) : 1
  const isMixedRow = chance(random, 0.3)
  for (let site = 0; site < sites; site++) {
    const halls = between(random, 1, 2)
    for (let hall = 0; hall < halls; hall++) {
      const firstRow = ground.rows.length
      const rows = between(random, 1, 2)
      for (let row = 0; row < rows; row++) {
        const firstRack = ground.poolOfRack.length
        const rowPool = random.below(pools)
        const racks = between(random, 1, 3)
        for (let rack = 0; rack < racks; rack++) {
          ground.poolOfRack.push(isMixedRow ? random.below(pools) : rowPool)
        }
        ground.rows.push({ name: `row${ground.rows.length}`, hall: ground.halls.length, firstRack,
          endRack: ground.poolOfRack.length })
      }
      ground.halls.push({ name: `hall${ground.halls.length}`, site, firstRow,
        endRow: ground.rows.length })
    }
  }
  // Every pool has a rack: what the dice left out takes the place of another in the last row.
  for (let pool = 0; pool < pools; pool++) {
    if (!ground.poolOfRack.includes(pool)) addRack(ground, pool)
  }
  return ground
}

function addRack(ground: Ground, pool: number): void {
  ground.poolOfRack.push(pool)
  const row = ground.rows.at(-1)!
  ground.rows[ground.rows.length - 1] = { ...row, endRack: ground.poolOfRack.length }
}

type Building = {
  readonly ground: Ground
  readonly pools: readonly Pool[]
  readonly systems: readonly System[]
  readonly racks: Rack[]
  readonly feeders: Feeder[]
  readonly rangeW: number[]
}

/** Feeders of sites, halls, now and then rows, and racks; and the racks with their nodes. */
function layFeeders(random: RandomStream, has: (feature: Feature) => boolean, into: Building) {
  const { ground, pools, systems, racks, feeders, rangeW } = into
  const ratio = () => !has('ratios') || chance(random, 0.4) ? RATIO_ONE
    : RATIO_ONE + between(random, 1, 5000)
  const base = () => has('base loads') ? between(random, 0, 2000) : 0
  const add = (name: string, parent: number, baseW: number, range: number) => {
    rangeW.push(range)
    return feeders.push({ name, parent, limitW: 0, baseW,
      ratioPer10k: parent < 0 ? RATIO_ONE : ratio() }) - 1
  }
  const hasRowFeeders = chance(random, 0.5)
  const nodesMost = has('large racks') ? 18 : 4
  let node = 0
  const sites: { name: string, firstHall: number, endHall: number, feeder: number }[] = []
  ground.halls.forEach((hall, hallId) => {
    if (sites.length === hall.site) {
      sites.push({ name: `site${hall.site}`, firstHall: hallId, endHall: hallId,
        feeder: add(`site${hall.site}`, -1, base(), 0) })
    }
    const site = sites[hall.site]!
    site.endHall = hallId + 1
    const hallFeeder = add(hall.name, site.feeder, base(), 0)
    for (let row = hall.firstRow; row < hall.endRow; row++) {
      const rowFeeder = hasRowFeeders ? add(ground.rows[row]!.name, hallFeeder, base(), 0)
        : hallFeeder
      for (let rack = ground.rows[row]!.firstRack; rack < ground.rows[row]!.endRack; rack++) {
        const pool = ground.poolOfRack[rack]!
        const system = systems[pools[pool]!.system]!
        const nodes = between(random, 1, nodesMost)
        const chargeW = system.gpus * (system.deviceRatedW - system.deviceIdleW)
        const feeder = add(`rack${rack}`, rowFeeder, nodes * (system.nodeRatedW - chargeW),
          nodes * chargeW)
        racks.push({ name: `rack${rack}`, row, pool, feeder, firstNode: node,
          endNode: node + nodes })
        node += nodes
      }
    }
  })
  return sites
}

/** Limits from the idle load up to the rating; without the feature nothing binds. */
function setLimits(
  random: RandomStream, isTight: boolean, feeders: Feeder[], rangeW: readonly number[]): void {
  const idleW = feeders.map((feeder) => feeder.baseW)
  const ratedW = feeders.map((feeder, at) => feeder.baseW + rangeW[at]!)
  for (let at = feeders.length - 1; at >= 0; at--) {
    const { parent, ratioPer10k } = feeders[at]!
    if (parent < 0) continue
    idleW[parent]! += Math.ceil((idleW[at]! * ratioPer10k) / RATIO_ONE)
    ratedW[parent]! += Math.ceil((ratedW[at]! * ratioPer10k) / RATIO_ONE)
  }
  const tightness = random.uniform()
  feeders.forEach((feeder, at) => {
    const isBinding = isTight && chance(random, tightness)
    const room = ratedW[at]! - idleW[at]!
    const limitW = isBinding ? idleW[at]! + Math.floor(room * random.uniform()) : ratedW[at]!
    feeders[at] = { ...feeder, limitW }
  })
}

function randomQueues(
  random: RandomStream, has: (feature: Feature) => boolean, pools: number): Queue[] {
  const all = Array.from({ length: pools }, (_, pool) => pool)
  const parents = parentsOf(random, has('queues') ? between(random, 2, 5) : 1, has('queue tree'))
  const amount = () => has('quotas') && chance(random, 0.6) ? between(random, 1, 40) : Infinity
  return parents.map((parent, at) => ({
    name: `queue${at}`,
    pools: at === 0 ? all : some(random, all),
    parent,
    quota: parents.length > 1 && has('queue tree')
      ? { gpus: quotaInTree(random), cores: chance(random, 0.5) ? NO_QUOTA : quotaInTree(random) }
      : { gpus: { ...NO_QUOTA, own: amount() }, cores: NO_QUOTA },
    weight: pick(random, [1, 1, 2, 7.5]),
    leastRunMs: has('least runs') ? pick(random, [0, 1, 60_000]) : 0,
    defaultLimitMs: pick(random, [60_000, 3_600_000, 86_400_000]),
    priority: has('priorities') ? between(random, -3, 3) : 0,
  }))
}

/** Parents of so many queues: any earlier or later one, without circles. */
function parentsOf(random: RandomStream, count: number, isTree: boolean): number[] {
  const order = Array.from({ length: count }, (_, at) => at)
  const parents = order.map(() => -1)
  if (!isTree) return parents
  const isUp = chance(random, 0.5)
  for (let at = 1; at < count; at++) {
    const [child, parent] = isUp ? [at, random.below(at)] : [count - 1 - at, count - 1]
    if (chance(random, 0.8)) parents[child] = parent
  }
  return parents
}

function quotaInTree(random: RandomStream): Quota {
  const amount = () => pick(random, [0, 3, 20, Infinity])
  return { own: between(random, 0, 30), borrow: amount(), lend: amount() }
}

function randomClasses(random: RandomStream): LooseClass[] {
  const reaches = ['none', 'slow', 'node', 'rack', 'feeder'] as const
  const units = ['device', 'node', 'rack', 'feeder'] as const
  const scale = pick(random, [0.01, 0.05, 0.3])
  return Array.from({ length: between(random, 1, 4) }, (_, at) => {
    const reach = pick(random, reaches)
    const least = pick(random, [0, 1, 60_000])
    return {
      name: `class${at}`,
      ratePerHour: scale * random.uniform(),
      unit: pick(random, units),
      reach,
      repairMs: [least, least + pick(random, [0, 5, 600_000, 14_400_000])] as const,
      slowRatio: reach === 'slow' ? pick(random, [0.3, 0.9, 1]) : 1,
    }
  })
}

function randomFailures(
  random: RandomStream, has: (feature: Feature) => boolean, classes: FaultClass[]): FailurePlan {
  const time = (most: number) => has('delays') && chance(random, 0.7) ? between(random, 0, most) : 0
  return {
    classes,
    detectMs: time(600_000),
    healthCheckMs: time(600_000),
    launchMs: time(120_000),
    loadMs: time(120_000),
    checkpointStallMs: time(5000),
    checkpointSaveMs: time(120_000),
  }
}
