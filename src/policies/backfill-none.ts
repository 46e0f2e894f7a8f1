import type { BackfillPolicy } from './policy.ts'
import { poolsClosedBy } from './pools.ts'

/** Nothing overtakes: strict order. */
export const none: BackfillPolicy = {
  name: 'none',
  summary: 'no job overtakes a blocked one',
  *fill() {},
  mayPass: (view, blocked, { placement, isQueueFull }) => !isQueueFull
    && blocked.every(({ pools, found }) =>
      found.missing === 'window' || !poolsClosedBy(view, pools, found).includes(placement.pool)),
}
