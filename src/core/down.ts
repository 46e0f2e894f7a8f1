import { charge } from './ledger.ts'
import type { State } from './state.ts'

/**
 * Nodes that are down draw nothing until they are mended, and then idle again, before anybody could
 * order others down: what is booked counts them always, readings do not.
 */

/** A node goes down (1) or comes back (-1). O(depth of the power tree). */
export function countDown(state: State, node: number, sign: number): void {
  const { layout, tables } = state
  const rack = layout.rackOfNode[node]!
  const { nodeIdleW } = layout.pools[layout.poolOfRack[rack]!]!.system
  charge(state, tables.feeders.downW, layout.feederOfRack[rack]!, sign * Math.round(nodeIdleW))
}
