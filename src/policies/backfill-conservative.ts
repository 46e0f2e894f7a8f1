import { NONE } from '../base/id.ts'
import { quotaBlocker } from '../core/blocker.ts'
import type { State } from '../core/state.ts'
import type { Decision } from '../model/index.ts'
import { startOf } from './admit.ts'
import { mayPass } from './backfill-easy.ts'
import { hasFree, isHero, isPlainJob, LOOKED_AT_MOST, recordOf } from './backfill.ts'
import type { Charge } from './charge.ts'
import { formOf, type Form } from './form.ts'
import { byRank, headsOf, isCandidate, pendingInOrder, type IsBefore } from './pending.ts'
import { pack } from './place-pack.ts'
import { Plan, type Slot } from './plan.ts'
import type { BackfillPolicy, Blocked, PlacePolicy, PossibleStart } from './policy.ts'
import { poolsFor } from './pools.ts'
import { placeOn, type Placed } from './size.ts'

/** Jobs that hold a reservation where the policy's name does not say how many. */
const DEPTH = 100

/**
 * Conservative backfill (Mu'alem and Feitelson, 2001): each of the first `depth` jobs in order is
 * planned at the earliest time at which it fits beside all that run and all that come before it,
 * so a job may start now only if it delays none of them. Jobs beyond the depth are not planned,
 * and may start now if they fit the plan. The plan is made anew each round, in the same order:
 * where run times are as expected, no job is later than it was first planned. See `Plan` for what
 * is exact. A round costs the depth times the pieces of the plan, twice the depth or fewer.
 */
export const conservative: BackfillPolicy = {
  ...conservativeOf(DEPTH),
  name: 'conservative',
  withDepth: conservativeOf,
}

/**
 * When each of the first `depth` pending jobs is planned to start, by its row; those for which
 * nothing that runs will make room are left out. A pure function of the state: what conservative
 * backfill would plan now; without `place`, with the best fit in the smallest domain.
 */
export function plannedStarts(
  view: State, depth: number, isBefore: IsBefore = byRank, place: PlacePolicy = pack,
): ReadonlyMap<number, number> {
  const round = new Round(view, place, isBefore)
  const starts = new Map<number, number>()
  const blocked = new Set<number>()
  for (const job of pendingInOrder(view, depth, isBefore)) {
    const pools = poolsFor(view, job, place)
    const isHead = pools.some((pool) => !blocked.has(pool))
    const { start, lacks } = round.tryStart(job)
    const slot = round.plan(round.slotOf(job), isHead && start === undefined, lacks)
    if (slot !== undefined) starts.set(job, slot.atMs)
    if (start === undefined) for (const pool of pools) blocked.add(pool)
  }
  return starts
}

function conservativeOf(depth: number): BackfillPolicy {
  return {
    name: `conservative:${depth}`,
    summary: `no job delays one before it; the first ${DEPTH} hold a reservation, or as :50 says`,
    fill: (view, blocked, place, isBefore) =>
      fill(view, blocked, new Round(view, place, isBefore), depth),
    mayPass: (view, blocked, start, isBefore, place) =>
      mayPass(view, blocked, start, isBefore)
      && isBesidePlan(view, blocked, start, new Round(view, place, isBefore), depth),
  }
}

/**
 * Whether a job that lacks no watts would start at a place beside all that is planned, as `fill`
 * plans it: other heads of lanes that lack nothing but watts are taken to start as well. Behind
 * nobody who is blocked it starts before anything is planned.
 */
function isBesidePlan(
  view: State, blocked: readonly Blocked[], { job, placement, isQueueFull }: PossibleStart,
  round: Round, depth: number): boolean {
  if (!isQueueFull && !blocked.some(({ pools }) => pools.includes(placement.pool))) return true
  const heads = new Map(blocked.map((head) => [head.job, head.found]))
  const firsts = new Set(headsOf(view))
  let planned = 0
  for (const other of jobsToLookAt(view, blocked, depth, round.isBefore)) {
    if (other === job) return round.allows(job, placement)
    const found = heads.get(other)
    if (planned >= depth && found === undefined) continue
    planned++
    const lacks = found ?? round.tryStart(other).lacks
    const isFed = found === undefined && lacks?.missing === 'power' && firsts.has(other)
    round.plan(round.slotOf(other), found !== undefined, isFed ? undefined : lacks)
  }
  return false
}

function* fill(
  view: State, blocked: readonly Blocked[], round: Round, depth: number,
): Generator<Decision, void, boolean> {
  const { isFreed, decidedNumber, jobsSeen } = view.totals
  const isFree = () => view.layout.pools.some((_, pool) => hasFree(view, pool))
  // What nobody can take needs no plan.
  let isStarting = (isFreed === 1 || decidedNumber < jobsSeen) && isFree()
  const heads = new Map(blocked.map((head) => [head.job, head.found]))
  const recorded = new Set<number>()
  let planned = 0
  for (const job of jobsToLookAt(view, blocked, depth, round.isBefore)) {
    if (!isStarting && heads.size === 0) return
    const found = heads.get(job)
    const isHead = heads.delete(job)
    const isTried = isStarting && !isHead && isCandidate(view, job)
    let tried: Tried = isTried ? round.tryStart(job) : { lacks: found }
    if (yield* startIf(round, job, tried.start)) {
      isStarting = isFree()
      continue
    }
    if (planned >= depth && !isHead) continue
    planned++
    const best = round.slotOf(job)
    if (isTried && tried.lacks === undefined && best?.atMs === view.totals.nowMs) {
      // Others may be reserved: the very domain for which it is planned now.
      tried = round.tryIn(best)
      if (yield* startIf(round, job, tried.start)) {
        isStarting = isFree()
        continue
      }
    }
    const slot = round.plan(best, isHead, tried.lacks)
    if (slot === undefined || !isHead || recorded.has(slot.pool)) continue
    recorded.add(slot.pool)
    const record = recordOf(view, job, slot.domain, slot.atMs)
    if (record !== undefined) yield record
  }
}

function* startIf(
  round: Round, job: number, start: Start | undefined): Generator<Decision, boolean, boolean> {
  if (start === undefined || !(yield startOf(job, start))) return false
  round.started(start)
  return true
}

/** Pending jobs in order, heads that come after the depth right behind it. */
function jobsToLookAt(
  view: State, blocked: readonly Blocked[], depth: number, isBefore: IsBefore): number[] {
  const jobs = pendingInOrder(view, Math.max(depth, LOOKED_AT_MOST), isBefore)
  const planned = jobs.slice(0, depth)
  const late = blocked.map((head) => head.job).filter((job) => !planned.includes(job))
  return [...planned, ...late, ...jobs.slice(depth).filter((job) => !late.includes(job))]
}

/** Where a job starts, and what that takes from the plan. */
type Start = Placed & {
  readonly form: Form
  readonly charges: readonly Charge[]
}

/** A start that the plan allows, or what the first pool lacks that the plan does not count. */
type Tried = { readonly start?: Start, readonly lacks?: Blocked['found'] | undefined }

/** One round: the plan, and what was found not to fit. */
class Round {
  readonly isBefore: IsBefore
  private readonly view: State
  private readonly place: PlacePolicy
  private readonly schedule: Plan
  /** Smallest plain gang without a place, by lane and domain: in a round nothing is freed. */
  private readonly tooLarge = new Map<number, { gpus: number, lacks: Blocked['found'] }>()

  constructor(view: State, place: PlacePolicy, isBefore: IsBefore) {
    this.view = view
    this.place = place
    this.isBefore = isBefore
    this.schedule = new Plan(view, place, isBefore)
  }

  /** A start of a job now in the first pool that has a place which is not planned for another. */
  tryStart(job: number): Tried {
    const { view } = this
    let lacks: Tried['lacks']
    for (const pool of poolsFor(view, job, this.place)) {
      const form = formOf(view, job, pool)
      if (form === undefined) continue
      // A part may go where the plan counts no node, so its place is found first.
      const site = form.shape.parts > 0 ? undefined : this.schedule.siteNow(form)
      if (site === NONE) continue
      const tried = this.tryAt(form, site)
      if (tried.start !== undefined) return tried
      lacks ??= tried.lacks
    }
    return { lacks }
  }

  /** A start of a job where it is planned. */
  tryIn({ job, pool, domain }: Slot): Tried {
    return this.tryAt(formOf(this.view, job, pool)!, domain)
  }

  /** The earliest slot of a job beside all that is planned. */
  slotOf(job: number): Slot | undefined {
    return this.schedule.best(job)
  }

  /** Plans a job at its best slot; where it lacks what is not planned, at a later one, if any. */
  plan(best: Slot | undefined, isHead: boolean, lacks?: Blocked['found']): Slot | undefined {
    if (best === undefined) return undefined
    const isNow = best.atMs === this.view.totals.nowMs
    // Nobody can take away what a queue's own window keeps, and its end is not planned.
    if (isNow && lacks?.missing === 'window') return undefined
    const isUnplanned = lacks !== undefined && (isNow || isBelowRoot(this.view, lacks))
    const slot = isUnplanned ? this.schedule.best(best.job, lacks) : best
    if (slot === undefined) return undefined
    const isHeld = isHead && isHero(this.view, slot.job)
    this.schedule.reserve(slot, isHeld, isUnplanned ? lacks : undefined)
    return slot
  }

  /** Whether nothing is planned for what a job would take at a place. */
  allows(job: number, placement: Placed['placement']): boolean {
    const form = formOf(this.view, job, placement.pool)
    return form !== undefined && this.schedule.chargesFor(form, placement) !== undefined
  }

  started({ form, placement, charges }: Start): void {
    this.schedule.started(form, placement, charges)
  }

  private tryAt(form: Form, within: number | undefined): Tried {
    const { view, tooLarge } = this
    const { job, pool, gpus } = form
    // What other queues of its tree took in this round is in no plan of its own quota.
    if (quotaBlocker(view, job) !== undefined) return {}
    const { firstDomain, endDomain } = view.layout.pools[pool]!.levels.at(-1)!
    const domain = within ?? firstDomain
    const key = view.tables.jobs.lane[job]! * view.layout.domains + domain
    const isPlain = isPlainJob(view, job)
    const known = isPlain ? tooLarge.get(key) : undefined
    if (known !== undefined && gpus >= known.gpus) return { lacks: known.lacks }
    const isPool = within === undefined || (domain === firstDomain && endDomain - domain === 1)
    const { place } = this
    const found = placeOn(view, job, pool, form.size, isPool ? place
      : { ...place, place: (state, search) => place.place(state, { ...search, within: domain }) })!
    if (!('placement' in found)) {
      // What a window keeps from a long job it may leave to a larger one.
      if (isPlain && found.missing !== 'window') tooLarge.set(key, { gpus, lacks: found })
      return { lacks: found }
    }
    const charges = this.schedule.chargesFor(form, found.placement)
    return charges === undefined ? {} : { start: { ...found, form, charges } }
  }
}

/** Watts of a feeder that is no site's root are not planned. */
function isBelowRoot(view: State, lacks: Blocked['found']): boolean {
  return lacks.missing === 'power' && view.layout.feederParent[lacks.feeder]! >= 0
}
