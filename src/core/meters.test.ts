// Shows what readings of a meter teach, by hand: held against what was expected then, little by one
// that is noisy, nothing by one that came late; a job that was measured takes its part with it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { submit } from '../../test/toy-state.ts'
import type { PowerPlan } from '../model/index.ts'
import { advance, apply, settle } from './apply.ts'
import { biasW, doubtW } from './doubt.ts'
import { leastSinceW } from './history.ts'
import { isStale } from './meters.ts'
import { createState } from './state.ts'

/** One job on four nodes of one GPU of 100 W, up since the start; read once at 100 s. */
function scene(power: Partial<PowerPlan> = {}) {
  const plant = toyPlant({ sites: toyRow(4, 4), power })
  const state = createState(plant, true)
  const job = submit(state, { gpus: 4, nodes: 4 })
  apply(state, { type: 'job.started', job, pool: 0, spans: [0, 4, 0] })
  apply(state, { type: 'job.running', job })
  const read = (drawW: number, observedAtMs: number) =>
    apply(state, { type: 'feeder.metered', feeder: 0, drawW, observedAtMs })
  advance(state, 100_000)
  return { state, job, read }
}

test('without noise a reading is what is drawn beyond what is expected', () => {
  const { state, read } = scene()
  read(412, 100_000)
  assert.equal(biasW(state, 0), 12)
  assert.equal(doubtW(state, 0), 0)
})

test('a reading is held against what was expected when it was taken', () => {
  const { state, job, read } = scene({ meterDelayMs: 30_000 })
  read(400, 100_000)
  apply(state, { type: 'job.capped', job, capW: 50, safeW: 50 })
  advance(state, 110_000)
  apply(state, { type: 'cap.confirmed', job, capW: 50 })
  advance(state, 135_000)
  // At 105 s the job was not capped yet: 400 W were expected, and were drawn.
  read(400, 105_000)
  assert.ok(Math.abs(biasW(state, 0)) < 1e-9)
  advance(state, 150_000)
  read(200, 120_000)
  assert.ok(Math.abs(biasW(state, 0)) < 1e-9)
})

test('one noisy reading says little, and many say much', () => {
  const { state, read } = scene({ meterErrorRatio: 0.05 })
  // The job may be off by 5 % of 400 W, and 0.2 % are not modelled: 400.64 W². A reading of
  // 440 W is off by 22: its 484 W² leave 40 × 400.64 / 884.64 of the 40 W.
  read(440, 100_000)
  assert.ok(Math.abs(biasW(state, 0) - 40 * 400.64 / 884.64) < 1e-9)
  for (let at = 1; at <= 50; at++) {
    advance(state, 100_000 + at * 10_000)
    read(440, 100_000 + at * 10_000)
  }
  assert.ok(biasW(state, 0) > 38 && doubtW(state, 0) < 5)
})

test('a reading that is too low says nothing while a job comes up', () => {
  const { state, read } = scene()
  read(400, 100_000)
  const job = submit(state, { gpus: 2, nodes: 2 })
  apply(state, { type: 'job.started', job, pool: 0, spans: [4, 6, 0] })
  advance(state, 160_000)
  read(400, 160_000)
  assert.equal(biasW(state, 0), 0)
  read(610, 160_001)
  assert.ok(Math.abs(biasW(state, 0) - 10) < 0.5)
})

test('what is heard long after says nothing', () => {
  const { state, read } = scene()
  read(400, 100_000)
  advance(state, 400_000)
  read(100, 150_000)
  assert.equal(biasW(state, 0), 0)
})

test('a job that was measured is no longer part of what is off', () => {
  const { state, job, read } = scene()
  apply(state, { type: 'job.capped', job, capW: 50, safeW: 50 })
  apply(state, { type: 'cap.confirmed', job, capW: 50 })
  advance(state, 160_000)
  read(180, 160_000)
  assert.ok(Math.abs(biasW(state, 0) + 20) < 1e-9)
  apply(state, { type: 'job.measured', job, capW: 50, speed: 0.75, drawW: 45 })
  assert.equal(state.tables.feeders.drawW[0], 180)
  assert.ok(Math.abs(biasW(state, 0)) < 1e-9)
})

test('what a job has shown in a target makes those that wait be looked at', () => {
  const { state, job } = scene()
  apply(state, {
    type: 'limit.set', limit: 0, feeder: 0, kind: 'target', watts: 400, fromW: 400,
    startAtMs: 0, holdAtMs: 0, holdEndAtMs: 10e8, endAtMs: 10e8, cause: '',
  })
  apply(state, { type: 'job.capped', job, capW: 50, safeW: 50 })
  apply(state, { type: 'cap.confirmed', job, capW: 50 })
  submit(state, { gpus: 1 })
  settle(state)
  apply(state, { type: 'job.measured', job, capW: 50, speed: 0.75, drawW: 45 })
  assert.equal(state.totals.isFreed, 1)
})

test('a minute ago is kept, and what came together is over when all of it is', () => {
  const { state, job } = scene()
  assert.equal(leastSinceW(state, 0, 40_000), 400)
  apply(state, {
    type: 'limit.set', limit: 0, feeder: 0, kind: 'target', watts: 100, fromW: 400,
    startAtMs: 9e8, holdAtMs: 9e8, holdEndAtMs: 10e8, endAtMs: 10e8, cause: '',
  })
  apply(state, { type: 'job.capped', job, capW: 50, safeW: 50 })
  apply(state, { type: 'cap.confirmed', job, capW: 50 })
  advance(state, 110_000)
  apply(state, { type: 'job.capped', job, capW: 100, safeW: 100 })
  // The raise is booked, and may not be there yet.
  assert.equal(state.tables.feeders.drawW[0], 400)
  assert.equal(leastSinceW(state, 0, 110_000), 200)
  apply(state, { type: 'cap.confirmed', job, capW: 100 })
  advance(state, 169_000)
  assert.equal(leastSinceW(state, 0, 109_000), 200)
  advance(state, 180_000)
  assert.equal(leastSinceW(state, 0, 120_000), 400)
})

test('a meter that was not read for too long is stale', () => {
  const { state, read } = scene({ staleMs: 60_000 })
  assert.ok(isStale(state, 0))
  read(400, 100_000)
  assert.ok(!isStale(state, 0))
  advance(state, 160_001)
  assert.ok(isStale(state, 0))
})
