import { NEVER_MS } from '../core/windows.ts'
import type { OrderPolicy } from './policy.ts'

/**
 * The job that must start soonest to be done by its deadline goes first: by its deadline less its
 * expected run time. Jobs without a deadline come after all that have one, in order of arrival.
 */
export const deadline: OrderPolicy = {
  name: 'deadline',
  summary: 'the latest start that still meets its deadline first; jobs without one come last',
  rank: (view, { deadlineAtMs, limitMs, queue }) => deadlineAtMs === 0 ? NEVER_MS
    : deadlineAtMs - (limitMs || view.layout.plant.queues[queue]!.defaultLimitMs),
}
