import type { Layout } from './layout.ts'
import type { State } from './state.ts'

const planned = new WeakMap<Layout, readonly number[]>()

/**
 * Feeders that could grant more than they may, in their order: those whose own limit is below what
 * is beneath them, those that have a limit over time, and all while cooling is not as planned.
 * O(rows of limits), once O(feeders).
 */
export function limitedFeeders(state: State): readonly number[] {
  const { layout, totals } = state
  if (totals.shiftedRatios > 0) return [...layout.feederParent.keys()]
  let own = planned.get(layout)
  if (own === undefined) {
    const found = layout.pools.flatMap((pool) => pool.binding.map(({ feeder }) => feeder))
    own = [...new Set(found)].sort((a, b) => a - b)
    planned.set(layout, own)
  }
  if (totals.limits === 0) return own
  const { feeder, endAtMs } = state.tables.limits
  const all = new Set(own)
  for (let row = 0; row < totals.limitRows; row++) {
    if (endAtMs[row]! > totals.nowMs) all.add(feeder[row]!)
  }
  return [...all].sort((a, b) => a - b)
}
