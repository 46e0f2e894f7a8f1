import { placementOf } from '../core/allocation.ts'
import { nodesIn, shapeOfJob } from '../core/demand.ts'
import { siteDomainOf } from '../core/releases.ts'
import { nodesOf } from '../core/shape.ts'
import type { State } from '../core/state.ts'
import { domainsIn } from '../core/within.ts'
import { LEVELS, type Placement } from '../model/index.ts'
import { nodesForPower, startedBehind } from './backfill.ts'
import { amountsIn, chargesOf, type Charge } from './charge.ts'
import { formOf, type Form } from './form.ts'
import type { Future } from './future.ts'
import { Futures, type Demand, type Demands } from './futures.ts'
import type { IsBefore } from './pending.ts'
import type { Blocked, PlacePolicy } from './policy.ts'
import { poolsFor } from './pools.ts'

/** Where and when a job is planned to start. */
export type Slot = {
  readonly job: number
  readonly pool: number
  /** A site's domain, or the one of the level that the job requires. */
  readonly domain: number
  readonly atMs: number
  readonly endMs: number
  /** Whole nodes, and parts of one as its share. */
  readonly nodes: number
  readonly demands: Demands
}

/** What a search for a slot needs beside the job. */
type Wanted = {
  readonly form: Form
  /** Nodes that must be given back first: it lacks something that is not planned. */
  readonly lackNodes: number
  /** Whether overdue runs are counted on, from the next millisecond. */
  readonly isLenient: boolean
}

/** Below a feeder without watts nothing may start that ends after `lateMs`. */
type Closure = { readonly feeder: number, readonly atMs: number, readonly lateMs: number }

/**
 * The plan of one round: jobs in their order, each at the earliest time at which it fits beside
 * all that run, if these end when expected, and all that were planned before it.
 *
 * Exact: gangs of whole nodes that may span their site, where the factory has one: in nodes, in
 * watts of the root feeder if one pool draws on it without loss, and in quota if one queue does.
 * Not exact: which of several sites or pools the place policy takes when they are free at the same
 * time; parts of a node, which count as their share of a whole one; what is planned for a site or a
 * row, which a rack inside it does not see, so a gang that requires a level may be planned too
 * early; quota that several queues share; windows of a queue, and those of maintenance below the
 * site; watts of other feeders, cores and memory, for which a job waits until as many nodes are
 * given back as it lacks. What starts is checked against all plans for the nodes that it takes.
 */
export class Plan {
  private readonly view: State
  private readonly place: PlacePolicy
  private readonly isBefore: IsBefore
  private readonly futures: Futures
  private readonly closures: Closure[] = []

  constructor(view: State, place: PlacePolicy, isBefore: IsBefore) {
    this.view = view
    this.place = place
    this.isBefore = isBefore
    this.futures = new Futures(view)
  }

  /**
   * The earliest slot of a job among its pools, sites and domains; of equals the first,
   * as the place policy orders the pools. With `found` it lacks that now. Undefined when nothing
   * that runs will make room for it. Costs the pieces of each site's future; below the site,
   * domains of the level too.
   */
  best(job: number, found?: Blocked['found']): Slot | undefined {
    return this.bestOf(job, found, false) ?? this.bestOf(job, found, true)
  }

  /** The first site of a pool where a job of whole nodes fits from now on, or -1. */
  siteNow(form: Form): number {
    const endMs = this.view.totals.nowMs + form.runMs
    if (this.isClosed(form.pool, endMs)) return -1
    const { firstDomain, endDomain } = this.view.layout.pools[form.pool]!.levels.at(-1)!
    for (let site = firstDomain; site < endDomain; site++) {
      const demands = this.futures.demandsAt(form, site)
      if (demands.every(({ future, amount }) => future.isFree(amount, endMs))) return site
    }
    return -1
  }

  /** What starting a job there would take, or undefined where that is planned for another. */
  chargesFor(form: Form, placement: Placement): readonly Charge[] | undefined {
    const { view, futures } = this
    const endMs = view.totals.nowMs + form.runMs
    if (this.isClosed(form.pool, endMs)) return undefined
    const charges = chargesOf(view, form.shape, placement)
    const site = siteDomainOf(view.layout, placement.spans[0]!)
    const [nodes, ...others] = futures.demandsAt(form, site)
    if (!isFreeFor(nodes.future, amountsIn(charges), endMs)) return undefined
    if (!others.every(({ future, amount }) => future.isFree(amount, endMs))) return undefined
    const isKept = futures.below(form.pool).every(({ future, first, end }) =>
      isFreeFor(future, amountsIn(charges, first, end), endMs))
    return isKept ? charges : undefined
  }

  /** Plans a slot: nothing behind it may delay it. `isHeld` keeps its nodes until it starts. */
  reserve(slot: Slot, isHeld: boolean, found?: Blocked['found']): void {
    const { view, futures } = this
    const { job, pool, atMs, endMs } = slot
    for (const { future, amount } of slot.demands) future.take(amount, atMs, endMs)
    const below = view.tables.jobs.level[job] === SITE ? []
      : [futures.takeBelow(slot.domain, slot.nodes, atMs, endMs)]
    if (found?.missing === 'power') {
      this.closures.push({ feeder: found.feeder, atMs, lateMs: isHeld ? -Infinity : atMs })
    }
    if (!isHeld) return
    for (const { future } of [...slot.demands, ...below]) future.holdUntil(atMs + 1)
    const site = siteOf(view, slot.domain)
    for (const other of startedBehind(view, job, pool, this.isBefore)) {
      const placement = placementOf(view, other)
      if (siteDomainOf(view.layout, placement.spans[0]!) !== site) continue
      const untilMs = view.tables.jobs.expectedEndAtMs[other]!
      const size = view.tables.jobs.nodes[other] === 0 ? 0 : nodesIn(placement.spans)
      const shape = shapeOfJob(view, other, pool, size)!
      const keep = (future: Future, first: number, end: number) => {
        for (const { nodes } of amountsIn(chargesOf(view, shape, placement), first, end)) {
          future.keep(nodes, view.totals.nowMs, untilMs)
        }
      }
      keep(slot.demands[0].future, 0, Infinity)
      for (const { future, first, end } of below) keep(future, first, end)
    }
  }

  /** A job has started and taken what was asked for. */
  started(form: Form, placement: Placement, charges: readonly Charge[]): void {
    this.futures.started(form, placement, charges)
  }

  private bestOf(job: number, found: Blocked['found'] | undefined, isLenient: boolean) {
    const { view } = this
    let best: Slot | undefined
    for (const pool of poolsFor(view, job, this.place)) {
      const form = formOf(view, job, pool)
      if (form === undefined) continue
      const lackNodes = found === undefined ? 0
        : nodesForPower(view, found, pool) || nodesOf(form.shape)
      const wanted = { form, lackNodes, isLenient }
      const isBelow = view.tables.jobs.level[job]! < SITE
      const slot = isBelow ? this.bestBelow(wanted) : this.bestSite(wanted)
      if (slot !== undefined && !(slot.atMs >= (best?.atMs ?? Infinity))) best = slot
    }
    return best
  }

  private bestSite(wanted: Wanted): Slot | undefined {
    const { firstDomain, endDomain } = this.view.layout.pools[wanted.form.pool]!.levels.at(-1)!
    let best: Slot | undefined
    for (let site = firstDomain; site < endDomain; site++) {
      const slot = this.slotAt(wanted, site, site, 0)
      if (slot.atMs < (best?.atMs ?? Infinity)) best = slot
    }
    return best
  }

  /** Domains that nothing was planned in differ only by their nodes: the soonest stands for all. */
  private bestBelow(wanted: Wanted): Slot | undefined {
    const { view, futures } = this
    const { job, pool, nodes } = wanted.form
    const { levels } = view.layout.pools[pool]!
    const at = Math.max(1, view.tables.jobs.level[job]!) - 1
    const sites = levels.at(-1)!
    // First of all: it may be the first that this level hears of what is planned inside.
    const planned = futures.belowAt(pool, at)
    let best: Slot | undefined
    const offer = (domain: number, site: number, fromMs: number, below?: Future) => {
      const slot = this.slotAt(wanted, domain, site, fromMs, below, best?.atMs)
      if (slot.atMs < (best?.atMs ?? Infinity)) best = slot
    }
    for (let site = sites.firstDomain; site < sites.endDomain; site++) {
      const range = domainsIn(view, site, at)
      const soonest = futures.soonest(pool, at, nodes, wanted.isLenient, range)
      if (soonest !== undefined) offer(soonest.domain, site, soonest.atMs)
    }
    for (const { domain, future } of planned) offer(domain, siteOf(view, domain), 0, future)
    return best
  }

  /** The earliest slot in one domain of a site, from a time on and before another, or Infinity. */
  private slotAt(
    wanted: Wanted, domain: number, site: number, fromMs: number, below?: Future,
    beforeMs = Infinity): Slot {
    const { form, lackNodes, isLenient } = wanted
    const { job, pool, nodes, runMs } = form
    const { nowMs } = this.view.totals
    const demands = this.futures.demandsAt(form, site)
    const { future } = demands[0]
    const startMs = Math.max(nowMs + (isLenient ? 1 : 0), fromMs, this.opensAtMs(pool, runMs),
      lackNodes > 0 ? future.givingBack(lackNodes, isLenient) : nowMs)
    const all = below === undefined ? demands : [{ future: below, amount: nodes }, ...demands]
    const atMs = togetherAtMs(all, runMs, startMs, beforeMs, isLenient)
    return { job, pool, domain, atMs, endMs: atMs + runMs, nodes, demands }
  }

  private isClosed(pool: number, endMs: number): boolean {
    const { feedersAbove } = this.view.layout.pools[pool]!
    return this.closures.some(({ feeder, lateMs }) => endMs > lateMs && feedersAbove.has(feeder))
  }

  /** When the last feeder that keeps a job of a pool from starting now has its watts again. */
  private opensAtMs(pool: number, runMs: number): number {
    const { nowMs } = this.view.totals
    const { feedersAbove } = this.view.layout.pools[pool]!
    return this.closures.reduce((last, { feeder, atMs, lateMs }) =>
      nowMs + runMs > lateMs && feedersAbove.has(feeder) ? Math.max(last, atMs) : last, nowMs)
  }
}

const SITE = LEVELS.length - 1

/** The first time from which all amounts are free together, if that is before a time. */
function togetherAtMs(
  demands: readonly Demand[], runMs: number, fromMs: number, beforeMs: number,
  isLenient: boolean): number {
  let atMs = fromMs
  for (let agreed = 0, next = 0; agreed < demands.length; next++) {
    if (atMs >= beforeMs) return Infinity
    const { future, amount } = demands[next % demands.length]!
    const need = isLenient ? amount - future.capacity.overdue() : amount
    const earliestMs = future.earliest(need, runMs, atMs)
    agreed = earliestMs === atMs ? agreed + 1 : 1
    atMs = earliestMs
  }
  return atMs
}

/** Whether a future has all amounts, each from its time on. */
function isFreeFor(
  future: Future, amounts: ReturnType<typeof amountsIn>, endMs: number): boolean {
  let sum = 0
  for (const { fromMs, amount } of amounts) {
    sum += amount
    if (!future.isFreeBetween(sum, fromMs, endMs)) return false
  }
  return true
}

/** Site-level domain above a domain, or itself. */
function siteOf(view: State, domain: number): number {
  let at = domain
  while (view.layout.parent[at]! >= 0) at = view.layout.parent[at]!
  return at
}
