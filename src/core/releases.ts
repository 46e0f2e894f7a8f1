import { NONE } from '../base/id.ts'
import { PHASE } from '../model/index.ts'
import { SHARED } from './holder.ts'
import type { Layout } from './layout.ts'
import type { State } from './state.ts'
import { insertItem, keyReaching, removeItem, sumUpTo, type Forest } from './tree.ts'

/**
 * When the nodes in use are expected to be free: for each site of a pool a search tree by time,
 * with sums. It follows from the state and is no part of it: made when it is first asked for, and
 * from then on kept in step, so a run whose policies never reserve does not pay for it.
 */
export class Releases {
  private forest: Forest | undefined
  private roots = new Int32Array(0)
  private rows = 0

  /** Whether it was asked for, and so must hear of each change. */
  get isKept(): boolean {
    return this.forest !== undefined
  }

  /** Nodes of a site that are expected to be free by a time. O(log items). */
  upTo(state: State, site: number, atMs: number): number {
    return sumUpTo(this.kept(state), this.roots[site]!, atMs)
  }

  /** When so many more nodes of a site will be free; Infinity when never. O(log items). */
  reaching(state: State, site: number, nodes: number): number {
    return keyReaching(this.kept(state), this.roots[site]!, nodes)
  }

  /** A job takes its whole nodes, or gives them back. */
  change(state: State, job: number, firstNode: number, whole: number, isTaken: boolean): void {
    const item = state.layout.plant.nodes + job
    const site = siteDomainOf(state.layout, firstNode)
    if (isTaken) this.insert(site, item, state.tables.jobs.expectedEndAtMs[job]!, whole)
    else this.remove(site, item)
  }

  /** A node of which jobs have parts is in use. */
  enter(state: State, node: number): void {
    this.insert(siteDomainOf(state.layout, node), node, state.tables.nodes.busyUntilMs[node]!, 1)
  }

  /** A shared node is about to change. */
  leave(state: State, node: number): void {
    this.remove(siteDomainOf(state.layout, node), node)
  }

  private insert(site: number, item: number, untilMs: number, nodes: number): void {
    if (item >= this.rows) this.grow(item + 1)
    this.roots[site] = insertItem(this.forest!, this.roots[site]!, item, untilMs, item, nodes)
  }

  private remove(site: number, item: number): void {
    this.roots[site] = removeItem(this.forest!, this.roots[site]!, item)
  }

  private kept(state: State): Forest {
    if (this.forest !== undefined) return this.forest
    const { layout, tables, totals } = state
    this.roots = new Int32Array(layout.domains).fill(NONE)
    this.grow(layout.plant.nodes + tables.jobs.phase.length)
    for (let node = 0; node < layout.plant.nodes; node++) {
      if (tables.nodes.holder[node] === SHARED) this.enter(state, node)
    }
    for (let job = 0; job < totals.jobRows; job++) {
      if (tables.jobs.phase[job]! < PHASE.starting || tables.jobs.gpus[job] === 0) continue
      const whole = wholeNodesOf(state, job)
      if (whole > 0) {
        this.change(state, job, tables.spans.first[tables.jobs.firstSpan[job]!]!, whole, true)
      }
    }
    return this.forest!
  }

  private grow(rows: number): void {
    const old = this.forest?.tables.items
    this.rows = Math.max(rows, this.rows * 2)
    const floats = (from?: Float64Array) => copied(new Float64Array(this.rows), from)
    const whole = (from?: Int32Array) => copied(new Int32Array(this.rows), from)
    this.forest = { tables: { items: {
      key: floats(old?.key), tie: floats(old?.tie), left: whole(old?.left),
      right: whole(old?.right), weight: whole(old?.weight), sum: whole(old?.sum),
    } } }
  }
}

/** Site-level domain of a node. */
export function siteDomainOf(layout: Layout, node: number): number {
  let domain = layout.domainOfRack[layout.rackOfNode[node]!]!
  while (layout.parent[domain]! >= 0) domain = layout.parent[domain]!
  return domain
}

function wholeNodesOf(state: State, job: number): number {
  const { jobs, spans } = state.tables
  let whole = 0
  for (let at = jobs.firstSpan[job]!; at !== NONE; at = spans.next[at]!) {
    if (spans.mask[at] === 0) whole += spans.end[at]! - spans.first[at]!
  }
  return whole
}

function copied<Column extends { set(from: ArrayLike<number>): void }>(
  into: Column, from: ArrayLike<number> | undefined): Column {
  if (from !== undefined) into.set(from)
  return into
}
