// Shows, by hand, what raises of caps may bring beyond what is booked, and for how long that
// counts; a job on four nodes of one GPU of 100 W that draws 30, 60, 80 W under 30, 65, 100 W.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toyPlant, toyRow } from '../../test/toy-plant.ts'
import { submit } from '../../test/toy-state.ts'
import { drawAims } from './aims.ts'
import { advance, apply } from './apply.ts'
import { createState, type State } from './state.ts'
import { surgeAfterW, surgeSinceW } from './surge.ts'

function scene() {
  const plant = toyPlant({
    sites: toyRow(4, 4), power: { rampUpWPerMin: [200] }, systems: [{ nodeTypicalW: 80 }],
  })
  const curve = plant.curves.byClass[0]![0]!
  const curves = { ...plant.curves, byClass: [[{ ...curve, drawW: [30, 60, 80] }]] }
  const state = createState({ ...plant, curves }, true)
  const job = submit(state, { gpus: 4, nodes: 4 })
  apply(state, { type: 'job.started', job, pool: 0, spans: [0, 4, 0], capW: 30 })
  apply(state, { type: 'job.running', job })
  const pool = state.layout.pools[0]!
  return { state, job, after: (capW: number) => surgeAfterW(state, job, pool, capW) }
}

const edgeW = (state: State) => {
  const into = new Float64Array(state.layout.feederParent.length)
  drawAims(state, state.totals.nowMs, state.totals.nowMs, 'edge', into)
  return into[0]! - state.tables.feeders.drawW[0]!
}

test('a device may draw all of its cap, and no more than its curve may be off by', () => {
  const { after } = scene()
  // 65 W is 5 W above its curve; at 100 W three times 5 % of 80 W are less than 20 W.
  assert.deepEqual([after(65), after(100)], [5, 12])
})

test('what was held by its cap has shown nothing, what drew less has', () => {
  const held = scene()
  apply(held.state, { type: 'job.measured', job: held.job, capW: 30, speed: 0.5, drawW: 30 })
  assert.deepEqual([held.after(65), held.after(100)], [5, 12])
  const free = scene()
  apply(free.state, { type: 'job.measured', job: free.job, capW: 65, speed: 0.9, drawW: 60 })
  assert.ok(Math.abs(free.after(100) - 0.15 * 20) < 1e-9)
})

test('counts from the order until a minute after it is in force', () => {
  const { state, job } = scene()
  advance(state, 100_000)
  assert.equal(edgeW(state), 170)
  apply(state, { type: 'job.capped', job, capW: 65, safeW: 65 })
  assert.equal(state.tables.feeders.surge[0], 20)
  // 120 W are booked of 170; of 200 less 20 that is no less.
  assert.equal(edgeW(state), 50)
  apply(state, { type: 'job.capped', job, capW: 100, safeW: 65 })
  assert.equal(state.tables.feeders.surge[0], 48)
  assert.equal(edgeW(state), 0)
  advance(state, 120_000)
  apply(state, { type: 'cap.confirmed', job, capW: 100 })
  assert.deepEqual([state.tables.feeders.surge[0], state.tables.feeders.surged[0]], [0, 48])
  const sinceW = () => surgeSinceW(state, 0, state.totals.nowMs - 60_000, 0)
  advance(state, 170_000)
  assert.equal(sinceW(), 48)
  advance(state, 185_000)
  assert.equal(sinceW(), 0)
})

test('a job that ends on the way up brings nothing', () => {
  const { state, job } = scene()
  apply(state, { type: 'job.capped', job, capW: 100, safeW: 65 })
  apply(state, { type: 'job.ended', job, outcome: 'completed' })
  assert.equal(state.tables.feeders.surge[0], 0)
})
