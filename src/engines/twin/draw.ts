import { countBits } from '../../base/bitset.ts'
import { NONE } from '../../base/id.ts'
import type { State } from '../../core/state.ts'

/**
 * Calls back with each rack of a placed job and how many of its devices are there: of whole nodes
 * and of parts. O(its racks).
 */
export function forEachRackOf(
  state: State, job: number, visit: (rack: number, devices: number) => void): void {
  const { layout, tables } = state
  const { spans, jobs } = tables
  const { gpus } = layout.pools[jobs.pool[job]!]!.system
  for (let at = jobs.firstSpan[job]!; at !== NONE; at = spans.next[at]!) {
    const mask = spans.mask[at]!
    const perNode = mask === 0 ? gpus : countBits(mask)
    const end = spans.end[at]!
    for (let node = spans.first[at]!; node < end;) {
      const rack = layout.rackOfNode[node]!
      const next = Math.min(end, layout.endNodeOfRack[rack]!)
      visit(rack, (next - node) * perNode)
      node = next
    }
  }
}
