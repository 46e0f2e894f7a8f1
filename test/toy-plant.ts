// Plants of a few nodes for tests, from nested lists: sites, halls, rows, racks, and in each rack
// the number of nodes, or a pool and the number.
import type { FailurePlan, Feeder, Hall, Plant, PowerPlan, Queue, Rack, Row, Site, Speeds, System }
  from '../src/model/index.ts'
import { toyCurves, toyPower } from './toy-curves.ts'
import { NO_FAILURES, NO_QUOTA, RATIO_ONE } from '../src/model/index.ts'

type ToyRack = number | readonly [pool: number, nodes: number]

/** A queue; `quotaGpus` stands for a quota of GPUs and no other bounds. */
export type ToyQueue = Partial<Queue> & { readonly quotaGpus?: number }

export type ToyPlan = {
  readonly sites: readonly (readonly (readonly (readonly ToyRack[])[])[])[]
  /** One for each pool. A device is charged 100 W above its idle 0 W, unless it says otherwise. */
  readonly systems?: readonly Partial<System>[]
  /** By the names "site0", "hall0", "row0", "rack0". Without one, a feeder carries anything. */
  readonly limits?: Readonly<Record<string, number>>
  readonly bases?: Readonly<Record<string, number>>
  readonly ratios?: Readonly<Record<string, number>>
  readonly queues?: readonly ToyQueue[]
  readonly failures?: Partial<FailurePlan>
  readonly power?: Partial<PowerPlan>
}

/** One site, hall and row with these racks of nodes of one GPU each. */
export function toyRow(...racks: readonly ToyRack[]): ToyPlan['sites'] {
  return [[[racks]]]
}

export function toyPlant(plan: ToyPlan): Plant {
  const systems = (plan.systems ?? [{}]).map(systemOf)
  const ground = layGround(plan)
  const queues = plan.queues ?? [{}]
  const devices = [...new Set(systems.filter((each) => each.gpus > 0).map((each) => each.name))]
  const withDevice = systems.map((each) => ({ ...each, device: devices.indexOf(each.name) }))
  return {
    name: 'toy',
    systems: withDevice,
    devices,
    ...ground,
    speeds: speedsOf(systems, devices),
    pools: systems.map((each, at) => ({ name: `pool${at}-${each.name}`, system: at })),
    queues: queues.map(({ quotaGpus, ...queue }, at) => ({
      name: `queue${at}`, parent: -1, pools: systems.map((_, pool) => pool), weight: 1,
      quota: { gpus: { ...NO_QUOTA, own: quotaGpus ?? Infinity }, cores: NO_QUOTA },
      defaultLimitMs: 86_400_000, leastRunMs: 0, priority: 0, ...queue,
    })),
    curves: toyCurves(withDevice),
    power: toyPower(ground.sites.length, plan.power),
    limits: [],
    usageHalfLifeMs: 7 * 86_400_000,
    failures: { ...NO_FAILURES, ...plan.failures },
    nodes: ground.racks.at(-1)!.endNode,
    gpus: ground.racks.reduce((sum, rack) =>
      sum + (rack.endNode - rack.firstNode) * systems[rack.pool]!.gpus, 0),
  }
}

function speedsOf(systems: readonly System[], devices: readonly string[]): Speeds {
  const byDevice = devices.map((name) => systems.find((each) => each.name === name)!.speed)
  return { reference: devices[0] ?? '', classes: [{ name: 'pretraining', byDevice }] }
}

function systemOf(given: Partial<System>, at: number): System {
  const gpus = given.gpus ?? 1
  return {
    name: `chip${at}`, device: 0, gpus, cpus: 8, memoryGiB: 64, linkDomain: 'node',
    speed: 1, deviceIdleW: 0, deviceRatedW: gpus > 0 ? 100 : 0, nodeIdleW: 0,
    nodeTypicalW: gpus * 100, nodeRatedW: gpus * 100, ...given,
  }
}

function layGround(plan: ToyPlan) {
  const sites: Site[] = []
  const halls: Hall[] = []
  const rows: Row[] = []
  const racks: Rack[] = []
  const feeders: Feeder[] = []
  const feed = (name: string, parent: number) => feeders.push({
    name, parent, limitW: plan.limits?.[name] ?? 1e9, baseW: plan.bases?.[name] ?? 0,
    ratioPer10k: plan.ratios?.[name] ?? RATIO_ONE,
  }) - 1
  let node = 0
  for (const site of plan.sites) {
    const firstHall = halls.length
    const feeder = feed(`site${sites.length}`, -1)
    for (const hall of site) {
      const firstRow = rows.length
      const hallFeeder = feed(`hall${halls.length}`, feeder)
      for (const row of hall) {
        const firstRack = racks.length
        const rowFeeder = feed(`row${rows.length}`, hallFeeder)
        for (const rack of row) {
          const [pool, nodes] = typeof rack === 'number' ? [0, rack] : rack
          const name = `rack${racks.length}`
          racks.push({ name, row: rows.length, pool, feeder: feed(name, rowFeeder),
            firstNode: node, endNode: node + nodes })
          node += nodes
        }
        rows.push({ name: `row${rows.length}`, hall: halls.length, firstRack,
          endRack: racks.length })
      }
      halls.push({ name: `hall${halls.length}`, site: sites.length, firstRow,
        endRow: rows.length })
    }
    sites.push({ name: `site${sites.length}`, firstHall, endHall: halls.length, feeder })
  }
  return { sites, halls, rows, racks, feeders }
}
