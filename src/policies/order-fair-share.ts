import type { QuotaTree } from '../core/quota.ts'
import { shareOf } from '../core/share.ts'
import type { State } from '../core/state.ts'
import { byRank } from './pending.ts'
import type { OrderPolicy } from './policy.ts'
import { priority } from './order-priority.ts'

/**
 * The queue that has had least for its weight goes first, level by level down the tree, as in
 * Slurm's Fair Tree; inside a queue, higher priority and then arrival. Jobs of a queue that has
 * others below it come before theirs.
 */
export const fairShare: OrderPolicy = {
  name: 'fair-share',
  summary: 'the queue that has had least for its weight first, its past use decaying',
  rank: priority.rank,
  isBefore: (view, job, other) => {
    const { queue } = view.tables.jobs
    if (queue[job] === queue[other]) return byRank(view, job, other)
    return isQueueBefore(view, queue[job]!, queue[other]!)
  },
}

/** Compares two queues where their ways up meet. O(depth of the tree). */
function isQueueBefore(view: State, a: number, b: number): boolean {
  const { quotas } = view.layout
  let [left, right] = [a, b]
  let above = Math.max(0, depthOf(quotas, a) - depthOf(quotas, b))
  for (; above > 0; above--) left = quotas.parent[left]!
  above = Math.max(0, depthOf(quotas, b) - depthOf(quotas, a))
  for (; above > 0; above--) right = quotas.parent[right]!
  if (left === right) return left === a
  while (quotas.parent[left] !== quotas.parent[right]) {
    left = quotas.parent[left]!
    right = quotas.parent[right]!
  }
  const [leftShare, rightShare] = [shareOf(view, left), shareOf(view, right)]
  return leftShare < rightShare || (leftShare === rightShare && left < right)
}

function depthOf({ parent }: QuotaTree, queue: number): number {
  let depth = 0
  for (let at = parent[queue]!; at >= 0; at = parent[at]!) depth++
  return depth
}
