/** A policy that wants anything, mostly what must not be: the guard has to keep the rules. */
import type { RandomStream } from '../../src/base/random.ts'
import { placementOf } from '../../src/core/allocation.ts'
import { shapeOfJob } from '../../src/core/demand.ts'
import { apply } from '../../src/core/apply.ts'
import type { Policy } from '../../src/core/decide.ts'
import { fit } from '../../src/core/fit.ts'
import { nextNode } from '../../src/core/free.ts'
import { guard } from '../../src/core/guard.ts'
import { forkState, type State } from '../../src/core/state.ts'
import type { Decision, JobStarted, Step } from '../../src/model/index.ts'
import { PHASE } from '../../src/model/index.ts'
import { powerWish } from './adversary-power.ts'
import { between, chance, pick } from './random-choice.ts'

export function adversary(random: RandomStream, endMs: number): Policy {
  return {
    name: 'adversary',
    *run(view) {
      if (view.totals.nowMs >= endMs || chance(random, 0.4)) return
      for (let left = between(random, 1, 5); left > 0; left--) yield wish(random, view)
      if (view.totals.isPowered === 0) return
      for (let left = between(random, 0, 3); left > 0; left--) {
        const { decision, isBad } = powerWish(random, view)
        const isTaken = yield decision
        if (isTaken && isBad) throw new Error(`the guard takes ${JSON.stringify(decision)}`)
      }
    },
  }
}

function wish(random: RandomStream, view: State): Decision {
  switch (between(random, 0, 7)) {
    case 0: return { steps: [wildStart(random, view)] }
    case 1: return { steps: [nearStart(random, view)] }
    case 2: return { steps: [reserve(random, view)] }
    case 3: return { steps: [preempt(random, view)] }
    case 4: return { steps: swap(random, view) }
    case 5: return { steps: [preempt(random, view), nearStart(random, view)] }
    case 6: return { steps: jointStarts(random, view) }
    default: return {
      steps: Array.from({ length: between(random, 0, 4) }, () => anyStep(random, view)),
    }
  }
}

function anyStep(random: RandomStream, view: State): Step {
  switch (between(random, 0, 3)) {
    case 0: return preempt(random, view)
    case 1: return reserve(random, view)
    case 2: return wildStart(random, view)
    default: return nearStart(random, view)
  }
}

function preempt(random: RandomStream, view: State): Step {
  return { type: 'job.preempted', job: someJob(random, view, PHASE.running) }
}

function reserve(random: RandomStream, view: State): Step {
  const { nowMs } = view.totals
  return {
    type: 'job.reserved',
    job: someJob(random, view, PHASE.pending),
    domain: between(random, -1, view.layout.domains),
    startAtMs: pick(random, [nowMs - 1, nowMs, nowMs + 5, nowMs + 0.5, Infinity, NaN]),
  }
}

/** Any job anywhere. */
function wildStart(random: RandomStream, view: State): JobStarted {
  const { nodes } = view.layout.plant
  const spans: number[] = []
  for (let left = between(random, 0, 3); left > 0; left--) {
    const first = between(random, -1, nodes)
    const mask = chance(random, 0.5) ? 0 : between(random, -1, 300)
    spans.push(first, first + between(random, 0, 3), mask)
  }
  const pool = between(random, -1, view.layout.pools.length)
  return { type: 'job.started', job: someJob(random, view, PHASE.pending), pool, spans }
}

/** A pending job where it fits, or almost there. */
function nearStart(random: RandomStream, view: State): JobStarted {
  const job = someJob(random, view, PHASE.pending)
  const pool = random.below(view.layout.pools.length)
  const spans = placesOf(random, view, job, pool)
  if (chance(random, 0.3)) spoil(random, spans)
  return { type: 'job.started', job, pool, spans }
}

function placesOf(random: RandomStream, view: State, job: number, pool: number): number[] {
  if (job < 0 || job >= view.totals.jobRows) return []
  const shape = shapeOfJob(view, job, pool)
  if (shape === undefined) return []
  if (shape.parts === 0 && chance(random, 0.2)) return scattered(random, view, pool, shape.whole)
  const level = chance(random, 0.7) ? view.tables.jobs.level[job]! : between(random, 0, 4)
  const found = fit(view, { pool, shape, level, closed: [], isSpread: chance(random, 0.5) })
  return 'placement' in found ? [...found.placement.spans] : []
}

function spoil(random: RandomStream, spans: number[]): void {
  if (spans.length === 0) return
  const at = random.below(spans.length)
  switch (between(random, 0, 4)) {
    case 0: spans[at]! += between(random, -1, 1); return
    case 1: spans.push(...spans.slice(0, 3)); return
    case 2: repeatFirst(spans); return
    case 3: spans.splice(at - (at % 3), 3); return
    default: spans.push(between(random, 0, 3), between(random, 0, 5), 0)
  }
}

/** Whole nodes of a pool that are free, from anywhere. */
function scattered(random: RandomStream, view: State, pool: number, nodes: number): number[] {
  const free: number[] = []
  const key = view.layout.pools[pool]!.system.gpus + 1
  for (let node = nextNode(view, pool, key, 0); node >= 0;
    node = nextNode(view, pool, key, node + 1)) free.push(node)
  const spans: number[] = []
  while (spans.length < nodes * 3 && free.length > 0) {
    const node = free.splice(random.below(free.length), 1)[0]!
    spans.push(node, node + 1, 0)
  }
  return spans
}

/** Starts that do not meet on any node, though together they may lack watts or quota. */
function jointStarts(random: RandomStream, view: State): Step[] {
  const fork = forkState(view)
  const steps: Step[] = []
  for (let left = 3; left > 0; left--) {
    const job = someJob(random, fork, PHASE.pending)
    const pool = random.below(view.layout.pools.length)
    const spans = placesOf(random, fork, job, pool)
    const step = { type: 'job.started', job, pool, spans } as const
    steps.push(step)
    if (guard(fork, { steps: [step] }) !== undefined) continue
    apply(fork, step)
    fork.tables.feeders.grantW.set(view.tables.feeders.grantW)
    fork.tables.queues.usedGpus.set(view.tables.queues.usedGpus)
    fork.tables.queues.usedCores.set(view.tables.queues.usedCores)
  }
  return steps
}

/** As many nodes as before, the first of them over and over. */
function repeatFirst(spans: number[]): void {
  const [first, , mask] = spans
  let nodes = 0
  for (let at = 0; at < spans.length; at += 3) nodes += spans[at + 1]! - spans[at]!
  spans.length = 0
  for (let node = 0; node < nodes; node++) spans.push(first!, first! + 1, mask!)
}

/** Takes a running job's nodes for a waiting one. */
function swap(random: RandomStream, view: State): Step[] {
  const victim = someJob(random, view, PHASE.running)
  const { jobs } = view.tables
  if (victim < 0 || victim >= view.totals.jobRows || jobs.phase[victim]! < PHASE.starting) return []
  const { pool, spans } = placementOf(view, victim)
  const start: Step = {
    type: 'job.started', job: someJob(random, view, PHASE.pending), pool, spans,
  }
  const first: Step = { type: 'job.preempted', job: victim }
  return chance(random, 0.9) ? [first, start] : [start, first]
}

/** Mostly a job of that phase, now and then any row or none. */
function someJob(random: RandomStream, view: State, phase: number): number {
  const { jobRows } = view.totals
  if (chance(random, 0.1)) return between(random, -1, jobRows)
  const { jobs } = view.tables
  const start = random.below(Math.max(1, jobRows))
  for (let step = 0; step < jobRows; step++) {
    const job = (start + step) % jobRows
    if (jobs.phase[job] === phase) return job
  }
  return jobRows
}
