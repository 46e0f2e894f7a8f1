import { busyUntilOf } from '../core/holder.ts'
import type { State } from '../core/state.ts'
import { domainsIn } from '../core/within.ts'
import type { Charge } from './charge.ts'
import { countBelow } from './capacity.ts'
import type { Capacity } from './future.ts'

/** Nodes up to which moving one by one sorts faster than a call of sort. */
const FEW = 32

/**
 * When the serving nodes of each domain of one level of a pool are expected to be free, sorted
 * within the domain: 0 for those that are. Made once a round, O(nodes of the pool); overdue runs
 * are counted apart.
 */
export class NodeTimes {
  private readonly view: State
  private readonly firstDomain: number
  private readonly firsts: Int32Array
  private readonly untilMs: Float64Array
  private readonly known: Int32Array
  private readonly overdue: Int32Array

  /** `at` is the level's index among the levels of its pool: 0 for racks. */
  constructor(view: State, pool: number, at: number) {
    this.view = view
    const { firstDomain, endDomain } = view.layout.pools[pool]!.levels[at]!
    this.firstDomain = firstDomain
    const domains = endDomain - firstDomain
    this.firsts = new Int32Array(domains + 1)
    for (let domain = 0; domain < domains; domain++) {
      const nodes = view.layout.domainNodes[firstDomain + domain]!
      this.firsts[domain + 1] = this.firsts[domain]! + nodes
    }
    this.untilMs = new Float64Array(this.firsts[domains]!)
    this.known = new Int32Array(domains)
    this.overdue = new Int32Array(domains)
    for (let domain = firstDomain; domain < endDomain; domain++) this.fill(domain)
  }

  /** The first domain of a range that has `need` nodes soonest and is not skipped. O(range). */
  soonest(
    need: number, isLenient: boolean, [first, end]: readonly [number, number],
    isSkipped: (domain: number) => boolean,
  ): { domain: number, atMs: number } | undefined {
    let best = -1
    let bestMs = Infinity
    for (let domain = first; domain < end; domain++) {
      const at = domain - this.firstDomain
      const rank = Math.ceil(need) - (isLenient ? this.overdue[at]! : 0)
      if (rank > this.known[at]!) continue
      const atMs = rank <= 0 ? 0 : this.untilMs[this.firsts[at]! + rank - 1]!
      if (atMs >= bestMs || isSkipped(domain)) continue
      best = domain
      bestMs = atMs
      if (atMs === 0) break
    }
    return best < 0 ? undefined : { domain: best, atMs: bestMs }
  }

  /** What one domain gives back, as it is now. O(its nodes), then O(their log) a look. */
  capacityOf(domain: number): Capacity {
    const { nowMs } = this.view.totals
    const at = domain - this.firstDomain
    const first = this.firsts[at]!
    const untilMs = this.untilMs.slice(first, first + this.known[at]!)
    const overdue = this.overdue[at]!
    return {
      at: (atMs) => countBelow(untilMs, atMs + 1),
      reaching: (need) => need <= 0 ? nowMs : untilMs[Math.ceil(need) - 1] ?? Infinity,
      overdue: () => overdue,
      isLive: false,
    }
  }

  /** Reads the domains anew in which nodes were taken. O(their nodes). */
  refill(charges: readonly Charge[]): void {
    const { layout } = this.view
    let last = -1
    for (const { first, end } of charges) {
      for (let node = first; node < end; node++) {
        let domain = layout.domainOfRack[layout.rackOfNode[node]!]!
        while (domain < this.firstDomain) domain = layout.parent[domain]!
        if (domain !== last) this.fill(domain)
        last = domain
      }
    }
  }

  private fill(domain: number): void {
    const { view, untilMs } = this
    const { nowMs } = view.totals
    const at = domain - this.firstDomain
    const first = this.firsts[at]!
    let end = first
    let overdue = 0
    forEachServing(view, domain, (node) => {
      const until = busyUntilOf(view, node)
      if (until !== 0 && until <= nowMs) overdue++
      else untilMs[end++] = until
    })
    this.known[at] = end - first
    this.overdue[at] = overdue
    if (end - first > FEW) {
      untilMs.subarray(first, end).sort()
      return
    }
    for (let from = first + 1; from < end; from++) {
      const value = untilMs[from]!
      let to = from
      for (; to > first && untilMs[to - 1]! > value; to--) untilMs[to] = untilMs[to - 1]!
      untilMs[to] = value
    }
  }
}

/** Calls back with each node of a domain that is neither down nor drained. */
export function forEachServing(
  view: State, domain: number, visit: (node: number) => void): void {
  const { layout, tables } = view
  const { flags } = tables.nodes
  const [first, end] = domainsIn(view, domain, 0)
  for (let rack = first; rack < end; rack++) {
    for (let node = layout.firstChild[rack]!; node < layout.endChild[rack]!; node++) {
      if (flags[node] === 0) visit(node)
    }
  }
}
