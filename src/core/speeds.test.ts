// Shows how fast a job is believed to be on each type of device: by the catalogue, by what it
// declares, and what its limit comes to there; on a toy plant, by hand.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { place, requestOf, submit, toyState } from '../../test/toy-state.ts'
import { toyRow } from '../../test/toy-plant.ts'
import { isRefusal } from '../model/index.ts'
import { apply } from './apply.ts'
import { ask } from './ask.ts'
import { plannedRunMs } from './demand.ts'
import { leastSpeed, speedOn } from './speeds.ts'
import type { State } from './state.ts'

/** Pools 0, 1 and 2 hold devices of speed 1, 2 and 0.5; the second queue begins with pool 1. */
const PLAN = {
  sites: toyRow([0, 4], [1, 4], [2, 4], [3, 4]),
  systems: [{ speed: 1 }, { speed: 2 }, { speed: 0.5 }, { gpus: 0 }],
  queues: [{}, { pools: [1, 0, 2] }, { pools: [3, 0, 1] }],
}

const speeds = (state: State, job: number) => [0, 1, 2].map((pool) => speedOn(state, job, pool))

describe('speed of a job', () => {
  test('is against the first device type that it may use', () => {
    const state = toyState(PLAN)
    assert.deepEqual(speeds(state, submit(state, {})), [1, 2, 0.5])
    assert.deepEqual(speeds(state, submit(state, { queue: 1 })), [0.5, 1, 0.25])
    assert.deepEqual(speeds(state, submit(state, { queue: 2 })), [1, 2, 0.5])
    assert.equal(speedOn(state, submit(state, { device: 2 }), 2), 1)
    assert.equal(speedOn(state, submit(state, { gpus: 0, nodes: 1 }), 1), 1)
  })

  test('is its own where it declares one, and the catalogue\'s for other types', () => {
    const state = toyState(PLAN)
    assert.deepEqual(speeds(state, submit(state, { speeds: [1, 3] })), [1, 3, 0.5])
    assert.deepEqual(speeds(state, submit(state, { speeds: [400, 1000, 100] })), [1, 2.5, 0.25])
    assert.deepEqual(speeds(state, submit(state, { queue: 1, speeds: [0, 4] })), [0.25, 1, 0.125])
  })

  test('decides how long it is expected to run, and without a pool the slowest does', () => {
    const state = toyState(PLAN)
    const job = submit(state, { limitMs: 1001 })
    assert.deepEqual([0, 1, 2].map((pool) => plannedRunMs(state, job, 1, pool)), [1001, 501, 2002])
    assert.equal(leastSpeed(state, job), 0.5)
    assert.equal(plannedRunMs(state, job, 1), 2002)
    const placed = place(state, [4, 5, 0], { limitMs: 1000 }, 1)
    assert.equal(state.tables.jobs.expectedEndAtMs[placed], 500)
    apply(state, { type: 'job.credited', job: placed, keptMs: 400 })
    assert.equal(state.tables.jobs.expectedEndAtMs[placed], 300)
  })

  test('is forgotten with the job: its rows are used again', () => {
    const state = toyState(PLAN)
    for (let round = 0; round < 200; round++) {
      const job = submit(state, { speeds: [1, 2, round + 1] })
      assert.equal(speedOn(state, job, 2), round + 1)
      apply(state, { type: 'job.ended', job, outcome: 'cancelled' })
    }
    assert.equal(state.totals.speedRows, 3)
    assert.deepEqual(speeds(state, submit(state, {})), [1, 2, 0.5])
  })
})

test('speeds that are no numbers, or more than there are types, are refused', () => {
  const state = toyState(PLAN)
  for (const wrong of [[-1], [NaN], [Infinity], [1, 1, 1, 1]]) {
    const request = requestOf({ speeds: wrong })
    const answer = ask(state, { type: 'submit', request }, () => 0)
    assert.ok(isRefusal(answer) && answer.code === 'out-of-range')
    assert.match(answer.message, /give at most 3, one for each device type, from 0/)
  }
})
