import type { OrderPolicy } from './policy.ts'

/** First come, first served: every job has the same rank. */
export const fifo: OrderPolicy = {
  name: 'fifo',
  summary: 'jobs in the order of their submission',
  rank: () => 0,
}
