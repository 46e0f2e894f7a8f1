import { NONE } from '../base/id.ts'
import { PHASE, RATIO_ONE } from '../model/index.ts'
import type { Cause } from './blocker-chain.ts'
import { capBelowRating } from './caps.ts'
import { quotaShort, type Missing } from './blocker.ts'
import { forEachRack } from './ledger.ts'
import { placementOf } from './allocation.ts'
import { borrowedBy, isBelow, usedOf, type Resource } from './quota.ts'
import { windowsOf } from './remedy-removal.ts'
import { DOWN, jobName, type State } from './state.ts'
import { isAwaitedBy } from './waiters.ts'

/** Who has some of what a job lacks. */
export type Holder = {
  readonly type: 'job' | 'queue' | 'drained' | 'down' | 'base' | 'window' | 'others'
  readonly name: string
  /** Number of a job; 0 for all else. */
  readonly number: number
  readonly amount: number
  readonly unit: string
  /** When it is expected to give it back; 0 where nobody knows. */
  readonly untilMs: number
  /** Of a window, when it begins; of a reservation, when its job is to start. */
  readonly fromMs: number
  /** Of a queue, how much of it is borrowed. */
  readonly borrowed: number
  /** Of a job's devices below their rating, the cap that is charged; 0: it is paused. Else -1. */
  readonly capW: number
  /** The cap that is ordered and not yet in force; -1: none. */
  readonly orderedW: number
}

/** Holders that are named one by one; the rest are summed up. */
const HOLDERS_MOST = 4

/** The largest holders of what a cause is about. O(jobs + nodes of the pool). */
export function holdersOf(state: State, job: number, cause: Cause): readonly Holder[] {
  switch (cause.blocker.reason) {
    case 'held': return []
    case 'dependency': return awaited(state, job)
    case 'quota': return queueHolders(state, job)
    case 'power': return cause.found?.missing === 'power'
      ? feederHolders(state, cause.found) : []
    case 'window': return cause.search === undefined ? []
      : windowsOf(state, job, cause.search).map((window) => windowHolder(state, window))
    case 'reservation': return [reservationHolder(state, cause.pool)]
    case 'order': return []
    default: return poolHolders(state, cause.pool)
  }
}

const NOBODY = {
  name: '', number: 0, untilMs: 0, fromMs: 0, borrowed: 0, capW: NONE, orderedW: NONE,
}

function jobHolder(state: State, job: number, amount: number, unit: string): Holder {
  const { jobs } = state.tables
  const isPlaced = jobs.phase[job]! >= PHASE.starting
  const untilMs = isPlaced ? jobs.expectedEndAtMs[job]! : 0
  const capW = isPlaced ? capBelowRating(state, job) : NONE
  return {
    ...NOBODY, type: 'job', name: jobName(state, job), number: jobs.number[job]!, amount, unit,
    untilMs, capW, orderedW: isPlaced && jobs.capAtMs[job]! > 0 ? jobs.orderedW[job]! : NONE,
  }
}

/** Largest first, ties by id; those beyond the most are one line. */
function largest(
  state: State, amounts: ReadonlyMap<number, number>, unit: string): Holder[] {
  const order = [...amounts].filter(([, amount]) => amount > 0)
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
  const named = order.slice(0, HOLDERS_MOST)
    .map(([job, amount]) => jobHolder(state, job, amount, unit))
  const rest = order.slice(HOLDERS_MOST)
  if (rest.length === 0) return named
  const amount = rest.reduce((sum, [, each]) => sum + each, 0)
  const name = `${rest.length} other ${rest.length === 1 ? 'job' : 'jobs'}`
  return [...named, { ...NOBODY, type: 'others', name, amount, unit }]
}

/** Nodes of a pool: those of each job, and those that do not serve. */
function poolHolders(state: State, pool: number): Holder[] {
  const { flags } = state.tables.nodes
  const held = new Map<number, number>()
  forEachPlaced(state, (job) => {
    if (state.tables.jobs.pool[job] !== pool) return
    const { spans } = placementOf(state, job)
    let nodes = 0
    for (let at = 0; at < spans.length; at += 3) nodes += spans[at + 1]! - spans[at]!
    held.set(job, nodes)
  })
  let down = 0
  let drained = 0
  for (const rack of state.layout.plant.racks) {
    if (rack.pool !== pool) continue
    for (let node = rack.firstNode; node < rack.endNode; node++) {
      if ((flags[node]! & DOWN) !== 0) down++
      else if (flags[node] !== 0) drained++
    }
  }
  const idle = (type: 'down' | 'drained', amount: number): Holder[] =>
    amount === 0 ? [] : [{ ...NOBODY, type, name: type, amount, unit: 'nodes' }]
  return [...largest(state, held, 'nodes'), ...idle('down', down), ...idle('drained', drained)]
}

/**
 * Watts at a feeder: what each job is charged there, or later can be held to, losses on the way
 * included, and the rest.
 */
function feederHolders(
  state: State, { feeder, ledger }: Extract<Missing, { missing: 'power' }>): Holder[] {
  const { feeders } = state.tables
  const held = wattsBelow(state, feeder, ledger === 'grantW' ? 'chargeW' : ledger)
  const sum = [...held.values()].reduce((most, watts) => most + watts, 0)
  const isPlant = state.totals.shiftedRatios === 0
  const amount = isPlant ? state.layout[ledger === 'drawW' ? 'idleDrawW' : 'idleGrantW'][feeder]!
    : feeders[ledger][feeder]! - sum
  const base: Holder = { ...NOBODY, type: 'base', name: 'base load', amount, unit: 'W' }
  return [...largest(state, held, 'W'), ...base.amount > 0 ? [base] : []]
}

/** Jobs that draw on a feeder. O(jobs + spans). */
export function jobsBelow(state: State, feeder: number): number[] {
  return [...wattsBelow(state, feeder)].filter(([, watts]) => watts > 0).map(([job]) => job)
}

/** Watts at a feeder of each placed job: what it is charged, can be held to, or should draw. */
export function wattsBelow(
  state: State, feeder: number, column: 'chargeW' | 'floorW' | 'drawW' = 'chargeW',
): Map<number, number> {
  const { jobs } = state.tables
  const held = new Map<number, number>()
  forEachPlaced(state, (job) => {
    if (jobs.heldGpus[job] === 0) return
    let watts = 0
    forEachRack(state, placementOf(state, job), (rack, devices) => {
      const ratio = ratioTo(state, state.layout.feederOfRack[rack]!, feeder)
      watts += devices * jobs[column][job]! * ratio
    })
    held.set(job, Math.round(watts))
  })
  return held
}

/** Watts at a feeder for a watt at a leaf; 0 where the leaf is not below it. */
function ratioTo(state: State, leaf: number, feeder: number): number {
  const { feederParent } = state.layout
  const { ratioPer10k } = state.tables.feeders
  let ratio = 1
  for (let at = leaf; at >= 0; at = feederParent[at]!) {
    if (at === feeder) return ratio
    ratio *= ratioPer10k[at]! / RATIO_ONE
  }
  return 0
}

/** What each queue below the binding one holds of the resource, and borrows. */
function queueHolders(state: State, job: number): Holder[] {
  const short = quotaShort(state, job)
  if (short === undefined) return []
  const { quotas, plant } = state.layout
  const own = ownUse(state, short.resource)
  const unit = short.resource === 'gpus' ? 'GPUs' : 'cores'
  const order = [...plant.queues.keys()]
    .filter((queue) => isBelow(quotas, queue, short.queue) && own[queue]! > 0)
    .sort((a, b) => own[b]! - own[a]! || a - b)
  const named = order.slice(0, HOLDERS_MOST).map((queue): Holder => ({
    ...NOBODY, type: 'queue', name: plant.queues[queue]!.name, amount: own[queue]!, unit,
    borrowed: borrowedBy(quotas, usedOf(state, short.resource), queue, short.resource),
  }))
  const rest = order.slice(HOLDERS_MOST)
  if (rest.length === 0) return named
  const amount = rest.reduce((sum, queue) => sum + own[queue]!, 0)
  const name = `${rest.length} other queues`
  return [...named, { ...NOBODY, type: 'others', name, amount, unit }]
}

/** What the jobs of each queue itself hold. O(jobs). */
function ownUse(state: State, resource: Resource): number[] {
  const { jobs } = state.tables
  const own = state.layout.plant.queues.map(() => 0)
  forEachPlaced(state, (job) => {
    const held = resource === 'gpus' ? jobs.heldGpus[job]! : jobs.heldCores[job]!
    own[jobs.queue[job]!] = own[jobs.queue[job]!]! + held
  })
  return own
}

function awaited(state: State, job: number): Holder[] {
  const held = new Map<number, number>()
  for (let other = 0; other < state.totals.jobRows; other++) {
    if (state.tables.jobs.phase[other] === PHASE.free) continue
    if (isAwaitedBy(state, other, job)) held.set(other, 1)
  }
  return largest(state, held, 'jobs')
}

function windowHolder(state: State, window: number): Holder {
  const { windows } = state.tables
  const queue = windows.queue[window]!
  return {
    ...NOBODY,
    type: 'window',
    name: queue === NONE ? 'maintenance' : state.layout.plant.queues[queue]!.name,
    amount: windows.end[window]! - windows.first[window]!,
    unit: 'nodes',
    fromMs: windows.startAtMs[window]!,
    untilMs: windows.endAtMs[window]!,
  }
}

function reservationHolder(state: State, pool: number): Holder {
  const { pools, jobs } = state.tables
  const job = pools.reservedJob[pool]!
  return { ...jobHolder(state, job, jobs.gpus[job]!, 'GPUs'), fromMs: pools.reservedAtMs[pool]! }
}

function forEachPlaced(state: State, visit: (job: number) => void): void {
  const { phase } = state.tables.jobs
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (phase[job]! >= PHASE.starting) visit(job)
  }
}
