// Shows that a report becomes the event that is so, and that one which is late, comes twice or is
// about another run of the job becomes none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JobReport, Report } from '../model/index.ts'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { place, toyState } from '../../test/toy-state.ts'
import { apply } from './apply.ts'
import { jobsOn, observe } from './observe.ts'
import { createState, type State } from './state.ts'

function report(state: State, job: number, type: JobReport['type'], keptMs = 0): JobReport {
  const { number, starts } = state.tables.jobs
  return { type, job, number: number[job]!, attempt: starts[job]!, outcome: 'completed',
    cause: 'device', keptMs }
}

function see(state: State, seen: Report): string[] {
  const events = observe(state, seen)
  for (const event of events) apply(state, event)
  return events.map((event) => event.type)
}

test('a run from its start to its end, each report twice', () => {
  const state = toyState({ sites: toyRow(2) })
  const job = place(state, [0, 1, 0], { gpus: 1 })
  const up = report(state, job, 'job.up')
  assert.deepEqual([see(state, up), see(state, up)], [['job.running'], []])
  const done = report(state, job, 'job.done')
  assert.deepEqual([see(state, done), see(state, done)], [['job.ended'], []])
  assert.deepEqual(see(state, up), [])
})

test('a job may end or be lost before it was seen to come up', () => {
  const state = toyState({ sites: toyRow(2) })
  const first = place(state, [0, 1, 0], { gpus: 1 })
  const second = place(state, [1, 2, 0], { gpus: 1 })
  assert.deepEqual(see(state, report(state, first, 'job.done')), ['job.ended'])
  assert.deepEqual(see(state, report(state, second, 'job.lost', 70)), ['job.interrupted'])
  assert.equal(state.tables.jobs.keptMs[second], 70)
})

test('what is about an earlier start, or an earlier job of the row, is of the past', () => {
  const state = toyState({ sites: toyRow(2) })
  const job = place(state, [0, 1, 0], { gpus: 1 })
  const lost = report(state, job, 'job.lost', 5)
  see(state, lost)
  apply(state, { type: 'job.started', job, pool: 0, spans: [1, 2, 0] })
  for (const type of ['job.up', 'job.done', 'job.lost', 'job.stopped'] as const) {
    assert.deepEqual(see(state, { ...lost, type }), [], type)
  }
  apply(state, { type: 'job.ended', job, outcome: 'cancelled' })
  const next = place(state, [0, 1, 0], { gpus: 1 })
  assert.equal(next, job, 'the row is used again')
  assert.deepEqual(see(state, lost), [])
})

test('a job that was stopped is credited once with what its checkpoint holds', () => {
  const state = toyState({ sites: toyRow(2) })
  const job = place(state, [0, 1, 0], { gpus: 1 })
  const stopped = report(state, job, 'job.stopped', 40)
  assert.deepEqual(see(state, stopped), [], 'it still runs, as far as we know')
  apply(state, { type: 'job.preempted', job })
  assert.deepEqual([see(state, stopped), see(state, stopped)], [['job.credited'], []])
  assert.equal(state.tables.jobs.keptMs[job], 40)
})

test('nodes that are lost end the jobs on them, whole, in part or without GPUs, once', () => {
  const state = toyState({ sites: toyRow(4), systems: [{ gpus: 4 }] })
  const whole = place(state, [0, 2, 0], { gpus: 8 })
  const part = place(state, [2, 3, 0b1], { gpus: 1 })
  const cpus = place(state, [2, 4, 0], { gpus: 0, nodes: 2 })
  const apart = place(state, [3, 4, 0b1], { gpus: 1 })
  assert.deepEqual(jobsOn(state, 1, 3), [whole, part, cpus])
  const lost = { type: 'nodes.lost', first: 1, end: 3, cause: 'rack' } as const
  assert.deepEqual(see(state, lost),
    ['job.interrupted', 'job.interrupted', 'job.interrupted', 'nodes.down'])
  assert.equal(state.tables.jobs.starts[apart], 1)
  assert.deepEqual(see(state, lost), [])
  const healthy = { type: 'nodes.healthy', first: 1, end: 3 } as const
  assert.deepEqual([see(state, healthy), see(state, healthy)], [['nodes.up'], []])
})

test('what nodes did by themselves before they had the last order is told too late', () => {
  const state = createState(toyPlant({ sites: toyRow(2) }), true)
  const job = place(state, [0, 1, 0], { gpus: 1 })
  see(state, report(state, job, 'job.up'))
  apply(state, { type: 'job.capped', job, capW: 80, safeW: 40 })
  const { number, starts, capOrders, capW } = state.tables.jobs
  const own = { type: 'cap', job, number: number[job]!, attempt: starts[job]!, isOwn: true,
    capW: 40 } as const
  const order = capOrders[job]!
  assert.deepEqual(see(state, { ...own, order: order - 1 }), [])
  assert.deepEqual(see(state, { ...own, order }), ['cap.confirmed'])
  assert.equal(capW[job], 40)
})
