// Jobs that end teach their queue how long such jobs run, as a share of their limit: what is drawn
// afterwards lies where they ended, is longer than what a job has run already, and without enough
// of them it is the limit. Checked by hand and, for random histories, against the list of all runs.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { place, submit, toyState } from '../../test/toy-state.ts'
import { toyRow } from '../../test/toy-plant.ts'
import type { Outcome } from '../model/index.ts'
import { advance, apply } from './apply.ts'
import * as belief from './belief.ts'
import { forkState, hashState, type State } from './state.ts'

const DAY = 86_400_000

function drawRunMs(state: State, job: number, ratio: number): number {
  return belief.drawRunMs(state, job, ratio, belief.openRuns(state))
}

function expectedRunMs(state: State, job: number): number {
  return belief.expectedRunMs(state, job, belief.openRuns(state))
}

function toy(): State {
  return toyState({ sites: toyRow(2), queues: [{}, { defaultLimitMs: 4000 }] })
}

/** Runs a job for `ranMs`, after `keptMs` of earlier runs. */
function run(
  state: State, ranMs: number, given: { limitMs: number, queue?: number, keptMs?: number },
  outcome: Outcome = 'completed'): void {
  const { keptMs = 0, ...request } = given
  const job = place(state, [0, 1, 0], request)
  state.tables.jobs.keptMs[job] = keptMs
  advance(state, state.totals.nowMs + ranMs)
  apply(state, { type: 'job.ended', job, outcome })
}

function many(state: State, count: number, ranMs: number, limitMs: number, queue = 0): void {
  for (let at = 0; at < count; at++) run(state, ranMs, { limitMs, queue })
}

describe('what is believed', () => {
  test('with few samples it is the limit, or the queue\'s', () => {
    const state = toy()
    many(state, 19, 100, 1000)
    const job = submit(state, { limitMs: 5000 })
    assert.equal(drawRunMs(state, job, 0.5), 5000)
    assert.equal(expectedRunMs(state, job), 5000)
    assert.equal(drawRunMs(state, submit(state, { limitMs: 0 }), 0.5), DAY)
    assert.equal(drawRunMs(state, submit(state, { limitMs: 0, queue: 1 }), 0.5), 4000)
  })

  test('what ran half its limit is drawn between a quarter of a doubling around it', () => {
    const state = toy()
    many(state, 20, 500, 1000)
    const job = submit(state, { limitMs: 10_000 })
    assert.equal(drawRunMs(state, job, 0), 5000)
    assert.equal(drawRunMs(state, job, 0.5), 5625)
    assert.equal(drawRunMs(state, job, 1), 6250)
    assert.equal(expectedRunMs(state, job), 5625)
    assert.equal(drawRunMs(state, submit(state, { limitMs: 10_000, queue: 1 }), 0.5), 10_000)
  })

  test('what ran to its limit is drawn at the limit, exactly', () => {
    const state = toy()
    many(state, 10, 1000, 1000)
    many(state, 10, 10, 1000)
    many(state, 20, 2000, 1000)
    const job = submit(state, { limitMs: 7777 })
    assert.ok(drawRunMs(state, job, 0.24) < 100)
    assert.equal(drawRunMs(state, job, 0.3), 7777)
    assert.equal(drawRunMs(state, job, 0.5), 7777)
    assert.ok(drawRunMs(state, job, 0.51) >= 2 * 7777)
    // 10 at 8 to 9.77 thousandths, 10 at 1, 20 at 2 to 2.5: (10 * 0.0098 + 10 + 45) / 40.
    assert.ok(Math.abs(expectedRunMs(state, job) / 7777 - 1.377) < 0.001)
  })

  test('a job that runs is believed to run longer than it has', () => {
    const state = toy()
    many(state, 30, 100, 1000)
    many(state, 10, 900, 1000)
    const job = place(state, [0, 1, 0], { limitMs: 1000 })
    advance(state, state.totals.nowMs + 50)
    assert.ok(drawRunMs(state, job, 0.5) < 130)
    advance(state, state.totals.nowMs + 250)
    // All that is left ran 0.875 to 63/64.
    assert.equal(drawRunMs(state, job, 0), 875)
    assert.equal(drawRunMs(state, job, 1), 984)
    // Past every run of its queue it is the limit, and past that the rest of its bin.
    advance(state, state.totals.nowMs + 690)
    assert.equal(drawRunMs(state, job, 0.1), 1000)
    advance(state, state.totals.nowMs + 60)
    assert.equal(drawRunMs(state, job, 0), 1051)
    assert.equal(expectedRunMs(state, job), 1150)
    // Far beyond, and where too few ended: as long again as it is over.
    advance(state, state.totals.nowMs + 3950)
    assert.equal(drawRunMs(state, job, 0.1), 9000)
    const other = toy()
    const lonely = place(other, [0, 1, 0], { limitMs: 1000 })
    advance(other, 1050)
    assert.equal(drawRunMs(other, lonely, 0.1), 1100)
  })

  test('jobs that still run count as longer ones', () => {
    const state = toyState({ sites: toyRow(40) })
    many(state, 20, 100, 1000)
    for (let at = 0; at < 20; at++) run(state, 1000, { limitMs: 1000 })
    const job = submit(state, { limitMs: 1000 })
    assert.ok(drawRunMs(state, job, 0.5) < 120)
    // Twenty more that have run 500 of 1000: two thirds end at the limit.
    for (let node = 1; node <= 20; node++) place(state, [node, node + 1, 0], { limitMs: 1000 })
    advance(state, state.totals.nowMs + 500)
    assert.ok(drawRunMs(state, job, 0.33) < 120)
    assert.equal(drawRunMs(state, job, 0.34), 1000)
    // All that ended are short: those that go on count at their limit.
    const early = toyState({ sites: toyRow(40) })
    many(early, 20, 100, 1000)
    for (let node = 1; node <= 20; node++) place(early, [node, node + 1, 0], { limitMs: 1000 })
    advance(early, early.totals.nowMs + 500)
    assert.equal(drawRunMs(early, submit(early, { limitMs: 1000 }), 0.51), 1000)
  })

  test('runs with the default limit teach nothing of declared ones', () => {
    const state = toy()
    for (let at = 0; at < 25; at++) run(state, 400, { limitMs: 0, queue: 1 })
    assert.equal(drawRunMs(state, submit(state, { limitMs: 4000, queue: 1 }), 0), 4000)
    assert.equal(drawRunMs(state, submit(state, { limitMs: 0, queue: 1 }), 0), 375)
  })

  test('large gangs have runs of their own, and until then those of their queue', () => {
    const state = toyState({ sites: toyRow(40) })
    many(state, 20, 500, 1000)
    const small = submit(state, { limitMs: 1000 })
    const large = submit(state, { limitMs: 1000, gpus: 32 })
    assert.equal(drawRunMs(state, large, 0), 500)
    for (let at = 0; at < 20; at++) {
      const job = place(state, [0, 32, 0], { limitMs: 1000, gpus: 32 })
      advance(state, state.totals.nowMs + 2000)
      apply(state, { type: 'job.ended', job, outcome: 'completed' })
    }
    assert.equal(drawRunMs(state, large, 0), 2000)
    assert.equal(drawRunMs(state, small, 0), 500)
    // 8 to 31 GPUs have none: half of all runs of the queue are short.
    const middle = submit(state, { limitMs: 1000, gpus: 31 })
    assert.ok(drawRunMs(state, middle, 0.49) < 700 && drawRunMs(state, middle, 0.51) >= 2000)
  })

  test('earlier runs of the job count, cancelled jobs and those that never ran do not', () => {
    const state = toy()
    for (let at = 0; at < 20; at++) run(state, 250, { limitMs: 1000, keptMs: 250 })
    for (let at = 0; at < 50; at++) run(state, 3, { limitMs: 1000 }, 'cancelled')
    apply(state, { type: 'job.ended', job: submit(state, {}), outcome: 'failed' })
    assert.equal(drawRunMs(state, submit(state, { limitMs: 1000 }), 0), 500)
  })

  test('it is state: a fork has it, and the hash covers it', () => {
    const state = toy()
    const fork = forkState(state)
    many(fork, 20, 500, 1000)
    many(state, 20, 500, 1000)
    assert.equal(hashState(fork), hashState(state))
    state.tables.runs.count[0]!++
    assert.notEqual(hashState(fork), hashState(state))
  })
})

test('quantiles are within a bin of those of the runs themselves', () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 2000, max: 3_900_000 }), { minLength: 20, maxLength: 60 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (runs, ratio) => {
      const state = toy()
      for (const ranMs of runs) run(state, ranMs, { limitMs: 1_000_000 })
      const job = submit(state, { limitMs: 1_000_000 })
      const sorted = runs.toSorted((a, b) => a - b)
      const at = ratio * runs.length
      const low = sorted[Math.max(0, Math.floor(at - 1e-6) - 1)]!
      const high = sorted[Math.min(runs.length - 1, Math.ceil(at + 1e-6))]!
      const drawn = drawRunMs(state, job, ratio)
      assert.ok(drawn >= low / 1.25 - 1 && drawn <= high * 1.25 + 1, `${low} ${drawn} ${high}`)
      assert.ok(drawRunMs(state, job, Math.min(1, ratio + 0.1)) >= drawn)
    }))
})
