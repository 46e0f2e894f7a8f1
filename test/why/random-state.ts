/**
 * Random states in the middle of their work: a random world of the swarm, with a tree of queues,
 * elastic jobs, dependencies, arrays, windows and held jobs laid over it; and in some of them
 * limits and budgets over time, and where a power policy acts, jobs that are capped and paused.
 */
import { randomStream, type RandomStream } from '../../src/base/random.ts'
import { advance, apply } from '../../src/core/apply.ts'
import { ask } from '../../src/core/ask.ts'
import type { Deciders } from '../../src/core/remedy-trials.ts'
import { leastCapW, PAUSED_W } from '../../src/core/caps.ts'
import { guard } from '../../src/core/guard.ts'
import { decide } from '../../src/core/decide.ts'
import { createState, type State } from '../../src/core/state.ts'
import {
  isRefusal, PHASE, type Intent, type Plant, type Queue, type TraceJob,
} from '../../src/model/index.ts'
import { CONSOLIDATES, policiesOf, POWERS, PREEMPTS } from '../../src/policies/index.ts'
import { requestOf } from '../../src/run/request.ts'
import { between, chance, pick } from '../swarm/random-choice.ts'
import { randomWorld } from '../swarm/world.ts'

export type RandomState = { readonly state: State, readonly deciders: Deciders }

export function randomState(seed: number): RandomState {
  const world = randomWorld(seed)
  const random = randomStream(seed, 'why')
  const plant = { ...world.plant, queues: randomTree(random, world.plant.queues) }
  // A stream of its own, so that all else is as it would be without power in time.
  const power = randomStream(seed, 'why power')
  const isPowered = chance(power, 0.4)
  const deciders = policiesOf({
    ...world.policies,
    preempt: pick(random, Object.keys(PREEMPTS)),
    consolidate: pick(random, Object.keys(CONSOLIDATES)),
    power: isPowered ? pick(power, Object.keys(POWERS).filter((name) => name !== 'none')) : 'none',
  })
  const state = createState(plant, isPowered)
  const hasLimits = chance(power, 0.4)
  const hasWindows = chance(random, 0.4)
  const last = between(random, 1, world.jobs.length)
  for (const job of world.jobs.slice(0, last)) {
    const isDue = job.submitAtMs > state.totals.nowMs
    if (isDue) {
      round(state, deciders)
      advance(state, job.submitAtMs)
    }
    arrive(random, state, deciders, plant, job)
    if (hasWindows && chance(random, 0.1)) carryOut(state, deciders, randomWindow(random, state))
    if (hasLimits && chance(power, 0.15)) carryOut(state, deciders, randomLimit(power, state))
    if (state.totals.isPowered === 1 && chance(power, 0.4)) capSome(power, state)
    disturb(random, state, deciders)
  }
  if (chance(random, 0.9)) round(state, deciders)
  if (chance(random, 0.2)) advance(state, state.totals.nowMs + between(random, 1, 100_000))
  return { state, deciders }
}

/** Queues above one another, with quotas of GPUs and cores that they lend and borrow. */
function randomTree(random: RandomStream, queues: readonly Queue[]): Queue[] {
  const isTree = chance(random, 0.5)
  const some = (most: number) => chance(random, 0.5) ? Infinity : between(random, 0, most)
  return queues.map((queue, at) => {
    if (!isTree) return queue
    const parent = at === 0 || chance(random, 0.3) ? -1 : between(random, 0, at - 1)
    const gpus = { own: some(40), borrow: some(20), lend: some(20) }
    const cores = { own: some(60), borrow: some(30), lend: some(30) }
    return { ...queue, parent, quota: { gpus, cores } }
  })
}

function arrive(
  random: RandomStream, state: State, deciders: Deciders, plant: Plant, job: TraceJob): void {
  const plain = requestOf(plant, job, job.id)
  if (isRefusal(plain)) return
  const isElastic = plain.nodes > 1 && plain.gpus > 0 && chance(random, 0.4)
  const others = rowsOf(state, PHASE.free + 1, PHASE.running)
  const request = {
    ...plain,
    level: chance(random, 0.3) ? between(random, 1, 4) : plain.level,
    leastNodes: isElastic ? between(random, 1, plain.nodes - 1) : 0,
    array: chance(random, 0.2) ? between(random, 1, 3) : 0,
    after: others.length > 0 && chance(random, 0.1) ? [{
      job: pick(random, others), on: pick(random, ['completed', 'ended'] as const),
    }] : [],
  }
  carryOut(state, deciders, { type: 'submit', request })
}

function randomWindow(random: RandomStream, state: State): Intent {
  const { nodes, queues } = state.layout.plant
  const first = between(random, 0, nodes - 1)
  const startAtMs = state.totals.nowMs + between(random, 0, 10_000_000)
  return {
    type: 'reserve', first, end: between(random, first + 1, nodes), startAtMs,
    endAtMs: startAtMs + between(random, 1, 10_000_000), reason: '',
    queue: chance(random, 0.5) ? -1 : random.below(queues.length),
  }
}

/** A budget or a limit of a feeder, soon or now, that leaves it some of what it may grant. */
function randomLimit(random: RandomStream, state: State): Intent {
  const { plant, nameplateW, idleGrantW } = state.layout
  const feeder = random.below(plant.feeders.length)
  const most = Math.min(plant.feeders[feeder]!.limitW, nameplateW[feeder]!)
  const leastW = Math.min(most, idleGrantW[feeder]!)
  const watts = leastW + Math.floor((most - leastW) * random.uniform())
  const startAtMs = state.totals.nowMs + (chance(random, 0.4) ? 0 : between(random, 0, 20_000_000))
  const endAtMs = chance(random, 0.2) ? Number.MAX_SAFE_INTEGER
    : startAtMs + between(random, 1, 20_000_000)
  return {
    type: 'limit',
    course: {
      feeder, kind: pick(random, ['limit', 'budget', 'budget', 'target']), watts, fromW: most,
      startAtMs,
      holdAtMs: startAtMs, holdEndAtMs: endAtMs, endAtMs, cause: '',
    },
  }
}

/** Orders caps and pauses that may be so, and confirms some of the open ones. */
function capSome(random: RandomStream, state: State): void {
  for (const job of rowsOf(state, PHASE.starting, PHASE.suspended)) {
    const { jobs } = state.tables
    if (jobs.capAtMs[job]! > 0 && chance(random, 0.6)) {
      apply(state, { type: 'cap.confirmed', job, capW: jobs.orderedW[job]! })
    }
    if (jobs.phase[job] === PHASE.starting && chance(random, 0.6)) {
      apply(state, { type: 'job.running', job })
    }
    if (jobs.gpus[job] === 0 || !chance(random, 0.4)) continue
    const pool = state.layout.pools[jobs.pool[job]!]!
    const leastW = leastCapW(state, job, pool)
    const isPause = chance(random, 0.3) && jobs.phase[job] !== PHASE.starting
    const capW = isPause ? PAUSED_W : between(random, leastW, pool.system.deviceRatedW)
    const step = { type: 'job.capped', job, capW, safeW: isPause ? PAUSED_W : leastW } as const
    if (guard(state, { steps: [step] }) === undefined) apply(state, step)
  }
}

/** Jobs end, nodes break, people hold and drain. */
function disturb(random: RandomStream, state: State, deciders: Deciders): void {
  const running = rowsOf(state, PHASE.starting, PHASE.running)
  if (running.length > 0 && chance(random, 0.15)) {
    const outcome = pick(random, ['completed', 'failed'] as const)
    apply(state, { type: 'job.ended', job: pick(random, running), outcome })
  }
  const pending = rowsOf(state, PHASE.pending, PHASE.pending)
  if (pending.length > 0 && chance(random, 0.05)) {
    carryOut(state, deciders, { type: 'hold', job: pick(random, pending) })
  }
  if (!chance(random, 0.1)) return
  const first = random.below(state.layout.plant.nodes)
  const end = Math.min(state.layout.plant.nodes, first + between(random, 1, 4))
  carryOut(state, deciders, { type: 'drain', first, end, reason: '' })
}

function carryOut(state: State, { rankOf }: Deciders, intent: Intent): void {
  const answer = ask(state, intent, rankOf)
  if (!isRefusal(answer)) apply(state, answer)
}

function round(state: State, { policies }: Deciders): void {
  decide(state, policies, (step) => { apply(state, step) },
    { decisions: 0, refused: 0, lastProblem: '' })
}

function rowsOf(state: State, least: number, most: number): number[] {
  const { phase } = state.tables.jobs
  return Array.from({ length: state.totals.jobRows }, (_, job) => job)
    .filter((job) => phase[job]! >= least && phase[job]! <= most)
}
