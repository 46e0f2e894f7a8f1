import { borrowedBy, usedOf, type QuotaTree } from '../core/quota.ts'
import type { State } from '../core/state.ts'
import { isWithinOwn } from './preempt.ts'
import type { IsTakable, PreemptPolicy } from './policy.ts'

/**
 * A queue takes back what others borrow, as Kueue's reclaimWithinCohort: Any: where the two queues'
 * ways up the tree meet, its side stays within what it owns, and the other side borrows.
 */
export const reclaim: PreemptPolicy = {
  name: 'reclaim',
  summary: 'a queue takes back the quota that others borrow',
  takes: (view, job) => borrowersFor(view, job),
}

/** Which jobs run on quota that a job's queue may take back; undefined where it has none to. */
export function borrowersFor(view: State, job: number): IsTakable | undefined {
  const { quotas } = view.layout
  const { jobs } = view.tables
  const queue = jobs.queue[job]!
  if (quotas.parent[queue]! < 0) return undefined
  const resource = jobs.gpus[job]! > 0 ? 'gpus' : 'cores'
  const isOwnBelow = new Map<number, boolean>()
  return (state, victim) => {
    const meet = meetingOf(quotas, queue, jobs.queue[victim]!)
    if (meet === undefined) return false
    let isOwn = isOwnBelow.get(meet.above)
    if (isOwn === undefined) {
      isOwn = isWithinOwn(view, job, meet.above)
      isOwnBelow.set(meet.above, isOwn)
    }
    return isOwn && borrowedBy(quotas, usedOf(state, resource), meet.side, resource) > 0
  }
}

/** The queue above both, and the one below it on the victim's side; undefined where none is. */
function meetingOf(
  { parent }: QuotaTree, queue: number, other: number,
): { above: number, side: number } | undefined {
  const path = new Set<number>()
  for (let at = parent[queue]!; at >= 0; at = parent[at]!) path.add(at)
  let side = other
  while (side >= 0 && side !== queue && !path.has(parent[side]!)) side = parent[side]!
  return side < 0 || side === queue ? undefined : { above: parent[side]!, side }
}
