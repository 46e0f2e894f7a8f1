// When waiting jobs start, in several futures: on four nodes with exact limits, by hand.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MINUTE_MS as MINUTE, traceJob } from '../../test/schedule.ts'
import { runTo } from '../../test/swarm/middle.ts'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { policiesOf } from '../policies/index.ts'
import { startsAhead } from './starts-ahead.ts'

const NAMES = { order: 'fifo', backfill: 'none', place: 'pack' }

test('each waiting job has its start, and what does not start in that time has none', () => {
  const jobs = [
    { id: 'a', gpus: 4, work: 60, at: 0 }, { id: 'b', gpus: 4, work: 30, at: 1 },
    { id: 'c', gpus: 4, work: 40, at: 2 },
  ]
  const state = runTo(toyPlant({ sites: toyRow(4) }), jobs.map(traceJob), NAMES, 10 * MINUTE)
  const told = startsAhead(state, {
    ...policiesOf(NAMES), untilMs: 80 * MINUTE, failures: false, futures: 3 })
  assert.deepEqual(told.numbers, [2, 3])
  assert.deepEqual(told.middleAtMs, [60 * MINUTE, Infinity])
  assert.deepEqual([told.leastAtMs, told.mostAtMs], [told.middleAtMs, told.middleAtMs])
})
