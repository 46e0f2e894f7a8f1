// Looks ahead from the middle of random small worlds without faults, whose limits are exact: each
// job starts and ends as it then really does. With faults and wrong limits: the same seed gives
// the same future, another seed another one, and the state that was forked is untouched. Caps,
// pauses and limits over time go on in the fork.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { traceJob, type ToyJob } from '../../test/schedule.ts'
import { runTo } from '../../test/swarm/middle.ts'
import { randomWorld } from '../../test/swarm/world.ts'
import { toyPlant, toyRow, type ToyPlan } from '../../test/toy-plant.ts'
import { place } from '../../test/toy-state.ts'
import { apply } from '../core/apply.ts'
import { speedOfJob } from '../core/caps.ts'
import { brokenInvariants } from '../core/invariants.ts'
import { createState, hashState } from '../core/state.ts'
import { NO_FAILURES, PHASE, type Plant, type TraceJob } from '../model/index.ts'
import { lookAhead, startSpread } from './ahead.ts'
import { Arrivals } from './arrivals.ts'
import { policiesOf } from '../policies/index.ts'
import type { PolicyNames } from '../policies/policy.ts'

const MINUTE = 60_000
const WORLDS = 150

test(`in ${WORLDS} quiet random worlds the look ahead sees what then happens`, () => {
  const seen = { moments: 0, waiting: 0, running: 0 }
  for (let seed = 1; seed <= WORLDS; seed++) compareWorld(seed, seen)
  assert.ok(seen.moments > 4000 && seen.waiting > 150 && seen.running > 300, JSON.stringify(seen))
})

describe('a factory with faults', () => {
  const plan: ToyPlan = {
    sites: toyRow(4, 4),
    systems: [{ gpus: 2 }],
    failures: {
      classes: [{ name: 'node', ratePerHour: 0.02, unit: 'node', reach: 'node',
        repairMs: [20 * MINUTE, 60 * MINUTE], slowRatio: 1 }],
      detectMs: MINUTE, healthCheckMs: MINUTE, launchMs: MINUTE, loadMs: MINUTE,
      checkpointStallMs: 1000, checkpointSaveMs: 2000,
    },
  }
  const names = { order: 'fifo', backfill: 'easy', place: 'pack' }
  const jobs = Array.from({ length: 60 }, (_, at): ToyJob => ({
    id: `j${at}`, at: at * 7, gpus: [1, 4, 2, 16, 3][at % 5]!, work: [30, 50, 95][at % 3]!,
    limit: [60, 60, 240][at % 3]!,
  }))
  const state = runTo(toyPlant(plan), jobs.map(traceJob), names, 300 * MINUTE)
  const options = { ...policiesOf(names), untilMs: 1500 * MINUTE, failures: true }
  const hash = hashState(state)

  test('the same seed gives the same future, another one another', () => {
    const first = lookAhead(state, { ...options, seed: 3 })
    const again = lookAhead(state, { ...options, seed: 3 }, lookAhead(state,
      { ...options, seed: 4 }).state)
    assert.equal(hashState(again.state), hashState(first.state))
    assert.deepEqual(again.jobs, first.jobs)
    assert.equal(again.energyJ, first.energyJ)
    const other = lookAhead(state, { ...options, seed: 5 })
    assert.notEqual(hashState(other.state), hashState(first.state))
  })

  test('the state is untouched, and the fork is whole', () => {
    const { state: fork, usefulGpuMs, busyGpuMs, finished, started } = lookAhead(state,
      { ...options, seed: 1 })
    assert.equal(hashState(state), hash)
    assert.deepEqual(brokenInvariants(fork), [])
    assert.equal(fork.totals.nowMs, 1500 * MINUTE)
    assert.ok(usefulGpuMs > 0 && usefulGpuMs <= busyGpuMs)
    assert.ok(finished >= started && started > 0)
  })

  test('the spread of a start is in order, and says what it did not see', () => {
    const job = state.tables.jobs.phase.findIndex((phase) => phase === PHASE.pending)
    const spread = startSpread(state, job, options)
    assert.equal(spread.not, 0)
    assert.equal(spread.of, 9)
    assert.ok(spread.p10AtMs >= state.totals.nowMs)
    assert.ok(spread.p10AtMs <= spread.p50AtMs && spread.p50AtMs <= spread.p90AtMs)
    assert.deepEqual(startSpread(state, job, options), spread)
    const last = state.tables.jobs.number.lastIndexOf(state.totals.jobsSeen)
    const short = startSpread(state, last, { ...options, untilMs: state.totals.nowMs, seeds: 3 })
    assert.deepEqual(short,
      { p10AtMs: Infinity, p50AtMs: Infinity, p90AtMs: Infinity, of: 3, not: 3 })
  })
})

/** Runs a world to its middle, looks ahead, runs on, and compares; adds to what was seen. */
function compareWorld(
  seed: number, seen: { moments: number, waiting: number, running: number }): void {
  const world = randomWorld(seed)
  const plant = { ...world.plant, failures: NO_FAILURES }
  // On faster devices a run of a few ms ends far from its share of its limit: whole ms are coarse.
  const jobs = world.jobs.map((job): TraceJob => ({
    ...job, workMs: Math.max(60_000, job.workMs), limitMs: Math.max(60_000, job.workMs),
    workload: '', checkpointEveryMs: 0, checkpointStallMs: -1, outcome: 'completed',
  }))
  const middleMs = jobs[Math.floor(jobs.length * 0.6)]!.submitAtMs
  const untilMs = jobs.at(-1)!.submitAtMs + 40 * 3_600_000
  const state = runTo(plant, jobs, world.policies, middleMs)
  const real = timesTo(plant, jobs, world.policies, middleMs, untilMs)
  const hash = hashState(state)
  const ahead = lookAhead(state, {
    ...policiesOf(world.policies), seed, untilMs, failures: true,
    arrivals: real.arrivals.list,
  })
  assert.equal(hashState(state), hash)
  assert.equal(ahead.isCut, false)
  seen.waiting += state.totals.pending
  seen.running += state.totals.running
  for (const job of [...ahead.jobs, ...ahead.arrivals]) {
    if (job === undefined) continue
    const { number, startAtMs, endAtMs } = job
    assert.deepEqual({ number, startAtMs, endAtMs }, real.times.get(number), `world ${seed}`)
    seen.moments += endAtMs > 0 ? 2 : 1
  }
}

type Times = { readonly number: number, startAtMs: number, endAtMs: number }

/**
 * Runs a plant up to a moment, and says what came after an earlier one. By number, when each job
 * ended, and when the run began that was going on in the middle, or else the first one after.
 */
function timesTo(
  plant: Plant, jobs: readonly TraceJob[], names: PolicyNames, middleMs: number, untilMs: number,
): { times: Map<number, Times>, arrivals: Arrivals } {
  const times = new Map<number, Times>()
  const arrivals = new Arrivals(middleMs)
  runTo(plant, jobs, names, untilMs, ({ tables, totals: { nowMs } }, event) => {
    if (event.type === 'job.submitted') {
      arrivals.add(nowMs, event)
      times.set(event.number, { number: event.number, startAtMs: -1, endAtMs: -1 })
    }
    const job = 'job' in event ? times.get(tables.jobs.number[event.job]!) : undefined
    if (job === undefined) return
    if (event.type === 'job.started' && (nowMs <= middleMs || job.startAtMs < 0)) {
      job.startAtMs = nowMs
    }
    const isStopped = event.type === 'job.preempted' || event.type === 'job.interrupted'
    if (isStopped && nowMs <= middleMs) job.startAtMs = -1
    if (event.type === 'job.ended') job.endAtMs = nowMs
  })
  return { times, arrivals }
}

describe('caps', () => {
  const HOUR = 60 * MINUTE

  /** One job of an hour that runs under a cap, or stands still. */
  function capped(capW: number) {
    const state = createState(toyPlant({ sites: toyRow(2), failures: NO_FAILURES }), true)
    const job = place(state, [0, 1, 0], { gpus: 1, limitMs: HOUR })
    apply(state, { type: 'job.running', job })
    apply(state, { type: 'job.capped', job, capW, safeW: capW })
    apply(state, { type: 'cap.confirmed', job, capW })
    return state
  }
  const options = {
    ...policiesOf({ order: 'fifo', backfill: 'none', place: 'pack', power: 'none' }), seed: 1,
    untilMs: 10 * HOUR, failures: false,
  }

  test('a job that is capped goes on as slowly as is believed', () => {
    const state = capped(65)
    const speed = speedOfJob(state, 0, state.layout.pools[0]!, 65)
    assert.ok(speed < 0.9)
    assert.equal(lookAhead(state, options).jobs[0]!.endAtMs, Math.ceil(HOUR / speed))
  })

  test('one that is paused makes no progress, and ends once it goes on', () => {
    assert.equal(lookAhead(capped(0), options).jobs[0]!.endAtMs, -1)
    const state = capped(0)
    apply(state, { type: 'job.capped', job: 0, capW: 100, safeW: 100 })
    // The order to go on is in force after at most the time that caps take.
    const { endAtMs } = lookAhead(state, options).jobs[0]!
    assert.ok(endAtMs > HOUR && endAtMs <= HOUR + state.layout.plant.power.capMs)
  })

  test('a limit that is known holds in the fork, and the policy meets it', () => {
    const state = capped(100)
    apply(state, { type: 'limit.set', limit: 0, feeder: 0, kind: 'budget', watts: 65, fromW: 100,
      startAtMs: HOUR / 2, holdAtMs: HOUR / 2, holdEndAtMs: 9 * HOUR, endAtMs: 9 * HOUR,
      cause: '' })
    const ahead = lookAhead(state, {
      ...options, ...policiesOf({ order: 'fifo', backfill: 'none', place: 'pack', power: 'price' }),
    })
    const { capMs } = state.layout.plant.power
    const rest = (HOUR / 2 + capMs) / 0.8775
    assert.ok(Math.abs(ahead.jobs[0]!.endAtMs - (HOUR / 2 - capMs + rest)) <= 2 * capMs)
    assert.ok(ahead.jobs[0]!.endAtMs > HOUR + HOUR / 20)
  })
})
