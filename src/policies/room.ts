import { placementOf } from '../core/allocation.ts'
import { apply } from '../core/apply.ts'
import { poolsOf, quotaBlocker } from '../core/blocker.ts'
import { coresOf, gpusOn, leastNodesOf, nodesIn, shapeOfJob } from '../core/demand.ts'
import { guard } from '../core/guard.ts'
import { isPlain } from '../core/ledger.ts'
import { quotaRoom, RESOURCES, rootOf, usedOf } from '../core/quota.ts'
import { forkState, type State } from '../core/state.ts'
import type { Decision, Placement, Step } from '../model/index.ts'
import type { IsTakable, PlacePolicy } from './policy.ts'
import { poolsFor } from './pools.ts'
import { keepAt, placeIn, startAt, type Placed } from './size.ts'

/**
 * Room for a job by taking nodes from others, proven on a copy of the state before anything is
 * decided: the others give up what they hold, the job is placed, and whoever need not have gone
 * stays. What comes out is one decision, all of it or nothing.
 */

/** A running job that may give up its nodes, or all but those that it keeps. */
export type Victim = { readonly job: number, readonly keeps: Placement | undefined }

/** What becomes of jobs that give up their nodes: they wait again, or must find others at once. */
export type Fate = 'waits' | 'moves'

/** Victims that one attempt looks at: with more, looking takes longer than it is worth. */
const VICTIMS_MOST = 4096

/** Copies that are no longer needed, by plant: a copy into old memory is several times as fast. */
const spares = new WeakMap<State['layout'], State>()

/**
 * The decision that starts a job where victims are, taken in the order given and no more of them
 * than it needs; undefined where even all of them are not enough. Costs one copy of the state and
 * a search for each doubling of the victims and for each that goes.
 */
export function makeRoom(
  view: State, job: number, victims: readonly Victim[], place: PlacePolicy, fate: Fate,
  isTakable: IsTakable,
): Decision | undefined {
  if (victims.length === 0 || isHopeless(view, job, victims)) return undefined
  const scratch = scratchOf(view)
  const gone = takeUntilPlaced(scratch, job, victims.slice(0, VICTIMS_MOST), place,
    isTakable)
  if (gone === undefined) return undefined
  const needed = giveBack(view, scratch, job, gone, place)
  const found = placeAnywhere(scratch, job, place)
  // What readings have said of a job is lost when it goes and comes back on the copy, so room that
  // was there only by them may be gone.
  if (found === undefined) return undefined
  const start: Step = startAt(job, found)
  const steps = needed.flatMap((victim) => stepsOf(view, victim))
  if (fate === 'waits') return soundOnly(view, [...steps, start])
  apply(scratch, start)
  const moves = needed.map((victim) => moveOf(scratch, victim, place))
  if (moves.includes(undefined)) return undefined
  return soundOnly(view, [...steps, start, ...moves as Step[]])
}

/**
 * A decision, but where limits over time forbid it: on the copy jobs that give up some nodes go on
 * with the cap that they had, and what they had may be more than what holds from now on.
 */
export function soundOnly(view: State, steps: readonly Step[]): Decision | undefined {
  return isPlain(view) || guard(view, { steps }) === undefined ? { steps } : undefined
}

/**
 * Whether even all of the victims would not do, by sums: too little quota in the tree, or too few
 * nodes in every pool. Most attempts end here, without a copy. O(victims).
 */
function isHopeless(view: State, job: number, victims: readonly Victim[]): boolean {
  const { quotas } = view.layout
  const { jobs } = view.tables
  const queue = jobs.queue[job]!
  const root = rootOf(quotas, queue)
  const own = victims.filter((victim) => rootOf(quotas, jobs.queue[victim.job]!) === root)
  const nodes = leastNodesOf(view, job) || jobs.nodes[job]!
  const needs = { gpus: gpusOn(view, job, nodes), cores: coresOf(view, job) }
  const held = { gpus: jobs.heldGpus, cores: jobs.heldCores }
  for (const resource of RESOURCES) {
    const room = quotaRoom(quotas, usedOf(view, resource), queue, resource)
    if (needs[resource] <= room) continue
    const sum = own.reduce((total, victim) => total + held[resource][victim.job]!, room)
    if (sum < needs[resource]) return true
  }
  return !poolsOf(view, job).some((pool) => {
    const shape = shapeOfJob(view, job, pool, nodes)
    if (shape === undefined) return false
    if (shape.parts > 0) return true
    return freeNodesIn(view, pool) + victims.reduce((sum, victim) => sum
      + (jobs.pool[victim.job] === pool ? nodesOfPlaced(view, victim.job) : 0), 0) >= shape.whole
  })
}

function freeNodesIn(view: State, pool: number): number {
  const { firstDomain, endDomain } = view.layout.pools[pool]!.levels.at(-1)!
  let free = 0
  for (let site = firstDomain; site < endDomain; site++) {
    free += view.tables.domains.freeNodes[site]!
  }
  return free
}

function nodesOfPlaced(view: State, job: number): number {
  return nodesIn(placementOf(view, job).spans)
}

/** The place that a placed job would find if it gave up its own. Costs a copy of the state. */
export function placeAfresh(view: State, job: number, place: PlacePolicy): Placed | undefined {
  const scratch = scratchOf(view)
  apply(scratch, { type: 'job.preempted', job })
  return placeAnywhere(scratch, job, place)
}

function scratchOf(view: State): State {
  const scratch = forkState(view, spares.get(view.layout))
  spares.set(view.layout, scratch)
  return scratch
}

/** Takes victims, twice as many each time, until the job has a place; undefined if it never has. */
function takeUntilPlaced(
  scratch: State, job: number, victims: readonly Victim[], place: PlacePolicy,
  isTakable: IsTakable,
): readonly Victim[] | undefined {
  const taken: Victim[] = []
  let tries = 1
  for (const victim of victims) {
    // Who borrows no more, once others of its queue have gone, keeps the rest.
    if (!isTakable(scratch, victim.job)) continue
    for (const step of stepsOf(scratch, victim)) apply(scratch, step)
    taken.push(victim)
    if (taken.length < tries) continue
    if (placeAnywhere(scratch, job, place) !== undefined) return taken
    tries *= 2
  }
  return placeAnywhere(scratch, job, place) === undefined ? undefined : taken
}

/** Lets all stay that need not go, those first that are last in the order. Returns the others. */
function giveBack(
  view: State, scratch: State, job: number, gone: readonly Victim[], place: PlacePolicy,
): Victim[] {
  const needed: Victim[] = []
  for (const victim of [...gone].reverse()) {
    const back = keepAt(view, victim.job, placementOf(view, victim.job))
    if (victim.keeps !== undefined) apply(scratch, { type: 'job.preempted', job: victim.job })
    apply(scratch, back)
    if (placeAnywhere(scratch, job, place) !== undefined) continue
    for (const step of stepsOf(view, victim)) apply(scratch, step)
    needed.unshift(victim)
  }
  return needed
}

function stepsOf(view: State, { job, keeps }: Victim): Step[] {
  const stop: Step = { type: 'job.preempted', job }
  return keeps === undefined ? [stop] : [stop, keepAt(view, job, keeps)]
}

/** A place for a job that its quota allows, in the first of its pools that has one. */
function placeAnywhere(state: State, job: number, place: PlacePolicy): Placed | undefined {
  if (quotaBlocker(state, job) !== undefined) return undefined
  for (const pool of poolsFor(state, job, place)) {
    const found = placeIn(state, job, pool, place)
    if (found !== undefined && 'placement' in found) return found
  }
  return undefined
}

/** A new place for a job that gives up its own. */
function moveOf(scratch: State, victim: Victim, place: PlacePolicy): Step | undefined {
  const found = placeAnywhere(scratch, victim.job, place)
  if (found === undefined) return undefined
  const step = startAt(victim.job, found)
  apply(scratch, step)
  return step
}
