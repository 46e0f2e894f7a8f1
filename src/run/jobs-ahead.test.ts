// Jobs in the hours ahead: who draws what at which feeder in each step, and what is decided from
// step to step, on a toy site whose jobs have declared how long they run.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { hashState } from '../core/state.ts'
import { policiesOf } from '../policies/index.ts'
import { toyRow } from '../../test/toy-plant.ts'
import { place, submit, toyState } from '../../test/toy-state.ts'
import { jobsAhead } from './jobs-ahead.ts'

const HOUR_MS = 3_600_000

test('a job ends, the one that waits for its nodes starts, and the state stays as it is', () => {
  const state = toyState({ sites: toyRow(4, 4) })
  place(state, [0, 8, -1], { name: 'now', gpus: 8, limitMs: 2 * HOUR_MS })
  submit(state, { name: 'next', gpus: 8, limitMs: 4 * HOUR_MS })
  const before = hashState(state)
  const root = state.layout.plant.sites[0]!.feeder
  const ahead = jobsAhead(state, {
    ...policiesOf({ order: 'fifo', backfill: 'easy', place: 'pack', preempt: 'none',
      consolidate: 'none', power: 'none' }),
    seed: 1, failures: false, hoursMs: 12 * HOUR_MS, feeders: [root],
  })
  equal(hashState(state), before)
  const [row] = ahead.rows
  deepEqual(row!.jobs.map(({ name }) => name), ['now', 'next'])
  equal(ahead.steps.length, row!.limitW.length)
  const told = ahead.steps.flatMap(({ news }) => news.map(({ type, name }) => `${name} ${type}`))
  deepEqual(told, ['now ended', 'next started', 'next ended'])
  const runs = (name: string) => row!.jobs.find((job) => job.name === name)!.watts
    .filter((watts) => watts > 0).length * ahead.stepMs / HOUR_MS
  ok(Math.abs(runs('now') - 2) <= 0.25 && Math.abs(runs('next') - 4) <= 0.25)
  equal(ahead.steps[0]!.dearest, null)
})
