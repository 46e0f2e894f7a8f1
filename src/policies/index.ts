import type { Policy } from '../core/decide.ts'
import { InputError } from '../model/index.ts'
import { admit } from './admit.ts'
import { conservative } from './backfill-conservative.ts'
import { easy } from './backfill-easy.ts'
import { none } from './backfill-none.ts'
import { move, stay } from './consolidate.ts'
import { control } from './control.ts'
import { FEW_JOBS } from './control-times.ts'
import { deadline } from './order-deadline.ts'
import { fairShare } from './order-fair-share.ts'
import { fifo } from './order-fifo.ts'
import { priority } from './order-priority.ts'
import { byRank, type IsBefore } from './pending.ts'
import { cheapest } from './place-cheapest.ts'
import { efficient } from './place-efficient.ts'
import { fastest } from './place-fastest.ts'
import { pack } from './place-pack.ts'
import { spread } from './place-spread.ts'
import type {
  BackfillPolicy, ConsolidatePolicy, OrderPolicy, PlacePolicy, PolicyNames, PowerPolicy,
  PreemptPolicy,
} from './policy.ts'
import { cutByPriority } from './power-by-priority.ts'
import { even } from './power-even.ts'
import { uncapped } from './power-none.ts'
import { price } from './power-price.ts'
import { keep } from './preempt-none.ts'
import { byPriority } from './preempt-priority.ts'
import { reclaim } from './preempt-reclaim.ts'

/** Every policy by name. A new one is its file and a line here. */
export const ORDERS: Readonly<Record<string, OrderPolicy>> = {
  fifo, priority, 'fair-share': fairShare, deadline,
}
export const BACKFILLS: Readonly<Record<string, BackfillPolicy>> = { none, easy, conservative }
export const PLACES: Readonly<Record<string, PlacePolicy>> = {
  pack, spread, fastest, efficient, cheapest,
}
export const PREEMPTS: Readonly<Record<string, PreemptPolicy>> = {
  none: keep, reclaim, priority: byPriority,
}
export const CONSOLIDATES: Readonly<Record<string, ConsolidatePolicy>> = { none: stay, move }

export const POWERS: Readonly<Record<string, PowerPolicy>> = {
  none: uncapped, even, 'by-priority': cutByPriority, price,
}

/**
 * The policies of a run by name: what decides, how new jobs are ranked, where gangs go. With more
 * than `fewJobs` jobs placed few orders of caps count for more than the last of what is best.
 */
export function policiesOf(names: PolicyNames, fewJobs = FEW_JOBS): {
  readonly policies: readonly Policy[], readonly rankOf: OrderPolicy['rank']
  readonly place: PlacePolicy['place'], readonly isBefore: IsBefore
} {
  const { rank, isBefore = byRank } = ORDERS[names.order]!
  const place = PLACES[names.place]!
  const powerPolicy = POWERS[names.power ?? 'none']!
  const backfill = backfillNamed(names.backfill)
  const policies = [admit({
    isBefore,
    place,
    backfill,
    preempt: PREEMPTS[names.preempt ?? 'reclaim']!,
    consolidate: CONSOLIDATES[names.consolidate ?? 'none']!,
  })]
  if (powerPolicy.isOn) {
    policies.push(control(powerPolicy, { place, backfill, isBefore }, fewJobs))
  }
  return { policies, rankOf: rank, place: place.place, isBefore }
}

/** Most jobs that hold a reservation: each costs a search in every round. */
const DEPTH_MOST = 10_000

/** A backfill policy by its name, such as `easy` or `conservative:50`. */
export function backfillNamed(name: string): BackfillPolicy {
  const [kind, depth, ...more] = name.split(':')
  const policy = Object.hasOwn(BACKFILLS, kind!) ? BACKFILLS[kind!] : undefined
  if (policy === undefined) {
    throw new InputError(`backfill ${name}: use one of ${Object.keys(BACKFILLS).join(', ')}.`)
  }
  if (depth === undefined) return policy
  if (policy.withDepth === undefined) {
    throw new InputError(`backfill ${name}: ${kind} takes no depth; write ${kind}.`)
  }
  const value = /^[0-9]+$/.test(depth) ? Number(depth) : NaN
  if (value >= 1 && value <= DEPTH_MOST && more.length === 0) return policy.withDepth(value)
  throw new InputError(`backfill ${name}: the depth, jobs that hold a reservation, must be a whole `
    + `number from 1 to ${DEPTH_MOST}, such as ${kind}:50.`)
}
