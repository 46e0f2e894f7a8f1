import type { OrderPolicy } from './policy.ts'

/** Higher priority first; a job's own and its queue's are added. Equal ones in order of arrival. */
export const priority: OrderPolicy = {
  name: 'priority',
  summary: 'higher priority first (own plus queue), then in the order of submission',
  rank: (view, request) => {
    const queue = view.layout.plant.queues[request.queue]!
    const sum = request.priority + queue.priority
    return sum === 0 ? 0 : -sum
  },
}
