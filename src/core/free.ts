import {
  addBit, addBits, countBetween, countBits, nextBit, removeBit, removeBits,
} from '../base/bitset.ts'
import { NONE } from '../base/id.ts'
import { freeDevicesOf, isIdle } from './holder.ts'
import type { LevelLayout, PoolLayout } from './layout.ts'
import { nodeKeys } from './layout.ts'
import type { State } from './state.ts'

/**
 * The index of free capacity. Each pool keeps its nodes in sets by free devices, and each level
 * of its topology keeps its domains in sets by free whole nodes, so the best fit for a gang is
 * found without a scan. Nodes that are down or drained are in no set.
 */

/** Builds the whole index from the columns of nodes. O(nodes). */
export function indexFreeNodes(state: State): void {
  const { tables, layout } = state
  tables.index.bits.fill(0)
  tables.tallies.domains.fill(0)
  tables.domains.freeNodes.fill(0)
  for (const pool of layout.pools) {
    for (const level of pool.levels) {
      for (let at = level.firstDomain; at < level.endDomain; at++) insert(state, level, at, 0)
    }
  }
  for (let node = 0; node < layout.plant.nodes; node++) indexNode(state, node)
}

/** Set of a pool in which a node belongs now: free devices, or one more when it is whole. */
function keyOf(state: State, node: number): number {
  const { system } = state.layout.pools[poolOfNode(state, node)]!
  return isIdle(state, node) ? system.gpus + 1 : countBits(freeDevicesOf(state, node))
}

/** Enters a node that may serve jobs. A GPU node without a free device is in no set. */
export function indexNode(state: State, node: number): void {
  changeNode(state, node, 1)
}

/** Takes a node out of its set, before what it has free changes. */
export function unindexNode(state: State, node: number): void {
  changeNode(state, node, -1)
}

/**
 * Takes a run of free whole nodes of one pool out of the index, or puts it back in: its bits by
 * words, the count of each rack, and those of each row and what holds it once.
 */
export function indexRun(
  state: State, pool: PoolLayout, first: number, end: number, isTaken: boolean): void {
  const { layout } = state
  const size = pool.endNode - pool.firstNode
  const base = pool.nodeBits + (pool.system.gpus + 1) * pool.nodeWords
  const from = first - pool.firstNode
  if (isTaken) removeBits(state.tables.index.bits, base, size, from, end - pool.firstNode)
  else addBits(state.tables.index.bits, base, size, from, end - pool.firstNode)
  const sign = isTaken ? -1 : 1
  let row: number = NONE
  let rowBy = 0
  for (let node = first; node < end;) {
    const rack = layout.rackOfNode[node]!
    const next = Math.min(end, layout.endNodeOfRack[rack]!)
    const by = sign * (next - node)
    const domain = layout.domainOfRack[rack]!
    move(state, pool.levels[0]!, domain, by)
    if (layout.parent[domain] !== row) {
      if (row !== NONE) moveUp(state, pool, 1, row, rowBy)
      row = layout.parent[domain]!
      rowBy = 0
    }
    rowBy += by
    node = next
  }
  moveUp(state, pool, 1, row, rowBy)
}

/** First node at or after `from` with exactly that key, or -1. */
export function nextNode(state: State, poolId: number, key: number, from: number): number {
  const pool = state.layout.pools[poolId]!
  const size = pool.endNode - pool.firstNode
  const base = pool.nodeBits + key * pool.nodeWords
  const at = nextBit(state.tables.index.bits, base, size, Math.max(0, from - pool.firstNode))
  return at < 0 ? -1 : at + pool.firstNode
}

/**
 * The domain of a level that leaves least when it gives `need` whole nodes (pack), or most
 * (spread); the lowest id among equals. -1 when none has as many. O(1) in the number of domains.
 */
export function bestDomain(
  state: State, level: LevelLayout, need: number, isSpread: boolean): number {
  if (need > level.mostNodes) return -1
  const { bits } = state.tables.index
  const counts = level.mostNodes + 1
  const size = level.endDomain - level.firstDomain
  let count = nextBit(bits, level.countBits, counts, need)
  if (count < 0) return -1
  if (isSpread) count = lastCount(state, level, count)
  return level.firstDomain + nextBit(bits, level.bits + count * level.words, size, 0)
}

/** The next domain after `after` with exactly `count` free nodes, or -1. */
export function nextDomain(
  state: State, level: LevelLayout, count: number, after: number): number {
  const size = level.endDomain - level.firstDomain
  const base = level.bits + count * level.words
  const at = nextBit(state.tables.index.bits, base, size, after + 1 - level.firstDomain)
  return at < 0 ? -1 : at + level.firstDomain
}

/** The next count above `count` that some domain of the level has, or -1. */
export function nextCount(state: State, level: LevelLayout, count: number): number {
  return nextBit(state.tables.index.bits, level.countBits, level.mostNodes + 1, count + 1)
}

/** Free devices of the nodes of a pool that serve, at one of its sites. O(words of its sets). */
export function freeGpusAt(state: State, poolId: number, site: number): number {
  const { layout, tables } = state
  const pool = layout.pools[poolId]!
  const { gpus } = pool.system
  const size = pool.endNode - pool.firstNode
  let first = site
  let last = site
  for (let level = pool.levels.length; level > 0; level--) {
    first = layout.firstChild[first]!
    last = layout.endChild[last]! - 1
  }
  let free = tables.domains.freeNodes[site]! * gpus
  for (let key = 1; key <= gpus; key++) {
    const base = pool.nodeBits + key * pool.nodeWords
    free += key * countBetween(tables.index.bits, base, size, first - pool.firstNode,
      last + 1 - pool.firstNode)
  }
  return free
}

/** Counts that do not match a fresh index, for the invariants. O(nodes). */
export function indexErrors(state: State): string[] {
  const { layout, tables } = state
  const errors: string[] = []
  const setOf = new Int32Array(layout.plant.nodes).fill(NONE)
  layout.pools.forEach((pool, poolId) => {
    for (let key = 0; key < nodeKeys(pool.system); key++) {
      for (let node = nextNode(state, poolId, key, 0); node >= 0;
        node = nextNode(state, poolId, key, node + 1)) {
        if (setOf[node] !== NONE || poolOfNode(state, node) !== poolId) {
          errors.push(`node ${node} is in set ${key} of pool ${poolId} too`)
        }
        setOf[node] = key
      }
    }
  })
  setOf.forEach((found, node) => {
    const key = keyOf(state, node)
    const isFull = key === 0 && layout.pools[poolOfNode(state, node)]!.system.gpus > 0
    const wanted = isFull || tables.nodes.flags[node] !== 0 ? NONE : key
    if (found !== wanted) errors.push(`node ${node} is in set ${found}, not ${wanted}`)
  })
  const free = new Int32Array(layout.domains)
  for (let node = 0; node < layout.plant.nodes; node++) {
    if (tables.nodes.flags[node] !== 0 || !isIdle(state, node)) continue
    let at = layout.domainOfRack[layout.rackOfNode[node]!]!
    for (; at >= 0; at = layout.parent[at]!) free[at] = free[at]! + 1
  }
  for (let at = 0; at < layout.domains; at++) {
    if (free[at] !== tables.domains.freeNodes[at]) {
      errors.push(`domain ${at} counts ${tables.domains.freeNodes[at]} free, has ${free[at]}`)
    }
  }
  return errors
}

function changeNode(state: State, node: number, by: number): void {
  if (state.tables.nodes.flags[node] !== 0) return
  const { layout } = state
  const pool = layout.pools[poolOfNode(state, node)]!
  const key = keyOf(state, node)
  if (key === 0 && pool.system.gpus > 0) return
  const size = pool.endNode - pool.firstNode
  const base = pool.nodeBits + key * pool.nodeWords
  const { bits } = state.tables.index
  if (by > 0) addBit(bits, base, size, node - pool.firstNode)
  else removeBit(bits, base, size, node - pool.firstNode)
  if (key <= pool.system.gpus) return
  moveUp(state, pool, 0, layout.domainOfRack[layout.rackOfNode[node]!]!, by)
}

function poolOfNode(state: State, node: number): number {
  return state.layout.poolOfRack[state.layout.rackOfNode[node]!]!
}

/** Moves a domain and all that holds it to the sets of their new counts. O(levels). */
function moveUp(
  state: State, pool: PoolLayout, level: number, domain: number, by: number): void {
  const { levels } = pool
  for (let at = level; at < levels.length; at++) {
    move(state, levels[at]!, domain, by)
    domain = state.layout.parent[domain]!
  }
}

function move(state: State, level: LevelLayout, domain: number, by: number): void {
  const count = state.tables.domains.freeNodes[domain]!
  remove(state, level, domain, count)
  insert(state, level, domain, count + by)
}

function insert(state: State, level: LevelLayout, domain: number, count: number): void {
  const { bits } = state.tables.index
  const tally = state.tables.tallies.domains
  const size = level.endDomain - level.firstDomain
  addBit(bits, level.bits + count * level.words, size, domain - level.firstDomain)
  const domains = tally[level.tally + count]! + 1
  tally[level.tally + count] = domains
  if (domains === 1) addBit(bits, level.countBits, level.mostNodes + 1, count)
  state.tables.domains.freeNodes[domain] = count
}

function remove(state: State, level: LevelLayout, domain: number, count: number): void {
  const { bits } = state.tables.index
  const tally = state.tables.tallies.domains
  const size = level.endDomain - level.firstDomain
  removeBit(bits, level.bits + count * level.words, size, domain - level.firstDomain)
  const domains = tally[level.tally + count]! - 1
  tally[level.tally + count] = domains
  if (domains === 0) removeBit(bits, level.countBits, level.mostNodes + 1, count)
}

function lastCount(state: State, level: LevelLayout, from: number): number {
  const tally = state.tables.tallies.domains
  for (let count = level.mostNodes; count > from; count--) {
    if (tally[level.tally + count]! > 0) return count
  }
  return from
}
