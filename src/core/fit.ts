import type { Placement } from '../model/index.ts'
import { bestDomain, nextCount, nextDomain, nextNode } from './free.ts'
import { canBind, headroomW, isSoldOver } from './ledger.ts'
import {
  isShortAtRoots, powerNeed, ratedNeed, shortIn, type PowerMissing, type PowerNeed,
} from './headroom.ts'
import { fitMixed } from './mixed.ts'
import { gpusOn, plannedRunMs, shapeOfJob } from './demand.ts'
import { bestWithin, nodeRange } from './within.ts'
import type { Shape } from './shape.ts'
import type { State } from './state.ts'
import { closedNodes } from './windows.ts'

/**
 * Searches a place for a gang: the best fit in the smallest domain that holds it. Nothing here
 * changes the state, and no search costs more than the racks of the domain that it finds.
 */

export type Search = {
  readonly pool: number
  readonly shape: Shape
  /** Largest level that the gang may span: an index in LEVELS. */
  readonly level: number
  /** Ranges of nodes that it may not use: see windows.ts. */
  readonly closed: readonly number[]
  /** Watts that each device is charged and can be held to; absent: of the pool's rating. */
  readonly power?: PowerNeed
  /** Most free first instead of best fit. */
  readonly isSpread: boolean
  /** Only inside this domain of the pool, rack to site; then a search costs its domains too. */
  readonly within?: number
}

/** A search before it is said where to begin. */
export type Wanted = Omit<Search, 'isSpread'>

export type Found =
  /** With `capW`, only where its devices are capped so from the start. */
  | { readonly placement: Placement, readonly capW?: number }
  | { readonly missing: 'nodes' | 'devices' | 'cpus' | 'topology' | 'window' }
  | PowerMissing

/** Other domains that are tried when the best one lacks power, at each level. */
const POWER_TRIES = 8

/**
 * What a job looks for in a pool if it starts now, on all of its nodes or on fewer, its devices at
 * their rating or capped; undefined where a node of the pool cannot give its part.
 */
export function searchFor(
  state: State, job: number, pool: number, nodes = state.tables.jobs.nodes[job]!, capW?: number,
): Wanted | undefined {
  const shape = shapeOfJob(state, job, pool, nodes)
  if (shape === undefined) return undefined
  const { jobs } = state.tables
  const gpus = gpusOn(state, job, nodes)
  const endAtMs = state.totals.nowMs + plannedRunMs(state, job, gpus, pool)
  const closed = closedNodes(state, jobs.queue[job]!, endAtMs)
  const power = powerNeed(state, job, pool, endAtMs, capW)
  return { pool, shape, level: jobs.level[job]!, closed, power }
}

/** A free place for the shape in one pool that its feeders can carry, or what is missing. */
export function fit(state: State, search: Search): Found {
  const short = shortOfPower(state, search)
  if (short !== undefined) return short
  if (search.closed.length > 0) return fitBeside(state, search)
  const found = fitPlain(state, search)
  if ('placement' in found || found.missing !== 'power') return found
  if (isNowhere(state, search)) return found
  // The best fit lacks watts: any place will do that can carry the gang.
  const other = fitAnywhere(state, search, true)
  return other !== undefined && 'placement' in other ? other : found
}

/** The first place in the order of the topology that lacks nothing; see `fitMixed`. */
function fitAnywhere(state: State, search: Search, isPowered: boolean): Found | undefined {
  const found = fitMixed(state, search, isPowered, (spans) => shortOf(state, search, spans))
  return Array.isArray(found) ? { placement: { pool: search.pool, spans: found } } : found
}

/** A place beside the windows that the job would run into. O(nodes of the pool). */
function fitBeside(state: State, search: Search): Found {
  const beside = fitAnywhere(state, search, canBind(state, state.layout.pools[search.pool]!))
  if (beside !== undefined) return beside
  const found = fit(state, { ...search, closed: [] })
  return 'placement' in found ? { missing: 'window' } : found
}

/** The best fit; of its feeders only the first few choices are asked. */
function fitPlain(state: State, search: Search): Found {
  const { shape } = search
  if (shape.whole === 0 && shape.parts === 1) return fitPart(state, search)
  if (shape.parts === 0) return fitWhole(state, search)
  return fitAnywhere(state, search, false) ?? { missing: shape.whole > 0 ? 'nodes' : 'devices' }
}

/** Power is missing where no site of the pool has the watts, wherever in it the gang goes. */
function shortOfPower(
  state: State, { pool: poolId, shape, power }: Search): Found | undefined {
  const pool = state.layout.pools[poolId]!
  const devices = shape.whole * pool.system.gpus + shape.parts * shape.partDevices
  if (!canBind(state, pool) || devices === 0 || isSoldOver(state)) return undefined
  let short: Found | undefined
  for (const { feeder, leastRatio } of pool.roots) {
    // The weather may make less of losses than the plant says.
    const ratio = state.totals.shiftedRatios > 0 ? 1 : leastRatio
    const needW = Math.floor(devices * (power?.chargeW ?? pool.chargeW) * ratio)
    const haveW = headroomW(state, feeder)
    if (needW <= haveW) return undefined
    short ??= { missing: 'power', feeder, needW, haveW, atMs: state.totals.nowMs, ledger: 'grantW' }
  }
  return short
}

/** Whole free nodes of the pool's best site. */
export function freeNodesOf(state: State, pool: number): number {
  const sites = state.layout.pools[pool]!.levels.at(-1)!
  let most = 0
  for (let site = sites.firstDomain; site < sites.endDomain; site++) {
    most = Math.max(most, state.tables.domains.freeNodes[site]!)
  }
  return most
}

function fitPart(state: State, search: Search): Found {
  const pool = state.layout.pools[search.pool]!
  const { shape, isSpread } = search
  const whole = pool.system.gpus + 1
  // Parts of nodes that are in use come first, the fullest first, so that whole nodes stay whole.
  const lowest = pool.system.gpus === 0 ? 0 : Math.max(1, shape.partDevices)
  let isShort = false
  for (let step = lowest; step <= whole; step++) {
    const key = isSpread ? whole + lowest - step : step
    const node = key === whole ? wholeNode(state, search)
      : roomyNode(state, search, key)
    if (node === -2) isShort = true
    if (node < 0) continue
    if (key === whole && !hasRoom(state, node, shape)) continue
    const spans = [node, node + 1, lowestDevices(state, node, shape.partDevices)]
    return checked(state, search, spans)
  }
  return { missing: isShort ? 'cpus' : 'devices' }
}

/** A wholly free node from the rack that has fewest of them (or most, to spread). */
function wholeNode(state: State, search: Search): number {
  const { layout } = state
  const rack = firstDomain(state, search, 0, 1)
  if (rack < 0) return -1
  const key = layout.pools[search.pool]!.system.gpus + 1
  return nextNode(state, layout.domainPool[rack]!, key, layout.firstChild[rack]!)
}

/** First node of a set with the cores and memory; -1 when the set is empty, -2 when all lack. */
function roomyNode(state: State, { pool, shape, within }: Search, key: number): number {
  const [from, end] = within === undefined ? [0, Infinity] : nodeRange(state, within)
  let node = nextNode(state, pool, key, from)
  if (node < 0 || node >= end) return -1
  while (node >= 0 && node < end && !hasRoom(state, node, shape)) {
    node = nextNode(state, pool, key, node + 1)
  }
  return node < 0 || node >= end ? -2 : node
}

export function hasRoom(state: State, node: number, shape: Shape): boolean {
  const { nodes } = state.tables
  return nodes.freeCpus[node]! >= shape.partCpus
    && nodes.freeMemoryGiB[node]! >= shape.partMemoryGiB
}

/** Mask of the lowest free devices of a node. */
export function lowestDevices(state: State, node: number, count: number): number {
  let rest = state.tables.nodes.freeDevices[node]!
  let mask = 0
  for (let left = count; left > 0; left--) {
    mask |= rest & -rest
    rest &= rest - 1
  }
  return mask
}

function fitWhole(state: State, search: Search): Found {
  const need = search.shape.whole
  const most = need === 1 ? Math.max(1, search.level) : search.level
  let isShortOfPower: Found | undefined
  for (let at = 0; at < most; at++) {
    let domain = firstDomain(state, search, at, need)
    for (let tries = 0; domain >= 0 && tries < POWER_TRIES; tries++) {
      const found = checked(state, search, takeFrom(state, search, at, domain, need))
      if ('placement' in found) return found
      if (isShortOfPower === undefined && isNowhere(state, search)) return found
      isShortOfPower ??= found
      domain = followingDomain(state, search, at, domain)
    }
  }
  if (isShortOfPower !== undefined) return isShortOfPower
  return { missing: freeNodesOf(state, search.pool) >= need ? 'topology' : 'nodes' }
}

/** The domain of a level (its index in the pool) that is tried first, or -1. */
function firstDomain(state: State, search: Search, at: number, need: number): number {
  if (search.within !== undefined) return bestWithin(state, search, at, need, -1)
  const level = state.layout.pools[search.pool]!.levels[at]!
  return bestDomain(state, level, need, search.isSpread)
}

/** The domain that the best fit would name if `domain` did not exist. */
function followingDomain(state: State, search: Search, at: number, domain: number): number {
  if (search.within !== undefined) return bestWithin(state, search, at, search.shape.whole, domain)
  const level = state.layout.pools[search.pool]!.levels[at]!
  const count = state.tables.domains.freeNodes[domain]!
  const same = nextDomain(state, level, count, domain)
  if (same >= 0) return same
  const next = nextCount(state, level, count)
  return next < 0 ? -1 : nextDomain(state, level, next, level.firstDomain - 1)
}

/** Spans of `need` free whole nodes inside a domain, from as few racks as it takes. */
function takeFrom(
  state: State, search: Search, at: number, domain: number, need: number): number[] {
  const spans: number[] = []
  collect(state, search, at, domain, need, spans)
  return mergeSpans(spans)
}

function collect(
  state: State, search: Search, at: number, domain: number, need: number, spans: number[]): void {
  const { layout, tables } = state
  if (at === 0) return collectRack(state, search.pool, domain, need, spans)
  const { freeNodes } = tables.domains
  const first = layout.firstChild[domain]!
  const end = layout.endChild[domain]!
  let only = -1
  for (let child = first; child < end; child++) {
    if (freeNodes[child]! < need) continue
    if (only < 0 || isBetter(freeNodes[child]!, freeNodes[only]!, search.isSpread)) only = child
  }
  if (only >= 0) return collect(state, search, at - 1, only, need, spans)
  // Children give in the order of their free nodes, most first, the lower id among equals; what is
  // left at last goes where it fits best.
  let left = need
  let child = nextGiver(freeNodes, first, end, -1, 0)
  while (left > 0) {
    if (freeNodes[child]! >= left && !search.isSpread) {
      child = lastHolding(freeNodes, child, first, end, left)
    }
    const taken = Math.min(left, freeNodes[child]!)
    collect(state, search, at - 1, child, taken, spans)
    left -= taken
    if (left > 0) child = nextGiver(freeNodes, first, end, child, freeNodes[child]!)
  }
}

/** The child that follows `after`, which has `count` free nodes: most first, then by id. */
function nextGiver(
  freeNodes: Int32Array, first: number, end: number, after: number, count: number): number {
  let best = -1
  for (let child = first; child < end; child++) {
    const free = freeNodes[child]!
    if (free === 0) continue
    const isLater = after < 0 || free < count || (free === count && child > after)
    if (isLater && (best < 0 || free > freeNodes[best]!)) best = child
  }
  return best
}

/** The last child in that order which still holds `need` nodes. */
function lastHolding(
  freeNodes: Int32Array, from: number, first: number, end: number, need: number): number {
  let last = from
  for (let child = first; child < end; child++) {
    const free = freeNodes[child]!
    if (free < need) continue
    if (free < freeNodes[last]! || (free === freeNodes[last] && child > last)) last = child
  }
  return last
}

function isBetter(free: number, best: number, isSpread: boolean): boolean {
  return isSpread ? free > best : free < best
}

function collectRack(
  state: State, pool: number, domain: number, need: number, spans: number[]): void {
  const key = state.layout.pools[pool]!.system.gpus + 1
  let left = need
  let node = nextNode(state, pool, key, state.layout.firstChild[domain]!)
  while (left > 0) {
    const first = node
    let next = -1
    do {
      node++
      left--
      next = left > 0 ? nextNode(state, pool, key, node) : -1
    } while (next === node)
    spans.push(first, node, 0)
    node = next
  }
}

/** Sorts whole-node spans by node and joins neighbours. */
export function mergeSpans(spans: number[]): number[] {
  let isMerged = true
  for (let at = 3; at < spans.length; at += 3) isMerged &&= spans[at]! > spans[at - 2]!
  if (isMerged) return spans
  return spans.length <= FEW_SPANS * 3 ? mergeFew(spans) : mergeMany(spans)
}

/** Up to so many spans are sorted where they lie. */
const FEW_SPANS = 32

function mergeFew(spans: number[]): number[] {
  for (let at = 3; at < spans.length; at += 3) {
    const first = spans[at]!
    const end = spans[at + 1]!
    let to = at
    for (; to > 0 && spans[to - 3]! > first; to -= 3) {
      spans[to] = spans[to - 3]!
      spans[to + 1] = spans[to - 2]!
    }
    spans[to] = first
    spans[to + 1] = end
  }
  let last = 0
  for (let at = 3; at < spans.length; at += 3) {
    if (spans[at] !== spans[last + 1]) {
      last += 3
      spans[last] = spans[at]!
    }
    spans[last + 1] = spans[at + 1]!
  }
  while (spans.length > last + 3) spans.pop()
  return spans
}

function mergeMany(spans: readonly number[]): number[] {
  const order: number[] = []
  for (let at = 0; at < spans.length; at += 3) order.push(at)
  order.sort((a, b) => spans[a]! - spans[b]!)
  const merged: number[] = []
  for (const at of order) {
    if (merged.length > 0 && merged[merged.length - 2] === spans[at]!) {
      merged[merged.length - 2] = spans[at + 1]!
    } else {
      merged.push(spans[at]!, spans[at + 1]!, 0)
    }
  }
  return merged
}

/** Whether a gang that lacks watts where it was tried lacks them all over its pool. */
function isNowhere(state: State, { pool: poolId, shape, power }: Search): boolean {
  const pool = state.layout.pools[poolId]!
  const devices = shape.whole * pool.system.gpus + shape.parts * shape.partDevices
  return isShortAtRoots(state, pool, devices, power ?? ratedNeed(pool))
}

/** The placement, unless a feeder above it would be overloaded, now or later (I4a, I4b). */
function checked(state: State, search: Search, spans: number[]): Found {
  return shortOf(state, search, spans) ?? { placement: { pool: search.pool, spans } }
}

function shortOf(state: State, search: Search, spans: number[]): PowerMissing | undefined {
  const pool = state.layout.pools[search.pool]!
  const { whole, parts, partDevices } = search.shape
  const devices = whole * pool.system.gpus + parts * partDevices
  if (devices === 0) return undefined
  const need = search.power ?? ratedNeed(pool)
  return shortIn(state, { pool: search.pool, spans }, need, devices, whole + parts)
}
