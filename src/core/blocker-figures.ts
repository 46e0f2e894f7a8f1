import { countBits } from '../base/bitset.ts'
import type { Blocker } from '../model/index.ts'
import type { Missing } from './blocker.ts'
import { hasRoom, type Wanted } from './fit.ts'
import { freeCpusOf, freeDevicesOf, freeMemoryOf, isIdle } from './holder.ts'
import { nodesOf, type Shape } from './shape.ts'
import type { State } from './state.ts'
import { isClosed } from './windows.ts'

/**
 * What a search in a pool did not find, with the best figures: what the best domain of the level
 * has against what the gang needs, in one unit. O(nodes of the pool).
 */
export function figuresOf(state: State, search: Wanted, found: Missing): Blocker {
  const { plant } = state.layout
  const { shape } = search
  const at = plant.pools[search.pool]!.name
  if (found.missing === 'power') {
    const { feeder, needW, haveW } = found
    return { reason: 'power', need: needW, have: haveW, unit: 'W', at: plant.feeders[feeder]!.name }
  }
  if (found.missing === 'window') {
    const have = mostReady(state, search)
    return { reason: 'window', need: nodesOf(shape), have, unit: 'nodes', at }
  }
  // Windows are no part of what else is missing: they come up when the rest is there.
  const anywhen = { ...search, closed: [] }
  return shape.whole > 0 ? nodeFigures(state, anywhen, at) : partFigures(state, anywhen, at)
}

function nodeFigures(state: State, search: Wanted, at: string): Blocker {
  const need = nodesOf(search.shape)
  const have = mostReady(state, search)
  const isSplit = mostReady(state, { ...search, level: SITE }) >= need
  return { reason: isSplit ? 'topology' : 'nodes', need, have, unit: 'nodes', at }
}

/** Parts of nodes: devices are short, else cores, else memory. */
function partFigures(state: State, search: Wanted, at: string): Blocker {
  const { shape } = search
  const { parts, partCpus, partMemoryGiB } = shape
  const partDevices = leastDevices(state, search)
  const need = nodesOf(shape)
  if (parts > 1 && mostReady(state, { ...search, level: SITE }) >= need) {
    const have = mostReady(state, search)
    return { reason: 'topology', need, have, unit: 'nodes', at }
  }
  const most = mostOnOneNode(state, search)
  if (partDevices > 0 && most.devices < partDevices) {
    return { reason: 'devices', need: partDevices, have: most.devices, unit: 'GPUs', at }
  }
  if (parts > 1 && most.isEnough) {
    const have = mostReady(state, search)
    const reason = partDevices > 0 ? 'devices' : 'cpus'
    return { reason, need, have, unit: 'nodes', at }
  }
  if (most.cpus < partCpus) {
    return { reason: 'cpus', need: partCpus, have: most.cpus, unit: 'cores', at }
  }
  return { reason: 'cpus', need: partMemoryGiB, have: most.memoryGiB, unit: 'GiB', at }
}

/** Index in LEVELS of the largest domain. */
const SITE = 4

/** Most nodes of one domain of the level that could take a part of the gang now. */
function mostReady(state: State, search: Wanted): number {
  let most = 0
  const counts = new Map<number, number>()
  const devices = leastDevices(state, search)
  forEachNode(state, search, (node, domain) => {
    if (!isReady(state, node, search.shape, devices)) return
    const count = (counts.get(domain) ?? 0) + 1
    counts.set(domain, count)
    most = Math.max(most, count)
  })
  return most
}

/** Whether a node that serves has all that one of a gang's nodes needs. */
function isReady(state: State, node: number, shape: Shape, devices: number): boolean {
  if (shape.whole > 0) return isIdle(state, node)
  return countBits(freeDevicesOf(state, node)) >= devices && hasRoom(state, node, shape)
}

/** Free devices that a part needs: one at least, since a node without any is in no set. */
export function leastDevices(state: State, { pool, shape }: Wanted): number {
  return state.layout.pools[pool]!.system.gpus === 0 ? 0 : Math.max(1, shape.partDevices)
}

/** Calls back with each open, serving node of a pool and its domain of the level. */
export function forEachNode(
  state: State, { pool, level, closed }: Wanted, visit: (node: number, domain: number) => void,
): void {
  const { layout, tables } = state
  const racks = layout.pools[pool]!.levels[0]!
  for (let rack = racks.firstDomain; rack < racks.endDomain; rack++) {
    let domain = rack
    for (let up = 1; up < level; up++) domain = layout.parent[domain]!
    for (let node = layout.firstChild[rack]!; node < layout.endChild[rack]!; node++) {
      if (tables.nodes.flags[node] === 0 && !isClosed(closed, node)) visit(node, domain)
    }
  }
}

/** What the best node has: devices; with enough of them, cores; with enough of both, memory. */
function mostOnOneNode(state: State, search: Wanted) {
  const { partCpus, partMemoryGiB } = search.shape
  const partDevices = leastDevices(state, search)
  const most = { devices: 0, cpus: 0, memoryGiB: 0, isEnough: false }
  forEachNode(state, search, (node) => {
    const devices = countBits(freeDevicesOf(state, node))
    const cpus = freeCpusOf(state, node)
    const memoryGiB = freeMemoryOf(state, node)
    most.devices = Math.max(most.devices, devices)
    if (devices < partDevices) return
    most.cpus = Math.max(most.cpus, cpus)
    if (cpus < partCpus) return
    most.memoryGiB = Math.max(most.memoryGiB, memoryGiB)
    most.isEnough ||= memoryGiB >= partMemoryGiB
  })
  return most
}
