// Shows that starts keep a site's rule of ramps: a job starts as far as it may rise, others wait,
// and what cannot go up in small steps goes up alone; in a row of nodes of one GPU of 100 W.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { submit } from '../../test/toy-state.ts'
import { advance, apply } from '../core/apply.ts'
import { decide } from '../core/decide.ts'
import { createState, type State } from '../core/state.ts'
import { policiesOf } from './index.ts'

function stateOf(rampW: number): State {
  return createState(toyPlant({ sites: toyRow(8, 8), power: { rampUpWPerMin: [rampW] } }), true)
}

describe('a rule of ramps', () => {
  const { policies } = policiesOf(
    { order: 'fifo', backfill: 'none', place: 'pack', power: 'price' })
  const settle = (state: State) => {
    const round = { decisions: 0, refused: 0, lastProblem: '' }
    decide(state, policies, (step) => apply(state, step), round)
    assert.equal(round.lastProblem, '')
  }

  test('makes a job start with what there is room for', () => {
    const state = stateOf(200)
    submit(state, { gpus: 2, nodes: 2 })
    settle(state)
    // 85 % of 200 W, for two devices.
    assert.equal(state.tables.jobs.capW[0], 85)
    advance(state, 30_000)
    submit(state, { gpus: 1 })
    settle(state)
    assert.equal(state.totals.pending, 1)
  })

  test('lets what cannot go up in small steps go up alone, as little as it can', () => {
    const state = stateOf(100)
    submit(state, { gpus: 4, nodes: 4 })
    submit(state, { gpus: 4, nodes: 4 })
    settle(state)
    // The least of four devices is 120 W, more than a minute may bring.
    assert.deepEqual([state.tables.jobs.capW[0], state.totals.pending], [30, 1])
    apply(state, { type: 'job.running', job: 0 })
    advance(state, 59_000)
    settle(state)
    assert.equal(state.totals.pending, 1)
    advance(state, 125_000)
    state.totals.isFreed = 1
    settle(state)
    assert.equal(state.totals.pending, 0)
  })

  test('is looked at again for one that comes just after draw rose', () => {
    const state = stateOf(500)
    submit(state, { gpus: 4, nodes: 4 })
    settle(state)
    apply(state, { type: 'job.running', job: 0 })
    // Of the 425 W that a minute may bring 25 W are left. Nothing else happens, no meter is read.
    advance(state, 10_000)
    submit(state, { gpus: 1 })
    settle(state)
    assert.equal(state.totals.pending, 1)
    for (let looks = 0; looks < 2; looks++) {
      advance(state, state.totals.powerAtMs)
      settle(state)
    }
    assert.deepEqual([state.totals.nowMs, state.totals.pending], [70_000, 0])
  })
})
