import { rootOf } from '../core/quota.ts'
import type { PreemptPolicy } from './policy.ts'
import { borrowersFor } from './preempt-reclaim.ts'
import { priorityOf } from './preempt.ts'

/**
 * A job takes the nodes of jobs of lower priority, of its own queue (Kueue's withinClusterQueue:
 * LowerPriority) and of queues that share no quota with it; and its queue takes back what others
 * borrow. What another queue of the tree runs within its own quota is safe from it.
 */
export const byPriority: PreemptPolicy = {
  name: 'priority',
  summary: 'higher priority goes before lower, and a queue takes back what others borrow',
  takes: (view, job) => {
    const { quotas } = view.layout
    const { queue } = view.tables.jobs
    const isBorrower = borrowersFor(view, job)
    const root = rootOf(quotas, queue[job]!)
    const hasQuota = quotas.gpus.subtree[root] !== Infinity
      || quotas.cores.subtree[root] !== Infinity
    const own = priorityOf(view, job)
    return (state, victim) => {
      const isShared = hasQuota && queue[victim] !== queue[job]
        && rootOf(quotas, queue[victim]!) === root
      if (!isShared && priorityOf(view, victim) < own) return true
      return isBorrower?.(state, victim) ?? false
    }
  },
}
