import { nextNode } from './free.ts'
import { hasRoom, lowestDevices, type Search } from './fit.ts'
import type { State } from './state.ts'

/**
 * Places gangs that take parts of several nodes, or whole nodes and a rest. They are rare, so
 * this is a plain search: domains by level, the first that holds the gang. O(nodes of the pool).
 */
export function fitMixed(state: State, search: Search): number[] | undefined {
  const { levels } = state.layout.pools[search.pool]!
  for (let at = 0; at < search.level; at++) {
    const level = levels[at]!
    for (let domain = level.firstDomain; domain < level.endDomain; domain++) {
      if (state.tables.domains.freeNodes[domain]! < search.shape.whole) continue
      const spans = gather(state, search, rackRange(state, at, domain))
      if (spans !== undefined) return spans
    }
  }
  return undefined
}

/** First and end rack-level domain below a domain. */
function rackRange(state: State, at: number, domain: number): readonly [number, number] {
  let first = domain
  let last = domain
  for (let level = at; level > 0; level--) {
    first = state.layout.firstChild[first]!
    last = state.layout.endChild[last]! - 1
  }
  return [first, last + 1]
}

/** Parts from nodes in use first, the fullest first; then whole nodes for all that is left. */
function gather(
  state: State, search: Search, racks: readonly [number, number]): number[] | undefined {
  const { shape, pool } = search
  const { gpus } = state.layout.pools[pool]!.system
  const spans: number[] = []
  let parts = shape.parts
  const lowest = gpus === 0 ? 0 : Math.max(1, shape.partDevices)
  for (let key = lowest; key <= gpus && parts > 0; key++) {
    forEachNode(state, pool, key, racks, (node) => {
      if (!hasRoom(state, node, shape)) return parts > 0
      spans.push(node, node + 1, lowestDevices(state, node, shape.partDevices))
      parts--
      return parts > 0
    })
  }
  let whole = shape.whole
  if (parts + whole > 0) {
    forEachNode(state, pool, gpus + 1, racks, (node) => {
      if (whole > 0) {
        spans.push(node, node + 1, 0)
        whole--
      } else if (hasRoom(state, node, shape)) {
        spans.push(node, node + 1, lowestDevices(state, node, shape.partDevices))
        parts--
      }
      return parts + whole > 0
    })
  }
  return parts + whole > 0 ? undefined : spans
}

/** Visits the nodes of one set inside a range of racks while `visit` wants more. */
function forEachNode(
  state: State, pool: number, key: number, racks: readonly [number, number],
  visit: (node: number) => boolean): void {
  const { firstChild, endChild } = state.layout
  for (let rack = racks[0]; rack < racks[1]; rack++) {
    const end = endChild[rack]!
    let node = nextNode(state, pool, key, firstChild[rack]!)
    while (node >= 0 && node < end) {
      if (!visit(node)) return
      node = nextNode(state, pool, key, node + 1)
    }
  }
}
