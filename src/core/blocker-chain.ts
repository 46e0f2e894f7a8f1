import { NONE } from '../base/id.ts'
import { PHASE, type Blocker } from '../model/index.ts'
import { isQueued } from './apply.ts'
import {
  personalBlocker, poolsOf, quotaShort, searchAtLeast, type Missing, type Place,
} from './blocker.ts'
import { figuresOf } from './blocker-figures.ts'
import type { Wanted } from './fit.ts'
import { changed, type Change } from './remedy-change.ts'
import { removalOf } from './remedy-removal.ts'
import type { Deciders, Trials } from './remedy-trials.ts'
import { jobName, type State } from './state.ts'

/** One thing that keeps a job from starting in a pool, with what was looked for there. */
export type Cause = {
  readonly blocker: Blocker
  readonly pool: number
  readonly search?: Wanted
  readonly found?: Missing
}

/** A cause, the state in which it binds, and the change that takes just it away. */
export type Link = Cause & {
  readonly state: State
  readonly removal: readonly Change[]
}

/**
 * All that binds in one pool, in the order in which the decision meets it: once the first is
 * removed the second binds, and so on. With all of them removed the job starts (`isOpen`); where
 * a link has no removal, nobody can say what comes behind it.
 */
export type Chain = { readonly pool: number, readonly links: readonly Link[]
  readonly isOpen: boolean }

/** More links than this in one pool: its feeders and queues, and a few besides. */
const LINKS_MOST = 24

/** The chain of a pending job in one pool. A round of the policies and a fork for each link. */
export function chainOf(state: State, job: number, pool: number, trials: Trials): Chain {
  const links: Link[] = []
  let at = state
  while (links.length < LINKS_MOST) {
    if (trials.starts(at, job, [])) return { pool, links, isOpen: true }
    const cause = causeOf(at, job, pool, trials.deciders.place)
    if (cause === undefined) {
      const turns = turnCauses(at, job, pool, trials.deciders)
      for (const turn of turns) links.push({ ...turn, state: at, removal: FIRST })
      return { pool, links, isOpen: trials.starts(at, job, FIRST) }
    }
    const removal = removalOf(at, job, cause, trials.deciders.place)
    links.push({ ...cause, state: at, removal: removal ?? [] })
    if (removal === undefined) break
    at = changed(at, job, removal)
  }
  return { pool, links, isOpen: false }
}

const FIRST: readonly Change[] = [{ type: 'first' }]

/** The changes of a chain, all together. Two turns have the same one. */
export function changesOf({ links }: Chain): Change[] {
  return links.flatMap(({ removal }, at) => removal === links[at - 1]?.removal ? [] : removal)
}

/** The first of what binds in a pool besides the turn, as the guard reckons; else undefined. */
function causeOf(
  state: State, job: number, pool: number, place: Place): Cause | undefined {
  const personal = personalBlocker(state, job)
  if (personal !== undefined) return { blocker: personal, pool: NONE }
  const short = quotaShort(state, job)
  if (short !== undefined) {
    const { need, have, queue, resource } = short
    const unit = resource === 'gpus' ? 'GPUs' : 'cores'
    const at = state.layout.plant.queues[queue]!.name
    return { blocker: { reason: 'quota', need, have, unit, at }, pool: NONE }
  }
  const search = searchAtLeast(state, job, pool)
  const found = search === undefined ? undefined : place(state, search)
  if (search === undefined || found === undefined || 'placement' in found) return undefined
  return { blocker: figuresOf(state, search, found), pool, search, found }
}

/** Pools of its queue whose nodes can give a job its part. */
export function usablePoolsOf(state: State, job: number): number[] {
  return poolsOf(state, job).filter((pool) => searchAtLeast(state, job, pool) !== undefined)
}

/** Who goes before it, and who holds a reservation where it could run. */
function turnCauses(state: State, job: number, pool: number, deciders: Deciders): Cause[] {
  const before = jobsBefore(state, job, deciders)
  const order: Cause[] = before.length === 0 ? [] : [{
    blocker: {
      reason: 'order', need: before.length, have: 0, unit: 'jobs', at: jobName(state, before[0]!),
    },
    pool: NONE,
  }]
  const { reservedJob } = state.tables.pools
  const held = [pool, ...poolsOf(state, job)].find((each) =>
    reservedJob[each]! >= 0 && reservedJob[each] !== job)
  if (held !== undefined) {
    const at = jobName(state, reservedJob[held]!)
    order.push({ blocker: { reason: 'reservation', need: 0, have: 0, unit: '', at }, pool: held })
  }
  // Whoever decides passes it over for a reason of his own; being first is what helps.
  const unknown = { reason: 'order', need: 0, have: 0, unit: 'jobs', at: '' } as const
  return order.length > 0 ? order : [{ blocker: unknown, pool: NONE }]
}

/** Queued jobs that go before another, the first of them first. O(pending), once sorted. */
export function jobsBefore(state: State, job: number, deciders: Deciders): number[] {
  const { phase } = state.tables.jobs
  const { isBefore } = deciders
  const list: number[] = []
  for (let other = 0; other < state.totals.jobRows; other++) {
    if (other === job || phase[other] !== PHASE.pending || !isQueued(state, other)) continue
    if (isBefore(state, other, job)) list.push(other)
  }
  return list.sort((a, b) => isBefore(state, a, b) ? -1 : 1)
}
