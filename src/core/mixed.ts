import { nextNode } from './free.ts'
import { hasRoom, lowestDevices, mergeSpans, type Search } from './fit.ts'
import { draftOf, ratedNeed, type PowerMissing } from './headroom.ts'
import { headroomW, isSoldOver, type Draft } from './ledger.ts'
import { nodesOf } from './shape.ts'
import type { State } from './state.ts'
import { isClosed } from './windows.ts'
import { domainsIn } from './within.ts'

/** What a gang on these spans lacks of watts; undefined where all that must hold does. */
type Lacks = (spans: number[]) => PowerMissing | undefined

/**
 * Places gangs that take parts of several nodes, or whole nodes and a rest; and, where the best
 * fit lacks watts (`isPowered`), any gang on nodes that their feeders can carry. Both are rare, so
 * this is a plain search: domains by level, the first that holds the gang and in which it lacks
 * nothing; or what it lacks in the first that holds it. O(nodes of the pool).
 */
export function fitMixed(
  state: State, search: Search, isPowered: boolean, lacks: Lacks,
): number[] | PowerMissing | undefined {
  const { shape } = search
  const { levels } = state.layout.pools[search.pool]!
  const most = nodesOf(shape) === 1 ? Math.max(1, search.level) : search.level
  // Where limits are sold over, what is granted says nothing.
  const isGranted = isPowered && !isSoldOver(state)
  const dry = new Set<number>()
  let first: PowerMissing | undefined
  for (let at = 0; at < most; at++) {
    const { firstDomain, endDomain } = levels[at]!
    const [from, end] = search.within === undefined ? [firstDomain, endDomain]
      : domainsIn(state, search.within, at)
    for (let domain = from; domain < end; domain++) {
      if (state.tables.domains.freeNodes[domain]! < shape.whole) continue
      const racks = domainsIn(state, domain, 0)
      const root = rootOf(state, racks[0])
      if (dry.has(root) || (isGranted && !hasRootPower(state, search, root))) continue
      const spans = gather(state, search, racks, isGranted ? draftOf(state) : undefined)
      if (spans === undefined) continue
      const short = lacks(spans)
      if (short === undefined) return spans
      first ??= short
      if (isDry(state, search, short)) dry.add(short.feeder)
    }
  }
  return first
}

/** The feeder of the site of a rack. O(depth of the power tree). */
function rootOf({ layout }: State, rackDomain: number): number {
  let feeder = layout.feederOfRack[layout.place[rackDomain]!]!
  while (layout.feederParent[feeder]! >= 0) feeder = layout.feederParent[feeder]!
  return feeder
}

/** Whether a site lacks the watts wherever in it the gang goes, as far as losses tell. */
function isDry(
  state: State, { pool, shape, power }: Search, { feeder, haveW, ledger }: PowerMissing): boolean {
  const layout = state.layout.pools[pool]!
  const root = layout.roots.find((each) => each.feeder === feeder)
  if (root === undefined || isSoldOver(state) || state.totals.shiftedRatios > 0) return false
  const perDeviceW = (power ?? ratedNeed(layout))[ledger === 'grantW' ? 'chargeW' : ledger]
  const devices = shape.whole * layout.system.gpus + shape.parts * shape.partDevices
  return Math.floor(devices * perDeviceW * root.leastRatio) > haveW
}

/** Whether the root of the site has the watts, losses aside: else no place below it helps. */
function hasRootPower(
  state: State, { pool, shape, power }: Search, root: number): boolean {
  const layout = state.layout.pools[pool]!
  const devices = shape.whole * layout.system.gpus + shape.parts * shape.partDevices
  // Cores alone are charged nothing, also where a feeder grants too much.
  return devices === 0 || headroomW(state, root) >= devices * (power ?? ratedNeed(layout)).chargeW
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
