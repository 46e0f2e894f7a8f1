import { siteDomainOf } from '../core/releases.ts'
import { quotaRoom, RESOURCES, usedOf, type Resource } from '../core/quota.ts'
import type { State } from '../core/state.ts'
import { nodeRange } from '../core/within.ts'
import type { Placement } from '../model/index.ts'
import { amountsIn, type Charge } from './charge.ts'
import type { Form } from './form.ts'
import { Future } from './future.ts'
import { NodeTimes } from './node-times.ts'
import { nodeCapacity, quotaCapacity, wattCapacity } from './capacity.ts'

/** What a job needs of one resource while it runs. */
export type Demand = { readonly future: Future, readonly amount: number }

/** Nodes first. */
export type Demands = readonly [Demand, ...Demand[]]

/** The future of a domain below the site, and the nodes that it holds. */
export type Below = {
  readonly domain: number
  readonly future: Future
  readonly first: number
  readonly end: number
}

type PlanBelow = {
  readonly domain: number
  readonly nodes: number
  readonly fromMs: number
  readonly toMs: number
}

/**
 * The futures of one round, each made when it is first asked for: nodes of each pool and site,
 * watts of each root feeder that can bind, GPUs of each quota, nodes of domains in which something
 * is planned.
 */
export class Futures {
  private readonly view: State
  private readonly nodes = new Map<number, Future>()
  private readonly watts = new Map<number, Future>()
  private readonly quotas = new Map<number, Future>()
  private readonly planned: Below[][]
  /** Plans for domains by pool, and how many of them each level has seen. */
  private readonly plans: PlanBelow[][]
  private readonly seen: number[][]
  private readonly times: (NodeTimes | undefined)[][]

  constructor(view: State) {
    this.view = view
    this.planned = view.layout.pools.map(() => [])
    this.plans = view.layout.pools.map(() => [])
    this.seen = view.layout.pools.map(() => [])
    this.times = view.layout.pools.map(() => [])
  }

  /**
   * What a job needs at a site: nodes first, then watts and quota where they can run short. Where a
   * power policy acts it is for that to say who has which watts, and that is no plan.
   */
  demandsAt({ job, pool, gpus, cores, nodes }: Form, site: number): Demands {
    const { layout, tables, totals } = this.view
    const demands: [Demand, ...Demand[]] = [{ future: this.nodesOf(site), amount: nodes }]
    const { canBind, chargeW, roots } = layout.pools[pool]!
    if (canBind && gpus > 0 && totals.isPowered === 0) {
      const { feeder } = layout.plant.sites[layout.place[site]!]!
      const { leastRatio } = roots.find((root) => root.feeder === feeder)!
      const amount = Math.floor(gpus * chargeW * leastRatio)
      demands.push({ future: this.wattsOf(feeder), amount })
    }
    const quota = this.quotaOf(tables.jobs.queue[job]!, gpus > 0 ? 'gpus' : 'cores')
    if (quota !== undefined) demands.push({ future: quota, amount: gpus > 0 ? gpus : cores })
    return demands
  }

  /** Domains of a pool below the site in which something is planned. */
  below(pool: number): readonly Below[] {
    return this.planned[pool]!
  }

  /**
   * Of those, the ones of a level (its index in the pool): with what is planned for the smaller
   * domains inside them. O(plans that are new to the level).
   */
  belowAt(pool: number, at: number): readonly Below[] {
    const { layout } = this.view
    const { firstDomain, endDomain } = layout.pools[pool]!.levels[at]!
    const plans = this.plans[pool]!
    for (let next = this.seen[pool]![at] ?? 0; next < plans.length; next++) {
      const { domain, nodes, fromMs, toMs } = plans[next]!
      if (domain >= firstDomain) continue
      let above = domain
      while (above < firstDomain) above = layout.parent[above]!
      this.belowOf(pool, at, above).future.take(nodes, fromMs, toMs)
    }
    this.seen[pool]![at] = plans.length
    return this.planned[pool]!.filter(({ domain }) => domain >= firstDomain && domain < endDomain)
  }

  /** Plans to use nodes of a domain below the site. */
  takeBelow(domain: number, nodes: number, fromMs: number, toMs: number): Below {
    const { domainPool, pools } = this.view.layout
    const pool = domainPool[domain]!
    const at = pools[pool]!.levels.findIndex((level) => domain < level.endDomain)
    const below = this.belowOf(pool, at, domain)
    below.future.take(nodes, fromMs, toMs)
    this.plans[pool]!.push({ domain, nodes, fromMs, toMs })
    return below
  }

  /** Of the domains of a level in which nothing is planned, the one that has the nodes soonest. */
  soonest(
    pool: number, at: number, nodes: number, isLenient: boolean,
    range: readonly [first: number, end: number],
  ): { domain: number, atMs: number } | undefined {
    const planned = new Set(this.planned[pool]!.map((each) => each.domain))
    return this.timesOf(pool, at).soonest(nodes, isLenient, range, (each) => planned.has(each))
  }

  /** Takes what a job holds from now on, after it has started. */
  started(form: Form, placement: Placement, charges: readonly Charge[]): void {
    const { nowMs } = this.view.totals
    const { shape, pool } = form
    const endMs = nowMs + form.runMs
    const site = siteDomainOf(this.view.layout, placement.spans[0]!)
    this.demandsAt(form, site).forEach(({ future, amount }) => {
      if (shape.parts === 0 || !future.capacity.isLive) return future.start(amount, endMs)
      future.refresh()
      future.keep(amount, nowMs, endMs)
    })
    for (const { future, first, end } of this.planned[pool]!) {
      for (const { fromMs, nodes } of amountsIn(charges, first, end)) {
        future.take(nodes, fromMs, endMs)
      }
    }
    this.times[pool]!.forEach((times) => { times?.refill(charges) })
  }

  private belowOf(pool: number, at: number, domain: number): Below {
    const { view } = this
    const list = this.planned[pool]!
    let below = list.find((each) => each.domain === domain)
    if (below === undefined) {
      const [first, end] = nodeRange(view, domain)
      const capacity = this.timesOf(pool, at).capacityOf(domain)
      const future = new Future(view.totals.nowMs, capacity)
      closeWindows(view, domain, future)
      below = { domain, future, first, end }
      list.push(below)
    }
    return below
  }

  private timesOf(pool: number, at: number): NodeTimes {
    return this.times[pool]![at] ??= new NodeTimes(this.view, pool, at)
  }

  private nodesOf(site: number): Future {
    return kept(this.nodes, site, () => {
      const future = new Future(this.view.totals.nowMs, nodeCapacity(this.view, site))
      closeWindows(this.view, site, future)
      return future
    })
  }

  private wattsOf(feeder: number): Future {
    const { layout, totals } = this.view
    return kept(this.watts, feeder, () => {
      const sources = layout.pools.flatMap(({ levels, chargeW, system, roots }) => {
        const root = roots.find((each) => each.feeder === feeder)
        if (root === undefined || chargeW === 0 || system.gpus === 0) return []
        const { firstDomain, endDomain } = levels.at(-1)!
        const nodeW = chargeW * system.gpus * root.leastRatio
        const sites = Array.from({ length: endDomain - firstDomain }, (_, at) => firstDomain + at)
        return sites.filter((site) => layout.plant.sites[layout.place[site]!]!.feeder === feeder)
          .map((site) => ({ site, nodeW }))
      })
      return new Future(totals.nowMs, wattCapacity(this.view, feeder, sources))
    })
  }

  /** Undefined where a queue has no quota. */
  private quotaOf(queue: number, resource: Resource): Future | undefined {
    const { layout, totals } = this.view
    const room = quotaRoom(layout.quotas, usedOf(this.view, resource), queue, resource)
    if (room === Infinity) return undefined
    return kept(this.quotas, queue * RESOURCES.length + RESOURCES.indexOf(resource), () =>
      new Future(totals.nowMs, quotaCapacity(this.view, queue, resource)))
  }
}

/** Takes the serving nodes of a domain that maintenance will keep from everybody. */
function closeWindows(view: State, domain: number, future: Future): void {
  const { windows, nodes } = view.tables
  const { layout, totals } = view
  const pool = layout.domainPool[domain]!
  const [first, end] = nodeRange(view, domain)
  for (let window = 0; window < totals.windows; window++) {
    if (windows.endAtMs[window]! <= totals.nowMs || windows.queue[window]! >= 0) continue
    let count = 0
    const endNode = Math.min(end, windows.end[window]!)
    for (let node = Math.max(first, windows.first[window]!); node < endNode; node++) {
      if (nodes.flags[node] === 0 && layout.poolOfRack[layout.rackOfNode[node]!] === pool) count++
    }
    future.take(count, Math.max(totals.nowMs, windows.startAtMs[window]!), windows.endAtMs[window]!)
  }
}

function kept(map: Map<number, Future>, key: number, make: () => Future): Future {
  let future = map.get(key)
  if (future === undefined) {
    future = make()
    map.set(key, future)
  }
  return future
}
