import { nextNode } from './free.ts'
import { hasRoom, lowestDevices, mergeSpans, type Search } from './fit.ts'
import { draftOf, ratedNeed } from './headroom.ts'
import { headroomW, type Draft } from './ledger.ts'
import { nodesOf } from './shape.ts'
import type { State } from './state.ts'
import { isClosed } from './windows.ts'
import { domainsIn } from './within.ts'

/**
 * Places gangs that take parts of several nodes, or whole nodes and a rest; and, where the best
 * fit lacks watts (`isPowered`), any gang on nodes that their feeders can carry. Both are rare, so
 * this is a plain search: domains by level, the first that holds the gang. O(nodes of the pool).
 */
export function fitMixed(
  state: State, search: Search, isPowered: boolean): number[] | undefined {
  const { shape } = search
  const { levels } = state.layout.pools[search.pool]!
  const most = nodesOf(shape) === 1 ? Math.max(1, search.level) : search.level
  for (let at = 0; at < most; at++) {
    const { firstDomain, endDomain } = levels[at]!
    const [first, end] = search.within === undefined ? [firstDomain, endDomain]
      : domainsIn(state, search.within, at)
    for (let domain = first; domain < end; domain++) {
      if (state.tables.domains.freeNodes[domain]! < shape.whole) continue
      const racks = domainsIn(state, domain, 0)
      if (isPowered && !hasRootPower(state, search, racks[0])) continue
      const spans = gather(state, search, racks, isPowered ? draftOf(state) : undefined)
      if (spans !== undefined) return spans
    }
  }
  return undefined
}

/** Whether the root of the site has the watts, losses aside: else no place below it helps. */
function hasRootPower(
  state: State, { pool, shape, power }: Search, rackDomain: number): boolean {
  const { feederOfRack, feederParent, place, pools } = state.layout
  const { system } = pools[pool]!
  let feeder = feederOfRack[place[rackDomain]!]!
  while (feederParent[feeder]! >= 0) feeder = feederParent[feeder]!
  const devices = shape.whole * system.gpus + shape.parts * shape.partDevices
  return headroomW(state, feeder) >= devices * (power ?? ratedNeed(pools[pool]!)).chargeW
}

/**
 * Parts from nodes in use first, the fullest first; then whole nodes for all that is left. With a
 * draft only nodes that their feeders can carry.
 */
function gather(
  state: State, search: Search, racks: readonly [number, number], draft: Draft | undefined,
): number[] | undefined {
  const { shape, pool } = search
  const { gpus } = state.layout.pools[pool]!.system
  const { chargeW } = search.power ?? ratedNeed(state.layout.pools[pool]!)
  const whole: number[] = []
  const parts: number[] = []
  const isCarried = (node: number, devices: number) => draft === undefined || devices === 0
    || draft.tryAdd(state, leafOf(state, node), devices * chargeW)
  const isOpen = (node: number) => !isClosed(search.closed, node)
  const takePart = (node: number) => {
    if (isOpen(node) && hasRoom(state, node, shape) && isCarried(node, shape.partDevices)) {
      parts.push(node, node + 1, lowestDevices(state, node, shape.partDevices))
    }
    return parts.length < shape.parts * 3
  }
  const lowest = gpus === 0 ? 0 : Math.max(1, shape.partDevices)
  for (let key = lowest; key <= gpus && parts.length < shape.parts * 3; key++) {
    forEachNode(state, pool, key, racks, takePart)
  }
  const isComplete = () => whole.length === shape.whole * 3 && parts.length === shape.parts * 3
  if (!isComplete()) {
    forEachNode(state, pool, gpus + 1, racks, (node) => {
      if (!isOpen(node)) return true
      if (whole.length < shape.whole * 3 && isCarried(node, gpus)) whole.push(node, node + 1, 0)
      else if (parts.length < shape.parts * 3) takePart(node)
      return !isComplete()
    })
  }
  return isComplete() ? [...mergeSpans(whole), ...parts] : undefined
}

function leafOf(state: State, node: number): number {
  return state.layout.feederOfRack[state.layout.rackOfNode[node]!]!
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
