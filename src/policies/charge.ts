import { busyUntilOf } from '../core/holder.ts'
import type { Shape } from '../core/shape.ts'
import type { State } from '../core/state.ts'
import type { Placement } from '../model/index.ts'

/** Nodes in a row that a start takes from a future: from now, or when their last part is over. */
export type Charge = {
  readonly first: number
  readonly end: number
  readonly fromMs: number
  /** What each of them counts when it is asked for: 1, or the share of a part. */
  readonly share: number
}

/** What a placement takes of which nodes, from when on. O(spans and parts). */
export function chargesOf(
  view: State, shape: Shape, { pool, spans }: Placement): readonly Charge[] {
  const { nowMs } = view.totals
  const charges: Charge[] = []
  for (let at = 0; at < spans.length; at += 3) {
    const first = spans[at]!
    const end = spans[at + 1]!
    if (spans[at + 2] === 0 && shape.whole > 0) {
      charges.push({ first, end, fromMs: nowMs, share: 1 })
      continue
    }
    for (let node = first; node < end; node++) {
      const fromMs = Math.max(nowMs, busyUntilOf(view, node))
      charges.push({ first: node, end: node + 1, fromMs, share: shareOf(view, pool, shape) })
    }
  }
  return charges
}

/** How much of a node a part takes, 0 to 1: the most of its devices, cores and memory. */
export function shareOf(view: State, pool: number, shape: Shape): number {
  const { gpus, cpus, memoryGiB } = view.layout.pools[pool]!.system
  return Math.min(1, Math.max(
    shape.partDevices / Math.max(1, gpus), shape.partCpus / Math.max(1, cpus),
    shape.partMemoryGiB / Math.max(1, memoryGiB)))
}

/** Charges inside a range of nodes, summed up by when they start, soonest first. */
export function amountsIn(
  charges: readonly Charge[], firstNode = 0, endNode = Infinity,
): { fromMs: number, nodes: number, amount: number }[] {
  const sums: { fromMs: number, nodes: number, amount: number }[] = []
  for (const { first, end, fromMs, share } of charges) {
    const nodes = Math.min(end, endNode) - Math.max(first, firstNode)
    if (nodes <= 0) continue
    let sum = sums.find((each) => each.fromMs === fromMs)
    if (sum === undefined) {
      sum = { fromMs, nodes: 0, amount: 0 }
      sums.push(sum)
    }
    sum.nodes += nodes
    sum.amount += nodes * share
  }
  return sums.sort((a, b) => a.fromMs - b.fromMs)
}
