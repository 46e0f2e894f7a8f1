import { unreachable } from '../base/assert.ts'
import { NONE } from '../base/id.ts'
import { PHASE, type Blocker } from '../model/index.ts'
import { chainOf, usablePoolsOf, type Chain, type Link } from './blocker-chain.ts'
import { blockerOf } from './blocker.ts'
import { capBelowRating, speedOfJob } from './caps.ts'
import { holdersOf, type Holder } from './why-holders.ts'
import type { Change } from './remedy-change.ts'
import { remediesOf } from './remedy.ts'
import { Trials, type Deciders } from './remedy-trials.ts'
import { jobName, type State } from './state.ts'
import { elsewhereOf, type Elsewhere } from './why-elsewhere.ts'
import { powerTold, scarceAbove, type PowerTold, type Scarce } from './why-power.ts'
import { changeText, sentenceOf } from './why-text.ts'

/** Why a job does or does not run, as plain data; times are of the run's clock. */
export type Explanation = {
  readonly atMs: number
  readonly job: JobFacts
  readonly state: 'pending' | 'starting' | 'running' | 'paused'
  /** Nothing keeps it: the next round of decisions starts it. */
  readonly startsNext: boolean
  /** Watts of each of its devices, if it starts next with them capped; -1: at their rating. */
  readonly startCapW: number
  /** All that keeps it: what binds first, then what binds once that is gone, pool by pool. */
  readonly blockers: readonly ToldBlocker[]
  /** What would start it now, the smallest change first; each was tried. */
  readonly remedies: readonly Remedy[]
  readonly elsewhere: Elsewhere
}

export type JobFacts = {
  readonly number: number
  readonly name: string
  readonly queue: string
  readonly gpus: number
  readonly nodes: number
  readonly priority: number
  readonly submitAtMs: number
  /** Of a job that has its nodes; 0 otherwise. */
  readonly startAtMs: number
  readonly expectedEndAtMs: number
  readonly heldGpus: number
  /** Cap of each of its devices where that is below their rating, 0: it is paused; else -1. */
  readonly capW: number
  /** Its throughput under that cap as believed, against that without one. */
  readonly speed: number
  /** Feeders above it where watts are scarce, and what one more megawatt is worth there. */
  readonly scarce: readonly Scarce[]
  readonly starts: number
  /** Number of the first job of its array; 0 where it is in none. */
  readonly array: number
}

export type ToldBlocker = Blocker & {
  /** In one sentence for people. */
  readonly sentence: string
  /** The pool that the chain is about; '' for what concerns every pool. */
  readonly pool: string
  readonly holders: readonly Holder[]
  /** Of a feeder that lacks watts, what it has over the time in which the job would run. */
  readonly power?: PowerTold
}

export type Remedy = {
  readonly sentence: string
  readonly changes: readonly ToldChange[]
  /** Cap of each of its devices where it then starts below their rating; else -1. */
  readonly capW: number
}

/** A change with names in place of rows. */
export type ToldChange = { readonly type: Change['type'] } & Readonly<Record<string, unknown>>

/** Pools whose chains are told: a queue rarely has more. */
const POOLS_MOST = 6

/**
 * Why a job that the state has does not run, from the same search, quota and ledger that decide.
 * A pure function of the state and of what decides; the state is not changed. Costs some dozens of
 * forks and rounds.
 */
export function explain(state: State, job: number, deciders: Deciders): Explanation {
  const { phase } = state.tables.jobs
  const base = { atMs: state.totals.nowMs, job: factsOf(state, job) }
  if (phase[job] !== PHASE.pending) {
    const doing = phase[job] === PHASE.running ? 'running'
      : phase[job] === PHASE.suspended ? 'paused' : 'starting'
    return {
      ...base, state: doing, startsNext: false, startCapW: NONE, blockers: [],
      remedies: [], elsewhere: elsewhereOf(state, job, undefined),
    }
  }
  const trials = new Trials(deciders)
  const chains = chainsOf(state, job, trials)
  const links = linksOf(chains)
  return {
    ...base,
    state: 'pending',
    startsNext: links.length === 0,
    startCapW: links.length === 0 ? trials.capW : NONE,
    blockers: links.map((link) => told(link, job)),
    remedies: remediesOf(state, job, chains, trials)
      .map((changes) => remedyOf(state, job, changes, trials)),
    elsewhere: elsewhereOf(state, job, links[0]),
  }
}

/** The chains of a job's pools, in the order of its queue; a job that starts has no link. */
export function chainsOf(state: State, job: number, trials: Trials): readonly Chain[] {
  const chains: Chain[] = []
  for (const pool of usablePoolsOf(state, job).slice(0, POOLS_MOST)) {
    const chain = chainOf(state, job, pool, trials)
    chains.push(chain)
    if (chain.links.length === 0) break
  }
  return chains
}

/** Links of all chains, each once: what concerns no pool binds in every chain. */
function linksOf(chains: readonly Chain[]): Link[] {
  const [first] = chains
  if (first === undefined) return []
  const others = chains.slice(1).flatMap(({ links }) => links.filter((link) => link.search))
  const known = new Set(first.links.map(keyOf))
  return [...first.links, ...others.filter((link) => !known.has(keyOf(link)))]
}

/** Two pools below one feeder lack the same watts. */
function keyOf({ blocker }: Link): string {
  return `${blocker.reason} ${blocker.need} ${blocker.at}`
}

/** Tasks of an array by what they do or what keeps them, most first. O(jobs) searches. */
export function arrayReasons(state: State, array: number): { reason: string, tasks: number }[] {
  const { jobs } = state.tables
  const counts = new Map<string, number>()
  for (let job = 0; job < state.totals.jobRows; job++) {
    if (jobs.phase[job] === PHASE.free || jobs.array[job] !== array) continue
    const reason = jobs.phase[job] === PHASE.pending ? pendingReason(state, job)
      : jobs.phase[job] === PHASE.starting ? 'starting' : 'running'
    counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  return [...counts].map(([reason, tasks]) => ({ reason, tasks }))
    .sort((a, b) => b.tasks - a.tasks || (a.reason < b.reason ? -1 : 1))
}

function pendingReason(state: State, job: number): string {
  const blocker = blockerOf(state, job)
  return blocker === undefined ? 'starts next' : blocker.reason
}

function factsOf(state: State, job: number): JobFacts {
  const { jobs } = state.tables
  const isPlaced = jobs.phase[job]! >= PHASE.starting
  return {
    number: jobs.number[job]!, name: jobName(state, job),
    queue: state.layout.plant.queues[jobs.queue[job]!]!.name,
    gpus: jobs.gpus[job]!, nodes: jobs.nodes[job]!, priority: jobs.priority[job]!,
    submitAtMs: jobs.submitAtMs[job]!, startAtMs: isPlaced ? jobs.startAtMs[job]! : 0,
    expectedEndAtMs: isPlaced ? jobs.expectedEndAtMs[job]! : 0,
    heldGpus: isPlaced ? jobs.heldGpus[job]! : 0, starts: jobs.starts[job]!,
    ...capFacts(state, job, isPlaced),
    array: jobs.array[job]!,
  }
}

function capFacts(state: State, job: number, isPlaced: boolean) {
  const { jobs } = state.tables
  if (!isPlaced || jobs.gpus[job] === 0) return { capW: NONE, speed: 1, scarce: [] }
  const pool = state.layout.pools[jobs.pool[job]!]!
  return {
    capW: capBelowRating(state, job),
    speed: speedOfJob(state, job, pool, jobs.capW[job]!),
    scarce: scarceAbove(state, job),
  }
}

function told(link: Link, job: number): ToldBlocker {
  const { state, blocker, pool, search } = link
  const power = powerTold(link)
  return {
    ...blocker,
    ...power === undefined ? {} : { power },
    sentence: sentenceOf(state, job, link),
    pool: search === undefined ? '' : state.layout.plant.pools[pool]!.name,
    holders: holdersOf(state, job, link),
  }
}

function remedyOf(
  state: State, job: number, changes: readonly Change[], trials: Trials): Remedy {
  const capW = trials.starts(state, job, changes) ? trials.capW : NONE
  const sentence = changes.map((change) => changeText(state, job, change)).join('; and ')
    + (capW < 0 ? '' : `; it then starts at ${capW} W a GPU`)
  return {
    sentence, changes: changes.map((change) => toldChange(state, change)), capW,
  }
}

function toldChange(state: State, change: Change): ToldChange {
  const { plant } = state.layout
  const numbers = (rows: readonly number[]) => rows.map((row) => state.tables.jobs.number[row]!)
  switch (change.type) {
    case 'release':
    case 'detach':
    case 'first':
    case 'serve':
    case 'clear':
    case 'level':
    case 'size':
    case 'duration': return change
    case 'quota': return { ...change, queue: plant.queues[change.queue]!.name }
    case 'limit': return { ...change, feeder: plant.feeders[change.feeder]!.name }
    case 'end':
    case 'hold': return { ...change, jobs: numbers(change.jobs) }
    case 'device': return { ...change, device: plant.devices[change.device] ?? '' }
    case 'queue': return { ...change, queue: plant.queues[change.queue]!.name }
    case 'priority': return { type: 'priority', priority: change.priority }
    case 'cap': return { ...change, caps: change.caps.map(({ job, capW }) =>
      ({ job: state.tables.jobs.number[job]!, capW })) }
    case 'pause': return { ...change, jobs: numbers(change.jobs) }
    case 'delay':
    case 'drop':
    case 'wait': return change
    default: return unreachable(change)
  }
}
