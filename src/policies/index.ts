import type { Policy } from '../core/decide.ts'
import { admit } from './admit.ts'
import { easy } from './backfill-easy.ts'
import { none } from './backfill-none.ts'
import { move, stay } from './consolidate.ts'
import { deadline } from './order-deadline.ts'
import { fairShare } from './order-fair-share.ts'
import { fifo } from './order-fifo.ts'
import { priority } from './order-priority.ts'
import { byRank, type IsBefore } from './pending.ts'
import { pack } from './place-pack.ts'
import { spread } from './place-spread.ts'
import type {
  BackfillPolicy, ConsolidatePolicy, OrderPolicy, PlacePolicy, PolicyNames, PreemptPolicy,
} from './policy.ts'
import { keep } from './preempt-none.ts'
import { byPriority } from './preempt-priority.ts'
import { reclaim } from './preempt-reclaim.ts'

/** Every policy by name. A new one is its file and a line here. */
export const ORDERS: Readonly<Record<string, OrderPolicy>> = {
  fifo, priority, 'fair-share': fairShare, deadline,
}
export const BACKFILLS: Readonly<Record<string, BackfillPolicy>> = { none, easy }
export const PLACES: Readonly<Record<string, PlacePolicy>> = { pack, spread }
export const PREEMPTS: Readonly<Record<string, PreemptPolicy>> = {
  none: keep, reclaim, priority: byPriority,
}
export const CONSOLIDATES: Readonly<Record<string, ConsolidatePolicy>> = { none: stay, move }

/** The policies of a run by name: what decides, how new jobs are ranked, where gangs go. */
export function policiesOf(names: PolicyNames): {
  readonly policies: readonly Policy[], readonly rankOf: OrderPolicy['rank']
  readonly place: PlacePolicy['place'], readonly isBefore: IsBefore
} {
  const { rank, isBefore = byRank } = ORDERS[names.order]!
  const place = PLACES[names.place]!
  const policies = [admit({
    isBefore,
    place,
    backfill: BACKFILLS[names.backfill]!,
    preempt: PREEMPTS[names.preempt ?? 'reclaim']!,
    consolidate: CONSOLIDATES[names.consolidate ?? 'none']!,
  })]
  return { policies, rankOf: rank, place: place.place, isBefore }
}
